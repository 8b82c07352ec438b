/**
 * A cluster of three workers as processes: the life of a connector through any of them, statuses
 * that converge everywhere, balance, what is in the internal topics, and calls between workers.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type ClusterWorker,
  type UnitState,
  untilState,
  WorkerCluster,
} from '../support/cluster-workers.ts'
import { classicSettings, JSON_CONVERTER } from '../support/kcql-sink.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { send, sinkSettings, until } from '../support/standalone.ts'
import { type TestTopic, testKafka, testTopic } from '../support/topic.ts'

let keyspace: TestKeyspace
let topic: TestTopic
let cluster: WorkerCluster
let workers: ClusterWorker[]

beforeAll(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(4)
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v text)`)
  cluster = new WorkerCluster(testKafka().bootstrapServers)
  workers = await cluster.startAll(3)
})
afterAll(async () => {
  await cluster?.close()
  await topic?.drop()
  await keyspace?.drop()
})

const newName = () => `d ${randomBytes(3).toString('hex')}`
const at = (name: string, rest = '') => `/connectors/${encodeURIComponent(name)}${rest}`
const config = (name: string, more: Record<string, string> = {}) =>
  sinkSettings(name, topic.name, {
    [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value',
    'tasks.max': '2',
    ...more,
  })
const count = async () => {
  const { rows } = await keyspace.client.execute(`SELECT count(*) AS n FROM ${keyspace.name}.kv`)
  return Number(rows[0]?.['n'])
}
const produce = (from: number, to: number) =>
  send(
    topic.name,
    Array.from({ length: to - from }, (_, i) => ({
      key: `k${from + i}`,
      value: `v${from + i}`,
      partition: (from + i) % 4,
    })),
  )

describe('a cluster of workers', () => {
  it('lives a connector through any worker', async () => {
    const [a, b, c] = workers as [ClusterWorker, ClusterWorker, ClusterWorker]
    const name = newName()
    const created = await a.call('POST', '/connectors', { name, config: config(name) })
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe(at(name))
    expect(created.json).toMatchObject({ name, type: 'sink' })
    expect((await b.call('POST', '/connectors', { name, config: config(name) })).status).toBe(409)
    for (const worker of workers) await untilState(worker, encodeURIComponent(name), running(2))
    await produce(0, 40)
    await until('rows', async () => (await count()) === 40)

    expect((await b.call('PUT', at(name, '/pause'))).status).toBe(202)
    for (const worker of workers) {
      await untilState(worker, encodeURIComponent(name), { state: 'PAUSED', tasks: 2 })
    }
    await produce(40, 50)
    expect((await c.call('PUT', at(name, '/resume'))).status).toBe(202)
    await until('rows after the pause', async () => (await count()) === 50)

    const changed = await c.call('PUT', at(name, '/config'), config(name, { 'tasks.max': '3' }))
    expect(changed.status).toBe(200)
    for (const worker of workers) await untilState(worker, encodeURIComponent(name), running(3))
    const patched = await a.call('PATCH', at(name, '/config'), { 'tasks.max': '1' })
    expect(patched.json.config['tasks.max']).toBe('1')
    for (const worker of workers) await untilState(worker, encodeURIComponent(name), running(1))

    const offsets = await until('offsets', async () => {
      const { json } = await b.call('GET', at(name, '/offsets'))
      return json.offsets.length === 4 && json.offsets
    })
    expect(offsets[0].partition.kafka_topic).toBe(topic.name)
    expect((await a.call('DELETE', at(name, '/offsets'))).status).toBe(400)

    expect((await b.call('PUT', at(name, '/stop'))).status).toBe(204)
    for (const worker of workers) {
      await untilState(worker, encodeURIComponent(name), { state: 'STOPPED', tasks: 0 })
    }
    const reset = await until('reset', async () => {
      const answer = await c.call('DELETE', at(name, '/offsets'))
      return answer.status === 200 && answer
    })
    expect(reset.json.message).toContain('reset')
    expect((await a.call('GET', at(name, '/offsets'))).json).toEqual({ offsets: [] })

    expect((await c.call('PUT', at(name, '/resume'))).status).toBe(202)
    for (const worker of workers) await untilState(worker, encodeURIComponent(name), running(1))
    expect((await b.call('DELETE', at(name))).status).toBe(204)
    for (const worker of workers) {
      await until('gone', async () => (await worker.call('GET', at(name))).status === 404)
      await until(
        'no status',
        async () => (await worker.call('GET', at(name, '/status'))).status === 404,
      )
    }
  })

  it('is read by everybody as soon as its creation was answered, and by its deleter no more', async () => {
    for (const worker of workers) {
      const name = newName()
      expect(
        (await worker.call('POST', '/connectors', { name, config: config(name) })).status,
      ).toBe(201)
      for (const reader of workers) {
        expect((await reader.call('GET', at(name))).status).toBe(200)
        expect((await reader.call('GET', at(name, '/status'))).status).toBe(200)
      }
      expect((await worker.call('DELETE', at(name))).status).toBe(204)
      expect((await worker.call('GET', at(name))).status).toBe(404)
    }
  })

  it('restarts through any worker, alone, with tasks, and single tasks', async () => {
    const name = newName()
    await workers[0]!.call('POST', '/connectors', { name, config: config(name) })
    await untilState(workers[0]!, encodeURIComponent(name), running(2))
    for (const worker of workers) {
      expect((await worker.call('POST', at(name, '/restart'))).status).toBe(204)
      expect((await worker.call('POST', at(name, '/tasks/0/restart'))).status).toBe(204)
      const all = await worker.call('POST', at(name, '/restart?includeTasks=true'))
      expect(all.status).toBe(202)
      expect(all.json.connector.state).toBe('RESTARTING')
      expect(all.json.tasks.map((one: { state: string }) => one.state)).toEqual([
        'RESTARTING',
        'RESTARTING',
      ])
      await untilState(worker, encodeURIComponent(name), running(2))
      expect((await worker.call('POST', at('nobody', '/restart'))).json).toEqual({
        error_code: 404,
        message: 'Unknown connector: nobody',
      })
      expect((await worker.call('POST', at(name, '/tasks/7/restart'))).json.message).toBe(
        `Unknown task: ${name}-7`,
      )
    }
    await workers[1]!.call('DELETE', at(name))
  })

  it('fails visibly on every worker and recovers with a new configuration', async () => {
    const name = newName()
    const mapping = `topic.${topic.name}.${keyspace.name}.kv.mapping`
    const unknown = config(name, { [mapping]: 'k=key, nothing=value' })
    const refused = await workers[2]!.call('POST', '/connectors', { name, config: unknown })
    expect([refused.status, refused.json.message]).toEqual([
      400,
      expect.stringContaining(`${mapping}: expected columns of`),
    ])
    const wrong = config(name, { 'loadBalancing.localDc': 'nothing' })
    expect((await workers[2]!.call('POST', '/connectors', { name, config: wrong })).status).toBe(
      201,
    )
    for (const worker of workers) {
      await until('a failed task', async () => {
        const { json } = await worker.call('GET', at(name, '/status'))
        return (
          json?.tasks?.length === 2 && json.tasks.every((one: UnitState) => one.state === 'FAILED')
        )
      })
      const { json } = await worker.call('GET', at(name, '/tasks/1/status'))
      expect(json.trace).toContain('nothing')
      // Any worker tells what follows, not only the one that will do it.
      expect(json.trace).toMatch(/\nRestarts by itself at \d{4}-.*Z \(1 of 20\)\.$/)
    }
    const logs = workers.map(worker => worker.logs()).join('\n')
    expect(logs).toMatch(/the task failed; Restarts by itself at/)
    expect(logs).not.toContain('the task failed; it stays FAILED')
    expect((await workers[1]!.call('PUT', at(name, '/config'), config(name))).status).toBe(200)
    for (const worker of workers) await untilState(worker, encodeURIComponent(name), running(2))
    const metrics = await Promise.all(workers.map(worker => worker.call('GET', '/metrics')))
    const sum = (series: string) =>
      metrics
        .flatMap(
          ({ text }) => text.match(new RegExp(`^kafka_connect_worker_${series} (\\d+)`, 'm')) ?? [],
        )
        .reduce((total, found) => total + (Number(found) || 0), 0)
    expect(sum('connector_startup_success_total')).toBeGreaterThan(0)
    expect(sum('task_startup_success_total')).toBeGreaterThanOrEqual(2)
    expect(sum('task_startup_failure_total')).toBeGreaterThanOrEqual(2)
    expect(sum('task_startup_attempts_total')).toBe(
      sum('task_startup_success_total') + sum('task_startup_failure_total'),
    )
    await workers[0]!.call('DELETE', at(name))
  })

  it('moves the orders of the KCQL sink into several keyspaces, its tasks on all workers', async () => {
    await using orders = await testTopic(6)
    await using second = await testKeyspace()
    const keyspaces = [keyspace, second]
    const kcql = `INSERT INTO orders SELECT id, created, customer AS name FROM ${orders.name}`
    const names = await Promise.all(
      keyspaces.map(async ({ name: target, client }) => {
        const columns = 'id int PRIMARY KEY, created text, name text'
        await client.execute(`CREATE TABLE ${target}.orders (${columns})`)
        const name = newName()
        const of = { name, keyspace: { name: target }, topic: orders }
        const more = { 'tasks.max': '3', 'value.converter': JSON_CONVERTER }
        const body = { name, config: classicSettings(of, kcql, more) }
        expect((await workers[1]!.call('POST', '/connectors', body)).status).toBe(201)
        return name
      }),
    )
    const fields = [
      { field: 'id', type: 'int32' },
      { field: 'created', type: 'string' },
      { field: 'customer', type: 'string' },
    ]
    const order = (id: number) => ({
      value: JSON.stringify({
        schema: { type: 'struct', fields },
        payload: { id, created: `day ${id}`, customer: `c${id}` },
      }),
      partition: id % 6,
    })
    const have = async (ids: number) => {
      for (const { name: target, client } of keyspaces) {
        const { rows } = await client.execute(`SELECT id, created, name FROM ${target}.orders`)
        const isRight = rows.every(
          row => row['name'] === `c${row['id']}` && row['created'] !== null,
        )
        if (rows.length !== ids || !isRight) return false
      }
      return true
    }
    for (const name of names) await untilState(workers[0]!, encodeURIComponent(name), running(3))
    await send(
      orders.name,
      Array.from({ length: 30 }, (_, id) => order(id)),
    )
    await until('the orders in both keyspaces', () => have(30))
    // More tasks than workers: they spread, and a change of tasks.max loses nothing.
    const [first] = names
    const scaled = await workers[2]!.call('PATCH', at(first!, '/config'), { 'tasks.max': '6' })
    expect(scaled.status).toBe(200)
    await untilState(workers[0]!, encodeURIComponent(first!), running(6))
    await until('tasks on every worker', async () => {
      const { json } = await workers[0]!.call('GET', at(first!, '/status'))
      return new Set(json.tasks.map((task: UnitState) => task.worker_id)).size === workers.length
    })
    await send(
      orders.name,
      Array.from({ length: 30 }, (_, id) => order(30 + id)),
    )
    await until('further orders in both keyspaces', () => have(60))
    for (const name of names) await workers[0]!.call('DELETE', at(name))
  })

  it('shares twelve connectors evenly, also with a worker that joins and one that leaves', async () => {
    const names = Array.from({ length: 12 }, newName)
    await Promise.all(
      names.map((name, i) =>
        workers[i % 3]!.call('POST', '/connectors', {
          name,
          config: config(name, { 'tasks.max': '1' }),
        }),
      ),
    )
    const shares = async (worker: ClusterWorker) => {
      const { json } = await worker.call('GET', '/connectors?expand=status')
      const tasks: Record<string, number> = {}
      const connectors: Record<string, number> = {}
      for (const name of names) {
        const { connector, tasks: all } = json[name]?.status ?? {}
        if (connector?.state !== 'RUNNING' || all[0]?.state !== 'RUNNING') return undefined
        connectors[connector.worker_id] = (connectors[connector.worker_id] ?? 0) + 1
        tasks[all[0].worker_id] = (tasks[all[0].worker_id] ?? 0) + 1
      }
      return { tasks: Object.values(tasks).sort(), connectors: Object.values(connectors).sort() }
    }
    const evenly = (size: number) =>
      until(`${size} workers with ${12 / size} each`, async () => {
        const found = await shares(workers[0]!)
        const want = JSON.stringify(Array.from({ length: size }, () => 12 / size))
        return JSON.stringify(found?.tasks) === want && JSON.stringify(found?.connectors) === want
      })
    await evenly(3)
    const fourth = await cluster.start()
    await evenly(4)
    expect(await fourth.kill('SIGTERM')).toBe(0)
    await evenly(3)
    await Promise.all(names.map(name => workers[0]!.call('DELETE', at(name))))
  })

  it('takes writes that meet through all workers, one after the other', async () => {
    const name = newName()
    const taken = workers.flatMap(worker =>
      [1, 2].map(() => worker.call('POST', '/connectors', { name, config: config(name) })),
    )
    const created = (await Promise.all(taken)).map(answer => answer.status)
    expect(created.sort()).toEqual([201, 409, 409, 409, 409, 409])
    const puts = workers.flatMap(worker =>
      ['1', '2', '3', '4'].map(tasks =>
        worker.call('PUT', at(name, '/config'), config(name, { 'tasks.max': tasks })),
      ),
    )
    const patches = workers.map((worker, i) =>
      worker.call('PATCH', at(name, '/config'), { [`consumer.override.client.${i}`]: 'x' }),
    )
    const answers = await Promise.all([...puts, ...patches])
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([200]))
    const last = await workers[0]!.call('PATCH', at(name, '/config'), { 'tasks.max': '3' })
    expect(last.status).toBe(200)
    for (const worker of workers) {
      await untilState(worker, encodeURIComponent(name), running(3))
      expect((await worker.call('GET', at(name, '/config'))).json).toEqual(last.json.config)
    }
    const gone = await Promise.all(workers.map(worker => worker.call('DELETE', at(name))))
    expect(gone.map(answer => answer.status).sort()).toEqual([204, 404, 404])
  })

  it('refuses calls between workers that are not signed', async () => {
    for (const worker of workers) {
      const bare = await worker.call('POST', at('x', '/tasks'), [])
      expect(bare.status).toBe(400)
      expect(bare.json.message).toBe('Internal request missing required signature')
      const forged = await worker.call('POST', at('x', '/tasks'), [], {
        'x-connect-authorization': 'AAAA',
        'x-connect-request-signature-algorithm': 'HmacSHA256',
      })
      expect(forged.status).toBe(403)
      expect(forged.json.message).toBe('Internal request contained invalid signature.')
    }
  })

  it('answers 400 and 404 as a worker that is alone does', async () => {
    for (const worker of workers) {
      const name = newName()
      const wrong = await worker.call('POST', '/connectors', {
        name,
        config: config(name, { 'tasks.max': '0' }),
      })
      expect(wrong.status).toBe(400)
      expect(wrong.json.message).toContain('Value must be at least 1')
      expect((await worker.call('GET', at('nobody'))).status).toBe(404)
      expect((await worker.call('PUT', at('nobody', '/pause'))).json.message).toBe(
        'Unknown connector nobody',
      )
      expect((await worker.call('GET', at('nobody', '/topics'))).status).toBe(200)
    }
  })
})

function running(tasks: number) {
  return { state: 'RUNNING', tasks }
}
