/**
 * kill -9 of a worker with a source, and servers that go away under it: every row is in the topic,
 * rows come twice only behind the position that was stored when the worker died, and a clean stop
 * repeats nothing. By ranges, and in every mode of KCQL that keeps a position.
 * The first two cases were seen to fail with positions stored before the records are accepted
 * (source-task) and the position of a window moved with its first page (time-reader), both at once.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { types } from 'cassandra-driver'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FaultScene, order } from '../support/faults.ts'
import { countRecords, JSON_CONVERTER, TopicLog } from '../support/source.ts'
import { type Settings, until } from '../support/standalone.ts'
import { closeAll, useBroker } from '../support/topic-reader.ts'

let scene: FaultScene
let worker: Settings
let beginning: string

beforeEach(async () => {
  scene = await FaultScene.open(3)
  useBroker(scene.kafka.bootstrapServers)
  beginning = new Date(Date.now() - 1_000).toISOString().replace('T', ' ')
  worker = {
    'offset.storage.file.filename': join(scene.folder, 'source-offsets'),
    'key.converter': JSON_CONVERTER,
    'key.converter.schemas.enable': 'false',
    'value.converter': JSON_CONVERTER,
    'value.converter.schemas.enable': 'false',
    'producer.request.timeout.ms': '3000',
  }
  for (const table of [
    'events (id int PRIMARY KEY, at timestamp)',
    'stream (part int, at timeuuid, n int, PRIMARY KEY (part, at))',
    'series (bucket text, at timestamp, n int, PRIMARY KEY (bucket, at, n))',
    'wide (part int, n int, PRIMARY KEY (part, n))',
  ]) {
    await scene.keyspace.client.execute(`CREATE TABLE ${scene.keyspace.name}.${table}`)
  }
})
afterEach(async () => {
  await closeAll()
  await scene.close()
})

type Row = readonly [statement: string, values: readonly unknown[]]

/** Groups of rows, one group after the other; `perSecond` of the first. */
async function writeRows(
  groups: readonly ((now: Date) => readonly Row[])[],
  perSecond = Number.POSITIVE_INFINITY,
) {
  const { client, name } = scene.keyspace
  for (const group of groups) {
    const rows = group(new Date())
    await Promise.all(
      rows.map(([statement, values]) =>
        client.execute(`INSERT INTO ${name}.${statement}`, [...values], { prepare: true }),
      ),
    )
    if (Number.isFinite(perSecond)) await sleep((GROUP / perSecond) * 1000)
  }
}

const GROUP = 50

/** The numbers from `from` on in groups. */
function groupsOf(from: number, to: number): number[][] {
  return Array.from({ length: Math.ceil((to - from) / GROUP) }, (_, group) =>
    Array.from({ length: Math.min(GROUP, to - from - group * GROUP) }, (_one, i) => {
      return from + group * GROUP + i
    }),
  )
}

const event = (id: number, now: Date): Row => ['events (id, at) VALUES (?, ?)', [id, now]]

/** Rows of `events`, written by the clock of their writing. */
async function write(from: number, to: number) {
  await writeRows(groupsOf(from, to).map(ids => now => ids.map(id => event(id, now))))
}

const KINDS = 4
/** What a number of one table is called in the topic. */
const nameOf = (kind: number, n: number) => n * KINDS + kind

/** The same numbers in a table of each mode; that of TOKEN before anybody reads. */
async function writeAll(count: number, perSecond: number): Promise<{ done: Promise<void> }> {
  await writeRows(
    groupsOf(0, count).map(
      group => () =>
        group.map((n): Row => {
          const values = [Math.floor(n / 7), nameOf(3, n)]
          return ['wide (part, n) VALUES (?, ?)', values]
        }),
    ),
  )
  const done = writeRows(
    groupsOf(0, count).map(group => now => {
      const bucket = now.toISOString().replace(/[-T:]/g, '').slice(0, 12)
      return group.flatMap((n): Row[] => [
        event(nameOf(0, n), now),
        [
          'stream (part, at, n) VALUES (?, ?, ?)',
          [n % 3, types.TimeUuid.fromDate(now), nameOf(1, n)],
        ],
        ['series (bucket, at, n) VALUES (?, ?, ?)', [bucket, now, nameOf(2, n)]],
      ])
    }),
    perSecond,
  )
  return { done }
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
    // A row that takes longer from its time to the table is missed: the mode's own limit.
    'connect.cassandra.slice.delay.ms': '3000',
    'connect.cassandra.import.poll.interval': '100',
    'connect.cassandra.batch.size': '25',
    ...more,
  }
}

/** Four tables, one in each mode that keeps a position. */
function byAllModes(): Settings {
  const statements = [
    'SELECT id, at FROM events PK at INCREMENTALMODE=TIMESTAMP',
    'SELECT n AS id, at FROM stream PK at INCREMENTALMODE=TIMEUUID',
    'SELECT n AS id, at FROM series PK at INCREMENTALMODE=BUCKETTIMESERIES',
    'SELECT n AS id, part FROM wide PK part INCREMENTALMODE=TOKEN BATCH=10',
  ]
  return byTime({
    'tasks.max': '4',
    'connect.cassandra.kcql': statements
      .map(select => `INSERT INTO ${scene.topic.name} ${select}`)
      .join(';'),
    'connect.cassandra.bucket.timeseries.mode': 'MINUTE',
    'connect.cassandra.bucket.timeseries.format': 'yyyyMMddHHmm',
    'connect.cassandra.initial.offset': beginning,
  })
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

it('kill -9 while rows are written and read in every mode loses no row', async () => {
  const rows = 1_500
  const writing = await writeAll(rows, 250)
  for (let round = 0; round < 3; round++) {
    const running = await scene.startWorker(byAllModes(), worker)
    const before = await countRecords(scene.topic.name)
    await until('progress', async () => (await countRecords(scene.topic.name)) > before)
    await sleep(300 + Math.random() * 300)
    await running.kill('SIGKILL')
  }
  await writing.done
  await scene.startWorker(byAllModes(), worker)
  const all = await counts(scene.topic.name, KINDS * rows)
  console.info('sources of four modes killed 3 times:', { rows: all.length, records: total(all) })
})

it('clean stops under load repeat nothing, in every mode', async () => {
  const rows = 1_200
  const writing = await writeAll(rows, 300)
  const rarely = { ...worker, 'offset.flush.interval.ms': '60000' }
  for (let round = 0; round < 2; round++) {
    const running = await scene.startWorker(byAllModes(), rarely)
    const before = await countRecords(scene.topic.name)
    await until('progress', async () => (await countRecords(scene.topic.name)) > before)
    await sleep(400)
    expect(await running.kill('SIGTERM')).toBe(0)
  }
  await writing.done
  await scene.startWorker(byAllModes(), rarely)
  const all = await counts(scene.topic.name, KINDS * rows)
  await sleep(1_000)
  expect(await countRecords(scene.topic.name)).toBe(KINDS * rows)
  expect(total(all)).toBe(KINDS * rows)
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
