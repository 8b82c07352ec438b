/**
 * The REST API of a standalone worker over a real socket: the life of a connector with the exact
 * statuses that clients check, metrics, logins.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
  callRest,
  type Settings,
  send,
  sinkSettings,
  startWorker,
  type TestWorker,
  until,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'

let keyspace: TestKeyspace
let topic: TestTopic
let worker: TestWorker
let name: string
let config: Record<string, string>

beforeEach(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(2)
  name = `rest sink+é ${randomBytes(3).toString('hex')}`
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v text)`)
  config = sinkSettings(name, topic.name, {
    [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value',
    'tasks.max': '2',
  })
})
afterEach(async () => {
  await worker?.stop()
  await topic.drop()
  await keyspace.drop()
})

const path = (rest = '') => `/connectors/${encodeURIComponent(name)}${rest}`
const count = async () => {
  const { rows } = await keyspace.client.execute(`SELECT count(*) AS n FROM ${keyspace.name}.kv`)
  return Number(rows[0]?.['n'])
}
const states = async () => {
  const { json } = await worker.call('GET', path('/status'))
  return [json.connector.state, ...json.tasks.map((task: { state: string }) => task.state)].join()
}
const becomes = (expected: string) =>
  until(`${expected} of ${name}`, async () => (await states()) === expected)
const produce = (from: number, to: number) =>
  send(
    topic.name,
    Array.from({ length: to - from }, (_, i) => ({
      key: `k${from + i}`,
      value: `v${from + i}`,
      partition: (from + i) % 2,
    })),
  )

describe('the life of a connector', () => {
  it('is created, paused, resumed, stopped, restarted, changed and deleted', async () => {
    worker = await startWorker([])
    expect((await worker.call('GET', '/health')).json).toEqual({
      status: 'healthy',
      message: 'Worker has completed startup and is ready to handle requests.',
    })
    const created = await worker.call('POST', '/connectors', { name, config })
    expect([created.status, created.headers.get('location')]).toEqual([201, path()])
    const info = {
      name,
      config,
      tasks: [
        { connector: name, task: 0 },
        { connector: name, task: 1 },
      ],
      type: 'sink',
    }
    expect(created.json).toEqual(info)
    expect(Object.keys(created.json)).toEqual(['name', 'config', 'tasks', 'type'])
    const again = await worker.call('POST', '/connectors', { name, config })
    expect([again.status, again.json]).toEqual([
      409,
      { error_code: 409, message: `Connector ${name} already exists` },
    ])
    expect((await worker.call('GET', '/connectors')).json).toEqual([name])
    expect((await worker.call('GET', path())).json).toEqual(info)
    expect((await worker.call('GET', path('/config'))).json).toEqual(config)
    await becomes('RUNNING,RUNNING,RUNNING')
    const status = (await worker.call('GET', path('/status'))).json
    expect(status.connector).toEqual({
      state: 'RUNNING',
      worker_id: worker.url.slice('http://'.length),
      version: expect.stringMatching(/^\d+\.\d+/),
    })
    expect((await worker.call('GET', path('/tasks/1/status'))).json).toEqual(status.tasks[1])
    expect((await worker.call('GET', path('/tasks'))).json[1]).toMatchObject({
      id: { connector: name, task: 1 },
      config,
    })
    const expanded = (await worker.call('GET', '/connectors?expand=info&expand=status')).json
    expect(expanded).toEqual({ [name]: { status, info } })
    await produce(0, 10)
    await until('10 rows', async () => (await count()) === 10)

    expect((await worker.call('PUT', path('/pause'))).status).toBe(202)
    await becomes('PAUSED,PAUSED,PAUSED')
    expect((await worker.call('PUT', path('/pause'))).status).toBe(202)
    await produce(10, 20)
    await new Promise(resolve => setTimeout(resolve, 1_000))
    expect(await count()).toBe(10)
    expect((await worker.call('PUT', path('/resume'))).status).toBe(202)
    await becomes('RUNNING,RUNNING,RUNNING')
    await until('20 rows', async () => (await count()) === 20)

    const stop = await worker.call('PUT', path('/stop'))
    expect([stop.status, stop.text]).toEqual([204, ''])
    expect(await states()).toBe('STOPPED')
    await produce(20, 30)
    const offsets = (await worker.call('GET', path('/offsets'))).json.offsets
    expect(
      offsets.map((one: { offset: object; partition: object }) => [one.partition, one.offset]),
    ).toEqual(
      [0, 1].map(partition => [
        { kafka_topic: topic.name, kafka_partition: partition },
        { kafka_offset: 10 },
      ]),
    )
    expect((await worker.call('PUT', path('/pause'))).status).toBe(202)
    expect(await states()).toBe('PAUSED')
    expect((await worker.call('PUT', path('/resume'))).status).toBe(202)
    await becomes('RUNNING,RUNNING,RUNNING')
    await until('30 rows', async () => (await count()) === 30)

    expect((await worker.call('POST', path('/restart'))).status).toBe(204)
    const restart = await worker.call('POST', path('/restart?includeTasks=true'))
    expect(restart.status).toBe(202)
    expect(restart.json.tasks.map((task: { state: string }) => task.state)).toEqual([
      'RESTARTING',
      'RESTARTING',
    ])
    await becomes('RUNNING,RUNNING,RUNNING')
    const onlyFailed = await worker.call('POST', path('/restart?includeTasks=true&onlyFailed=true'))
    expect([onlyFailed.status, onlyFailed.json.connector.state]).toEqual([202, 'RUNNING'])
    expect((await worker.call('POST', path('/tasks/0/restart'))).status).toBe(204)
    expect((await worker.call('POST', path('/tasks/7/restart'))).status).toBe(404)
    await becomes('RUNNING,RUNNING,RUNNING')

    const put = await worker.call('PUT', path('/config'), { ...config, 'tasks.max': 1 })
    expect([put.status, put.json.config['tasks.max']]).toEqual([200, '1'])
    await becomes('RUNNING,RUNNING')
    const patch = await worker.call('PATCH', path('/config'), {
      'tasks.max': null,
      port: config['port'],
    })
    expect([patch.status, 'tasks.max' in patch.json.config]).toEqual([200, false])
    const bad = await worker.call('PATCH', path('/config'), { topics: '' })
    expect([bad.status, bad.json.error_code]).toEqual([400, 400])
    expect((await worker.call('GET', path('/config'))).json['topics']).toBe(topic.name)
    await produce(30, 40)
    await until('40 rows', async () => (await count()) === 40)

    const gone = await worker.call('DELETE', path())
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect((await worker.call('GET', path('/status'))).status).toBe(404)
    expect((await worker.call('GET', '/connectors')).json).toEqual([])
  })

  it('can begin paused or stopped, by PUT as well', async () => {
    worker = await startWorker([])
    const post = { name, config, initial_state: 'STOPPED' }
    expect((await worker.call('POST', '/connectors', post)).json.tasks).toEqual([])
    expect(await states()).toBe('STOPPED')
    await worker.call('DELETE', path())
    await worker.call('POST', '/connectors', { ...post, initial_state: 'paused' })
    await becomes('PAUSED,PAUSED,PAUSED')
    await worker.call('DELETE', path())
    const put = await worker.call('PUT', path('/config'), config)
    expect([put.status, put.headers.get('location')]).toEqual([201, path()])
    await becomes('RUNNING,RUNNING,RUNNING')
  })

  it('is refused with the field when its tables or columns are not on the cluster', async () => {
    worker = await startWorker([])
    const table = `topic.${topic.name}.${keyspace.name}`
    const mapping = config[`${table}.kv.mapping`]!
    for (const [key, more, message] of [
      [`${table}.nothing.mapping`, 'k=key', 'expected table "nothing"'],
      [`${table}.kv.mapping`, `${mapping}, nix=value.n`, 'found nix, which it does not have'],
      [`${table}.kv.mapping`, 'v=value', 'every primary key column must be mapped'],
      [`topic.${topic.name}.nowhere.kv.mapping`, mapping, 'expected keyspace "nowhere"'],
    ] as const) {
      const wrong = { ...config, [key]: more }
      const { status, json } = await worker.call('POST', '/connectors', { name, config: wrong })
      expect([status, json.error_code, json.message]).toEqual([
        400,
        400,
        expect.stringContaining(`${key}: `),
      ])
      expect(json.message).toContain(message)
      const type = encodeURIComponent(config['connector.class']!)
      const path = `/connector-plugins/${type}/config/validate`
      const infos = (await worker.call('PUT', path, wrong)).json
      const field = infos.configs.find((one: { value: { name: string } }) => one.value.name === key)
      expect([infos.error_count, field.value.errors.length]).toEqual([1, 1])
    }
    expect((await worker.call('GET', '/connectors')).json).toEqual([])
  })

  it('goes on as FAILED when its start fails, and can be repaired', async () => {
    worker = await startWorker([], { 'scamander.validate.cluster': 'false' })
    const wrong = { ...config, [`topic.${topic.name}.${keyspace.name}.nothing.mapping`]: 'k=key' }
    expect((await worker.call('POST', '/connectors', { name, config: wrong })).status).toBe(201)
    await becomes('RUNNING,FAILED,FAILED')
    const { trace } = (await worker.call('GET', path('/tasks/0/status'))).json
    expect(trace).toMatch(/SCM_SINK_TABLE: .*nothing/)
    await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.nothing (k text PRIMARY KEY)`)
    const query = '/restart?includeTasks=true&onlyFailed=true'
    expect((await worker.call('POST', path(query))).status).toBe(202)
    await becomes('RUNNING,RUNNING,RUNNING')
  })

  it('takes new values of config providers when a task restarts', async () => {
    process.env['IT_DC'] = config['loadBalancing.localDc']!
    worker = await startWorker([{ ...config, 'loadBalancing.localDc': '$' + '{env:IT_DC}' }])
    process.env['IT_DC'] = 'elsewhere'
    expect((await worker.call('POST', path('/tasks/0/restart'))).status).toBe(204)
    await becomes('RUNNING,FAILED,RUNNING')
    process.env['IT_DC'] = config['loadBalancing.localDc']!
    expect((await worker.call('POST', path('/tasks/0/restart'))).status).toBe(204)
    await becomes('RUNNING,RUNNING,RUNNING')
  })

  it('survives operations that meet', async () => {
    worker = await startWorker([config])
    const calls = ['/pause', '/resume', '/stop', '/resume', '/pause', '/resume']
    const answers = await Promise.all(calls.map(call => worker.call('PUT', path(call))))
    expect(answers.map(answer => answer.status)).toEqual([202, 202, 204, 202, 202, 202])
    await becomes('RUNNING,RUNNING,RUNNING')
    await produce(0, 4)
    await until('4 rows', async () => (await count()) === 4)
  })
})

describe('metrics', () => {
  it('follow the tasks, under the names of Kafka Connect and our own', async () => {
    worker = await startWorker([config], { 'scamander.metrics.listeners': 'http://127.0.0.1:0' })
    await produce(0, 10)
    await until('10 rows', async () => (await count()) === 10)
    const read = async (): Promise<string> =>
      (await callRest(worker.metricsUrl!, 'GET', '/metrics')).text
    const label = `connector="${name}"`
    await until('the counters', async () => {
      const total = [
        ...(await read()).matchAll(
          /^kafka_connect_sink_task_sink_record_read_total\{.*\} (\d+)$/gm,
        ),
      ]
      return total.reduce((sum, one) => sum + Number(one[1]), 0) === 10
    })
    const text = await read()
    expect(text).toContain('kafka_connect_worker_connector_count 1\n')
    expect(text).toContain(`kafka_connect_worker_connector_running_task_count{${label}} 2\n`)
    expect(text).toContain(`kafka_connect_connector_status{${label},status="running"} 1\n`)
    expect(text).toMatch(/^scamander_sink_records_total\{.*\} 10$/m)
    const beans = (await callRest(worker.metricsUrl!, 'GET', '/jmx')).json.beans
    expect((await worker.call('GET', '/jmx?qry=com.datastax.oss.*')).json.beans).toHaveLength(7)
    const bean = (rest: string) => {
      const found = `com.datastax.oss.kafka.sink:connector="${name}",${rest}`
      return beans.find((one: { name: string }) => one.name === found)
    }
    const ofTable = (metric: string) =>
      bean(`topic=${topic.name},keyspace=${keyspace.name},table=kv,name=${metric}`)
    expect(ofTable('recordCount')).toMatchObject({ Count: 10, OneMinuteRate: expect.any(Number) })
    expect(ofTable('failedRecordCount').Count).toBe(0)
    expect(ofTable('batchSizeInBytes')).toMatchObject({ Count: 10, Min: expect.any(Number) })
    const requests = bean('driver=driver,session=s0,name=cql-requests')
    expect(requests.Count).toBeGreaterThan(0)
    expect(requests.Count).toBe(ofTable('batchSize').Count)
    expect(requests['99thPercentile']).toBeGreaterThan(0)
    expect(bean('driver=driver,session=s0,name=cql-client-timeouts')).toMatchObject({ Count: 0 })
    expect(bean('name=failedRecordsWithUnknownTopic')).toMatchObject({ Count: 0 })
    await worker.call('PUT', path('/pause'))
    const paused = await read()
    expect(paused).toContain(`kafka_connect_connector_status{${label},status="paused"} 1\n`)
    expect(paused).not.toContain('status="running"')
    await worker.call('DELETE', path())
    expect(await read()).not.toContain(label)
    expect((await worker.call('GET', '/jmx')).json).toEqual({ beans: [] })
  })
})

describe('logins', () => {
  const logins: Settings = {
    'scamander.rest.basic.users': 'ann:pass-1',
    'scamander.rest.token': 'tok-1',
  }

  it('guard every address, that of the metrics too', async () => {
    worker = await startWorker([], {
      ...logins,
      'scamander.metrics.listeners': 'http://127.0.0.1:0',
    })
    expect((await worker.call('GET', '/connectors')).status).toBe(401)
    expect((await callRest(worker.metricsUrl!, 'GET', '/metrics')).status).toBe(401)
    const bearer = { authorization: 'Bearer tok-1' }
    expect((await worker.call('GET', '/connectors', undefined, bearer)).status).toBe(200)
    const basic = { authorization: `Basic ${btoa('ann:pass-1')}` }
    expect((await worker.call('GET', '/connectors', undefined, basic)).status).toBe(200)
  })
})
