/**
 * A source connector in a cluster: its task moves with its positions, which any worker shows,
 * changes and forgets, because they are in the compacted topic of offsets; or in a topic of the
 * connector's own, with a copy among the worker's.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ClusterWorker, untilState, WorkerCluster } from '../support/cluster-workers.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { countRecords, JSON_CONVERTER, kcqlSource, TopicLog } from '../support/source.ts'
import { until } from '../support/standalone.ts'
import { testKafka } from '../support/topic.ts'
import { admin, closeAll } from '../support/topic-reader.ts'

const name = `dsrc-${randomBytes(4).toString('hex')}`
const topic = `${name}-out`
let keyspace: TestKeyspace
let cluster: WorkerCluster
let alive: ClusterWorker | undefined

beforeAll(async () => {
  keyspace = await testKeyspace()
  await keyspace.client.execute(
    `CREATE TABLE ${keyspace.name}.events (id int PRIMARY KEY, created timestamp, text text)`,
  )
  cluster = new WorkerCluster(testKafka().bootstrapServers, {
    'value.converter': JSON_CONVERTER,
    'value.converter.schemas.enable': 'false',
    'topic.creation.enable': 'true',
  })
  await cluster.startAll(2)
})
afterAll(async () => {
  await cluster?.close()
  await admin().deleteTopics([topic, `${name}-own-out`, `${name}-own-offsets`])
  await closeAll()
  await keyspace?.drop()
})

async function insert(from: number, to: number): Promise<void> {
  const query = `INSERT INTO ${keyspace.name}.events (id, created, text) VALUES (?, ?, ?)`
  for (let id = from; id < to; id++) {
    const at = new Date(Date.now() - 60_000 + id)
    await keyspace.client.execute(query, [id, at, `t${id}`], { prepare: true })
  }
}

async function idsIn(count: number): Promise<Set<number>> {
  const log = await TopicLog.open(topic)
  const records = await log.readTo(count)
  return new Set(records.map(one => Number(JSON.parse(one.value!).id)))
}

it('moves with its positions, and they are changed through any worker', async () => {
  const [a, b] = cluster.workers as [ClusterWorker, ClusterWorker]
  await insert(0, 50)
  const config = kcqlSource(
    name,
    `INSERT INTO ${topic} SELECT * FROM events PK created INCREMENTALMODE=TIMESTAMP`,
    {
      'connect.cassandra.key.space': keyspace.name,
      'connect.cassandra.slice.delay.ms': '0',
      'topic.creation.default.partitions': '1',
      'topic.creation.default.replication.factor': '1',
    },
  )
  const created = await b.call('POST', '/connectors', { name, config })
  expect({ status: created.status, type: created.json.type }).toEqual({
    status: 201,
    type: 'source',
  })
  await until('the first rows', async () => (await countRecords(topic)) >= 50)
  const status = await untilState(a, name, { state: 'RUNNING', tasks: 1 })
  const offsets = await until('positions', async () => {
    const { json } = await b.call('GET', `/connectors/${name}/offsets`)
    return json.offsets.length === 1 && json.offsets
  })
  expect((await a.call('GET', `/connectors/${name}/offsets`)).json.offsets).toEqual(offsets)
  expect((await a.call('GET', `/connectors/${name}/topics`)).json[name].topics).toEqual([topic])

  const owner = cluster.workers.find(one => one.workerId === status.tasks[0]!.worker_id)!
  const other = owner === a ? b : a
  expect(await owner.kill('SIGTERM')).toBe(0)
  await insert(50, 80)
  await until('rows from the other worker', async () => (await countRecords(topic)) >= 80)
  const moved = await untilState(other, name, { state: 'RUNNING', tasks: 1 })
  expect(moved.tasks[0]!.worker_id).toBe(other.workerId)
  expect((await idsIn(80)).size).toBe(80)
  // A clean stop stores what was delivered: nothing came twice.
  expect(await countRecords(topic)).toBe(80)

  const third = await cluster.start()
  alive = third
  expect((await third.call('PUT', `/connectors/${name}/stop`)).status).toBe(204)
  await untilState(third, name, { state: 'STOPPED', tasks: 0 })
  const reset = await third.call('DELETE', `/connectors/${name}/offsets`)
  expect(reset.status).toBe(200)
  expect((await other.call('GET', `/connectors/${name}/offsets`)).json).toEqual({ offsets: [] })
  expect((await other.call('PUT', `/connectors/${name}/resume`)).status).toBe(202)
  await until('every row once more', async () => (await countRecords(topic)) >= 160)
  expect((await third.call('DELETE', `/connectors/${name}`)).status).toBe(204)
})

it("keeps positions in a topic of its own, and a copy among the worker's", async () => {
  const worker = alive ?? cluster.any
  const own = `${name}-own`
  const target = `${own}-out`
  await insert(0, 10)
  const config: Record<string, string> = {
    ...kcqlSource(
      own,
      `INSERT INTO ${target} SELECT * FROM events PK created INCREMENTALMODE=TIMESTAMP`,
      { 'connect.cassandra.key.space': keyspace.name, 'connect.cassandra.slice.delay.ms': '0' },
    ),
    'offsets.storage.topic': `${own}-offsets`,
  }
  const { 'offsets.storage.topic': _own, ...without } = config
  const offsets = async () => (await worker.call('GET', `/connectors/${own}/offsets`)).json.offsets
  const change = async (method: string, path: string, body?: unknown) =>
    expect((await worker.call(method, `/connectors/${own}${path}`, body)).status).toBeLessThan(300)

  await change('PUT', '/config', config)
  await until('the rows', async () => (await countRecords(target)) >= 10)
  const stored = await until('positions', async () => (await offsets()).length === 1 && offsets())
  const log = await TopicLog.open(`${own}-offsets`)
  const [first] = await log.readTo(1)
  expect(JSON.parse(first!.key!)).toEqual([own, stored[0].partition])
  const configs = await admin().topicConfigs(`${own}-offsets`)
  expect(configs.get('cleanup.policy')).toBe('compact')

  await change('PUT', '/stop')
  await untilState(worker, own, { state: 'STOPPED', tasks: 0 })
  const last = await offsets()
  await change('PUT', '/config', without)
  expect(await offsets()).toEqual(last)
  const changed = [{ partition: last[0].partition, offset: null }]
  await change('PUT', '/config', config)
  expect(await offsets()).toEqual(last)
  await change('PATCH', '/offsets', { offsets: changed })
  expect(await offsets()).toEqual([])
  await change('PUT', '/config', without)
  expect(await offsets()).toEqual([])
  await change('DELETE', '')
})
