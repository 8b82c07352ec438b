/**
 * kill -9 of a worker with a source, and servers that go away under it: every row is in the topic,
 * rows come twice only behind the position that was stored when the worker died, and a clean stop
 * repeats nothing.
 * The first two cases were seen to fail with positions stored before the records are accepted
 * (source-task) and the position of a window moved with its first page (time-reader), both at once.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FaultScene, order } from '../support/faults.ts'
import { countRecords, JSON_CONVERTER, TopicLog } from '../support/source.ts'
import { type Settings, until } from '../support/standalone.ts'
import { closeAll, useBroker } from '../support/topic-reader.ts'

let scene: FaultScene
let worker: Settings

beforeEach(async () => {
  scene = await FaultScene.open(3)
  useBroker(scene.kafka.bootstrapServers)
  worker = {
    'offset.storage.file.filename': join(scene.folder, 'source-offsets'),
    'key.converter': JSON_CONVERTER,
    'key.converter.schemas.enable': 'false',
    'value.converter': JSON_CONVERTER,
    'value.converter.schemas.enable': 'false',
    'producer.request.timeout.ms': '3000',
  }
  await scene.keyspace.client.execute(
    `CREATE TABLE ${scene.keyspace.name}.events (id int PRIMARY KEY, at timestamp)`,
  )
})
afterEach(async () => {
  await closeAll()
  await scene.close()
})

/** Rows of `events`, written by the clock of their writing. */
async function write(from: number, to: number, perSecond = Number.POSITIVE_INFINITY) {
  const insert = `INSERT INTO ${scene.keyspace.name}.events (id, at) VALUES (?, ?)`
  const { client } = scene.keyspace
  for (let at = from; at < to; at += 50) {
    const ids = Array.from({ length: Math.min(50, to - at) }, (_, i) => at + i)
    const now = new Date()
    await Promise.all(ids.map(id => client.execute(insert, [id, now], { prepare: true })))
    if (Number.isFinite(perSecond)) await sleep((50 / perSecond) * 1000)
  }
}

function ranges(more: Settings = {}): Settings {
  const { contactPoints, port, localDatacenter } = scene.cassandra
  return {
    name: scene.name,
    'connector.class': 'com.datastax.oss.kafka.source.CassandraSourceConnector',
    contactPoints: contactPoints.join(','),
    port: String(port),
    'loadBalancing.localDc': localDatacenter,
    query: `SELECT id, at FROM ${scene.keyspace.name}.events WHERE token(id) > ? AND token(id) <= ?`,
    'topic.prefix': `${scene.topic.name}-`,
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
    'page.size': '20',
    mode: 'once',
    ...more,
  }
}

function byTime(more: Settings = {}): Settings {
  const { contactPoints, port } = scene.cassandra
  return {
    name: scene.name,
    'connector.class': 'io.lenses.streamreactor.connect.cassandra.source.CassandraSourceConnector',
    'connect.cassandra.contact.points': contactPoints.join(','),
    'connect.cassandra.port': String(port),
    'connect.cassandra.key.space': scene.keyspace.name,
    'connect.cassandra.kcql': `INSERT INTO ${scene.topic.name} SELECT id, at FROM events PK at INCREMENTALMODE=TIMESTAMP`,
    'connect.cassandra.slice.delay.ms': '500',
    'connect.cassandra.import.poll.interval': '100',
    'connect.cassandra.batch.size': '25',
    ...more,
  }
}

/** How often each id is in the topic, once all are there. */
async function counts(topic: string, rows: number): Promise<number[]> {
  const log = await TopicLog.open(topic)
  const found = new Map<number, number>()
  await until(
    `${rows} rows in the topic`,
    async () => {
      await log.readOnce()
      found.clear()
      for (const { value } of log.records) {
        const { id } = JSON.parse(value!) as { id: number }
        found.set(id, (found.get(id) ?? 0) + 1)
      }
      return found.size >= rows
    },
    60_000,
  )
  expect(found.size).toBe(rows)
  return [...found.values()]
}

const total = (all: readonly number[]) => all.reduce((sum, count) => sum + count, 0)

it('kill -9 while a table is read by token ranges loses no row', async () => {
  const rows = 4_000
  await write(0, rows)
  const topic = `${scene.topic.name}-events`
  for (let round = 0; round < 3; round++) {
    const before = await countRecords(topic)
    const running = await scene.startWorker(ranges(), worker)
    await until('progress', async () => (await countRecords(topic)) > before)
    await sleep(Math.random() * 150)
    await running.kill('SIGKILL')
  }
  await scene.startWorker(ranges(), worker)
  const all = await counts(topic, rows)
  console.info('range source killed 3 times:', { rows, records: total(all) })
})

it('kill -9 while rows are written and read by time loses no row', async () => {
  const rows = 3_000
  const writing = write(0, rows, 500)
  for (let round = 0; round < 3; round++) {
    const running = await scene.startWorker(byTime(), worker)
    const before = await countRecords(scene.topic.name)
    await until('progress', async () => (await countRecords(scene.topic.name)) > before)
    await sleep(300 + Math.random() * 300)
    await running.kill('SIGKILL')
  }
  await writing
  await scene.startWorker(byTime(), worker)
  const all = await counts(scene.topic.name, rows)
  console.info('time source killed 3 times:', { rows, records: total(all) })
})

it('clean stops under load repeat nothing', async () => {
  const rows = 2_500
  const writing = write(0, rows, 700)
  const rarely = { ...worker, 'offset.flush.interval.ms': '60000' }
  for (let round = 0; round < 2; round++) {
    const running = await scene.startWorker(byTime(), rarely)
    const before = await countRecords(scene.topic.name)
    await until('progress', async () => (await countRecords(scene.topic.name)) > before)
    await sleep(400)
    expect(await running.kill('SIGTERM')).toBe(0)
  }
  await writing
  await scene.startWorker(byTime(), rarely)
  const all = await counts(scene.topic.name, rows)
  await sleep(1_000)
  expect(await countRecords(scene.topic.name)).toBe(rows)
  expect(total(all)).toBe(rows)
})

it('goes on after Cassandra and Kafka were away', async () => {
  const running = await scene.startWorker(byTime(), worker)
  await write(0, 300)
  await until('the first rows', async () => (await countRecords(scene.topic.name)) >= 300)
  await order('cassandra', 'kill')
  await sleep(1_500)
  await order('cassandra', 'start')
  const ask = () => scene.keyspace.client.execute('SELECT key FROM system.local')
  await until("the test's own client", () =>
    ask().then(
      () => true,
      () => false,
    ),
  )
  await write(300, 600)
  await until(
    'rows after Cassandra',
    async () => (await countRecords(scene.topic.name)) >= 600,
    60_000,
  )
  await order('kafka', 'kill')
  await write(600, 900)
  await sleep(1_500)
  await order('kafka', 'start')
  const all = await counts(scene.topic.name, 900)
  expect(await scene.isRunning(running)).toBe(true)
  console.info('source over outages:', { rows: 900, records: total(all) })
})
