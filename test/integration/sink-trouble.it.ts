/**
 * What a worker tells of a sink that runs and does not get on, on a real Kafka and Cassandra: a record
 * that fails for ever, until its mapping is mended; a topic that is not there, and is not made by looking.
 * Spec: cassandra-sink 7; ui 3 (Status), 5.1, 5.4.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testKeyspace } from '../support/keyspace.ts'
import { send, sinkSettings, startWorker, type TestWorker, until } from '../support/standalone.ts'
import { testTopic } from '../support/topic.ts'

const JSON_VALUES = {
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

let worker: TestWorker
let keyspace: Awaited<ReturnType<typeof testKeyspace>>
let topic: Awaited<ReturnType<typeof testTopic>>

beforeAll(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  await keyspace.client.execute(
    `CREATE TABLE ${keyspace.name}.t (k text PRIMARY KEY, n bigint, note text)`,
  )
  worker = await startWorker([])
})
afterAll(async () => {
  await worker?.stop()
  await topic?.drop()
  await keyspace?.drop()
})

const config = (name: string, of: string, mapping: string) =>
  sinkSettings(name, of, {
    [`topic.${of}.${keyspace.name}.t.mapping`]: mapping,
    ...JSON_VALUES,
    'offset.flush.interval.ms': '200',
  })
const flow = async (name: string) => {
  const { json } = await worker.call('GET', '/api/v1/flows')
  return json.connectors.find((one: { name: string }) => one.name === name)
}
const attention = async (name: string) => {
  const { json } = await worker.call('GET', '/api/v1/attention')
  return json.items.filter((one: { id: string }) => one.id === name)
}
const state = async (name: string) => {
  const { json } = await worker.call('GET', `/connectors/${name}/status`)
  return json
}

it('a record that fails for ever is told until its mapping is mended', async () => {
  const name = 'troubled'
  await send(topic.name, [
    { key: 'a', value: '{"n":1,"note":"x"}', partition: 0 },
    { key: 'b', value: '{"n":2}', partition: 0 },
    { key: 'c', value: '{"n":3,"note":"z"}', partition: 0 },
  ])
  const strict = config(name, topic.name, 'k=key,n=value.n,note=value.note')
  await worker.call('POST', '/connectors', { name, config: strict })
  await until(
    'its second failure',
    async () => ((await flow(name))?.troubles[0]?.attempts ?? 0) > 1,
  )
  const { troubles, waits, lag, failed } = await flow(name)
  expect(waits).toEqual([])
  expect(troubles).toMatchObject([{ task: 0, record: `${topic.name}-0@1`, isRecord: true }])
  expect(troubles[0].message).toContain('note')
  expect([troubles[0].advice, troubles[0].code].every(text => text.length > 0)).toBe(true)
  expect(failed).toBeGreaterThan(1)
  // The Connect API answers as Connect does.
  const connect = await state(name)
  expect([connect.connector.state, connect.tasks[0].state]).toEqual(['RUNNING', 'RUNNING'])
  expect(Object.keys(connect.tasks[0]).sort()).toEqual(['id', 'state', 'version', 'worker_id'])
  await until('attention', async () => (await attention(name)).length > 0)
  expect(await attention(name)).toMatchObject([{ kind: 'retrying', role: 'warn' }])
  await until('equal lags', async () => {
    const { json } = await worker.call('GET', `/api/v1/connectors/${name}/positions`)
    return json.partitions[0].lag === String((await flow(name)).lag)
  })
  expect(lag).toBe(2)

  const mended = config(name, topic.name, 'k=key,n=value.n')
  expect((await worker.call('PUT', `/connectors/${name}/config`, mended)).status).toBe(200)
  await until('the rest', async () => (await flow(name))?.lag === 0)
  expect((await flow(name)).troubles).toEqual([])
  await until('quiet', async () => (await attention(name)).length === 0)
  const { rows } = await keyspace.client.execute(`SELECT k FROM ${keyspace.name}.t`)
  expect(rows.map(row => row['k']).sort()).toEqual(['a', 'b', 'c'])
})

it('a topic that is not there is told, and is not made by asking', async () => {
  const absent = `${topic.name}-absent`
  const settings = config('absent', absent, 'k=key,n=value.n')
  for (let time = 0; time < 2; time++) {
    const { json } = await worker.call('POST', '/api/v1/connector-sample', { config: settings })
    expect(json.items).toMatchObject([{ topic: absent, state: 'missing', record: null }])
  }
  const draft = { name: 'absent', config: settings, initial_state: 'STOPPED' }
  await worker.call('POST', '/connectors', draft)
  const { json } = await worker.call('GET', '/api/v1/connectors/absent/positions')
  expect(json).toEqual({ partitions: [], maps: [], missing: [absent] })
})
