/**
 * The KCQL source through a standalone worker on real servers: every mode, record forms, restarts,
 * equal times at the boundary of two queries, all column types.
 */
import { randomBytes } from 'node:crypto'
import { types } from 'cassandra-driver'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
  countRecords,
  JSON_CONVERTER,
  kcqlSource,
  sourceWorker,
  TopicLog,
} from '../support/source.ts'
import {
  type Settings,
  STRING,
  startWorker,
  type TestWorker,
  until,
} from '../support/standalone.ts'
import { admin, closeAll } from '../support/topic-reader.ts'

let keyspace: TestKeyspace
let worker: TestWorker | undefined
let name: string
let topic: string

beforeEach(async () => {
  keyspace = await testKeyspace()
  name = `kcql-${randomBytes(4).toString('hex')}`
  topic = `${name}-out`
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await admin().deleteTopics([topic])
  await closeAll()
  await keyspace.drop()
})

const execute = (cql: string, values: readonly unknown[] = []) =>
  keyspace.client.execute(cql.replaceAll('ks.', `${keyspace.name}.`), [...values], {
    prepare: true,
  })

function source(kcql: string, more: Settings = {}): Record<string, string> {
  return kcqlSource(name, kcql, {
    'connect.cassandra.key.space': keyspace.name,
    'connect.cassandra.slice.delay.ms': '0',
    ...more,
  })
}

async function position(): Promise<Record<string, unknown> | undefined> {
  const answer = await worker!.call('GET', `/connectors/${name}/offsets`)
  return answer.json.offsets[0]?.offset
}

describe('mode TIMESTAMP', () => {
  const kcql = () =>
    `INSERT INTO ${topic} SELECT * FROM events PK created INCREMENTALMODE=TIMESTAMP`
  const insert = 'INSERT INTO ks.events (id, created, text) VALUES (?, ?, ?)'

  beforeEach(() =>
    execute('CREATE TABLE ks.events (id int PRIMARY KEY, created timestamp, text text)'),
  )

  it('gives new rows, those of the boundary millisecond too, each once', async () => {
    const at = new Date(Date.now() - 60_000)
    for (let id = 0; id < 5; id++) await execute(insert, [id, at, `t${id}`])
    worker = await startWorker([source(kcql())], sourceWorker())
    await until('the first rows', async () => (await countRecords(topic)) === 5)
    // The query of these rows is over; others of the same millisecond come now.
    await execute(insert, [5, at, 't5'])
    await until('the late row', async () => (await countRecords(topic)) === 6)
    await execute(insert, [6, new Date(at.getTime() + 1), 't6'])
    await until('the next row', async () => (await countRecords(topic)) === 7)
    const log = await TopicLog.open(topic)
    const records = (await log.readTo(7)).map(one => JSON.parse(one.value!))
    expect(records.map(one => one.id).sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(records[0]).toEqual({
      id: records[0].id,
      created: at.getTime(),
      text: `t${records[0].id}`,
    })
    const latest = new Date(at.getTime() + 1).toISOString().replace('T', ' ')
    await until('the stored position', async () => (await position())?.['created'] === latest)
  })

  it('passes a millisecond of more rows than it can remember after a second reading', async () => {
    const at = new Date(Date.now() - 120_000)
    const query = insert.replace('ks.', `${keyspace.name}.`)
    for (let from = 0; from < 101_000; from += 500) {
      const some = Array.from({ length: 500 }, (_, i) => ({ query, params: [from + i, at, ''] }))
      await keyspace.client.batch(some, { prepare: true, logged: false })
    }
    const pages = { 'connect.cassandra.batch.size': '5000' }
    worker = await startWorker([source(kcql(), pages)], sourceWorker())
    // Those beyond 100,000 come twice.
    await until('the rows', async () => (await countRecords(topic)) === 102_000)
    await execute(insert, [101_000, new Date(at.getTime() + 60_000), 'later'])
    await until('a later row', async () => (await countRecords(topic)) > 102_000)
    expect(await countRecords(topic)).toBe(102_001)
  })

  it('goes on after a stop in the middle of a window: none missing, none twice', async () => {
    const start = Date.now() - 60_000
    const ids = Array.from({ length: 1200 }, (_, i) => i)
    for (let at = 0; at < ids.length; at += 100) {
      const some = ids.slice(at, at + 100)
      await Promise.all(some.map(id => execute(insert, [id, new Date(start + (id % 7)), `t${id}`])))
    }
    const settings = sourceWorker()
    const rarely = { ...settings, 'offset.flush.interval.ms': '60000' }
    const slow = { 'connect.cassandra.batch.size': '3' }
    worker = await startWorker([source(kcql(), slow)], rarely)
    await until('some rows', async () => (await countRecords(topic)) > 100)
    await worker.stop()
    expect(await countRecords(topic)).toBeLessThan(1200)
    worker = await startWorker([source(kcql(), slow)], settings)
    await until('the rest', async () => (await countRecords(topic)) >= 1200)
    await execute(insert, [1200, new Date(), 'last'])
    await until('a row after it', async () => (await countRecords(topic)) >= 1201)
    const log = await TopicLog.open(topic)
    const records = await log.readTo(1201)
    expect(new Set(records.map(one => JSON.parse(one.value!).id)).size).toBe(1201)
    expect(await countRecords(topic)).toBe(1201)
    await worker.stop()
    worker = await startWorker([source(kcql(), slow)], settings)
    await execute(insert, [1201, new Date(), 'after a restart'])
    await until('one more', async () => (await countRecords(topic)) >= 1202)
    expect(await countRecords(topic)).toBe(1202)
  })
})

describe('mode TIMEUUID', () => {
  it('gives rows by the time inside their key', async () => {
    await execute('CREATE TABLE ks.log (day int, id timeuuid, text text, PRIMARY KEY (day, id))')
    const insert = 'INSERT INTO ks.log (day, id, text) VALUES (?, ?, ?)'
    const at = new Date(Date.now() - 30_000)
    for (let i = 0; i < 4; i++) await execute(insert, [i % 2, types.TimeUuid.fromDate(at), `t${i}`])
    const kcql = `INSERT INTO ${topic} SELECT id, text AS words FROM log IGNORE day PK id INCREMENTALMODE=timeuuid`
    const settings = sourceWorker()
    worker = await startWorker([source(kcql)], settings)
    await until('four rows', async () => (await countRecords(topic)) === 4)
    await execute(insert, [5, types.TimeUuid.fromDate(at), 'same ms'])
    await until('the fifth', async () => (await countRecords(topic)) === 5)
    // Of the same millisecond again, while nobody reads.
    await worker.stop()
    await execute(insert, [6, types.TimeUuid.fromDate(at), 'too'])
    worker = await startWorker([source(kcql)], settings)
    await until('the sixth', async () => (await countRecords(topic)) >= 6)
    const log = await TopicLog.open(topic)
    const records = (await log.readTo(6)).map(one => JSON.parse(one.value!))
    expect(records.map(one => one.words).sort()).toEqual(['same ms', 't0', 't1', 't2', 't3', 'too'])
    expect(await countRecords(topic)).toBe(6)
    expect(Object.keys(records[0])).toEqual(['id', 'words'])
  })
})

describe('a column of PK that is called as a part of the position', () => {
  it('is gone on from after a restart', async () => {
    await execute('CREATE TABLE ks.visits (id int PRIMARY KEY, seen timestamp)')
    const insert = 'INSERT INTO ks.visits (id, seen) VALUES (?, ?)'
    await execute(insert, [1, new Date(Date.now() - 60_000)])
    const kcql = `INSERT INTO ${topic} SELECT * FROM visits PK seen INCREMENTALMODE=TIMESTAMP`
    const settings = sourceWorker()
    worker = await startWorker([source(kcql)], settings)
    await until('the first row', async () => (await countRecords(topic)) === 1)
    await worker.stop()
    worker = await startWorker([source(kcql)], settings)
    await execute(insert, [2, new Date(Date.now() - 50_000)])
    await until('the second row', async () => (await countRecords(topic)) >= 2)
    expect(await countRecords(topic)).toBe(2)
  })
})

describe('mode TOKEN', () => {
  it('reads partitions that the limit cuts to their end, also over a restart', async () => {
    await execute('CREATE TABLE ks.wide (id uuid, n int, PRIMARY KEY (id, n))')
    const ids = [types.Uuid.random(), types.Uuid.random(), types.Uuid.random()]
    for (const id of ids) {
      for (let n = 0; n < 25; n++) {
        await execute('INSERT INTO ks.wide (id, n) VALUES (?, ?)', [id, n])
      }
    }
    const kcql = `INSERT INTO ${topic} SELECT * FROM wide PK id INCREMENTALMODE=TOKEN BATCH=4`
    const settings = sourceWorker()
    const slow = { 'connect.cassandra.batch.size': '2', 'producer.override.linger.ms': '20' }
    worker = await startWorker([source(kcql, slow)], settings)
    await until('some rows', async () => (await countRecords(topic)) > 5)
    await worker.stop()
    worker = await startWorker([source(kcql, slow)], settings)
    await until('all rows', async () => (await countRecords(topic)) >= 75)
    const log = await TopicLog.open(topic)
    const records = await log.readTo(75)
    expect(new Set(records.map(one => one.value)).size).toBe(75)
    expect(await countRecords(topic)).toBe(75)
  })
})

describe('mode BUCKETTIMESERIES', () => {
  const days = {
    'connect.cassandra.bucket.timeseries.mode': 'DAY',
    'connect.cassandra.bucket.timeseries.format': 'yyyyMMdd',
  }

  it('begins in 1900 where buckets are long enough, without an initial offset', async () => {
    await execute(
      'CREATE TABLE ks.days (bucket text, at timestamp, n int, PRIMARY KEY (bucket, at))',
    )
    const day = 86_400_000
    for (const [n, ago] of [20_000 * day, 9_000 * day, day].entries()) {
      const at = new Date(Date.now() - ago)
      const bucket = at.toISOString().replaceAll('-', '').slice(0, 8)
      await execute('INSERT INTO ks.days (bucket, at, n) VALUES (?, ?, ?)', [bucket, at, n])
    }
    const kcql = `INSERT INTO ${topic} SELECT * FROM days PK at INCREMENTALMODE=BUCKETTIMESERIES`
    worker = await startWorker([source(kcql, days)], sourceWorker())
    await until('three rows', async () => (await countRecords(topic)) === 3)
    const records = await (await TopicLog.open(topic)).readTo(3)
    expect(records.map(one => JSON.parse(one.value!).n)).toEqual([0, 1, 2])
  })

  it('stores how far it came in a table without rows, and goes on from there', async () => {
    await execute(
      'CREATE TABLE ks.idle (bucket text, at timestamp, n int, PRIMARY KEY (bucket, at))',
    )
    const kcql = `INSERT INTO ${topic} SELECT * FROM idle PK at INCREMENTALMODE=BUCKETTIMESERIES`
    const settings = sourceWorker()
    const startMs = Date.now()
    worker = await startWorker([source(kcql, days)], settings)
    const storedMs = async () => Date.parse(String((await position())?.['at']))
    await until('a position of today', async () => (await storedMs()) >= startMs - 60_000)
    await worker.stop()
    worker = await startWorker([source(kcql, days)], settings)
    const at = new Date()
    const bucket = at.toISOString().replaceAll('-', '').slice(0, 8)
    await execute('INSERT INTO ks.idle (bucket, at, n) VALUES (?, ?, 1)', [bucket, at])
    await until('the row', async () => (await countRecords(topic)) === 1)
  })

  it('asks for the buckets of its window', async () => {
    await execute(
      'CREATE TABLE ks.series (bucket text, at timestamp, n int, PRIMARY KEY (bucket, at))',
    )
    const now = Date.now()
    for (let n = 0; n < 6; n++) {
      const at = new Date(now - 180_000 + n * 30_000)
      const bucket = at.toISOString().replace(/[-T:]/g, '').slice(0, 12)
      await execute('INSERT INTO ks.series (bucket, at, n) VALUES (?, ?, ?)', [bucket, at, n])
    }
    const kcql = `INSERT INTO ${topic} SELECT * FROM series PK at INCREMENTALMODE=BUCKETTIMESERIES`
    const more = {
      'connect.cassandra.bucket.timeseries.mode': 'MINUTE',
      'connect.cassandra.bucket.timeseries.format': 'yyyyMMddHHmm',
      'connect.cassandra.slice.duration': '600000',
      'connect.cassandra.initial.offset': new Date(now - 240_000).toISOString().replace('T', ' '),
    }
    worker = await startWorker([source(kcql, more)], sourceWorker())
    const log = await until('the topic', async () =>
      (await countRecords(topic)) === 6 ? await TopicLog.open(topic) : undefined,
    )
    const records = (await log.readTo(6)).map(one => JSON.parse(one.value!).n)
    expect(records.sort()).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('goes on after a silence of more buckets than one query asks for', async () => {
    await execute(
      'CREATE TABLE ks.silent (bucket text, at timestamp, n int, PRIMARY KEY (bucket, at))',
    )
    const now = Date.now()
    for (const [n, ago] of [25_000_000, 60_000].entries()) {
      const at = new Date(now - ago)
      const bucket = at.toISOString().replace(/[-T:]/g, '').slice(0, 14)
      await execute('INSERT INTO ks.silent (bucket, at, n) VALUES (?, ?, ?)', [bucket, at, n])
    }
    const kcql = `INSERT INTO ${topic} SELECT * FROM silent PK at INCREMENTALMODE=BUCKETTIMESERIES`
    const first = new Date(now - 25_001_000).toISOString().replace('T', ' ')
    const more = {
      'connect.cassandra.bucket.timeseries.mode': 'SECOND',
      'connect.cassandra.bucket.timeseries.format': 'yyyyMMddHHmmss',
      'connect.cassandra.slice.duration': '9000000',
      'connect.cassandra.initial.offset': first,
    }
    worker = await startWorker([source(kcql, more)], sourceWorker())
    await until('both rows', async () => (await countRecords(topic)) === 2)
    const records = await (await TopicLog.open(topic)).readTo(2)
    expect(records.map(one => JSON.parse(one.value!).n)).toEqual([0, 1])
  })
})

describe('mode DSESEARCHTIMESTAMP', () => {
  it('asks the search index for each window', async () => {
    // Stands for the search index: a row is found by the text that asks for its window.
    await execute('CREATE TABLE ks.docs (id int PRIMARY KEY, at timestamp, solr_query text)')
    await execute('CREATE INDEX ON ks.docs (solr_query)')
    const first = Date.UTC(2024, 0, 1)
    const plant = async (id: number, at: number, lower: number, upper: number) => {
      const iso = (ms: number) => new Date(ms).toISOString()
      const text = `{"q":"at:{${iso(lower)} TO ${iso(upper)}]","sort":"at asc","paging":"driver"}`
      const insert = 'INSERT INTO ks.docs (id, at, solr_query) VALUES (?, ?, ?)'
      await execute(insert, [id, new Date(at), text])
    }
    await plant(1, first + 4_000, first, first + 10_000)
    // The millisecond of the last row is asked for again.
    await plant(2, first + 9_000, first + 3_999, first + 14_000)
    const kcql = `INSERT INTO ${topic} SELECT * FROM docs PK at INCREMENTALMODE=DseSearchTimestamp`
    const from = { 'connect.cassandra.initial.offset': '2024-01-01 00:00:00.000Z' }
    worker = await startWorker([source(kcql, from)], sourceWorker())
    await until('both rows', async () => (await countRecords(topic)) === 2)
    const records = await (await TopicLog.open(topic)).readTo(2)
    expect(records.map(one => JSON.parse(one.value!))).toEqual([
      { id: 1, at: first + 4_000 },
      { id: 2, at: first + 9_000 },
    ])
  })
})

describe('a type that changes while a source reads', () => {
  it('shows fields that are added to it', async () => {
    await execute('CREATE TYPE ks.part (name text)')
    await execute(
      'CREATE TABLE ks.bikes (id int PRIMARY KEY, at timestamp, parts list<frozen<part>>)',
    )
    const kcql = `INSERT INTO ${topic} SELECT * FROM bikes PK at INCREMENTALMODE=TIMESTAMP`
    const insert = 'INSERT INTO ks.bikes (id, at, parts) VALUES'
    await execute(`${insert} (1, toTimestamp(now()), [{name: 'a'}])`)
    worker = await startWorker([source(kcql)], sourceWorker())
    await until('the first row', async () => (await countRecords(topic)) === 1)
    await execute('ALTER TYPE ks.part ADD weight int')
    await execute(`${insert} (2, toTimestamp(now()), [{name: 'b', weight: 7}])`)
    await until('the second row', async () => (await countRecords(topic)) >= 2)
    const records = await (await TopicLog.open(topic)).readTo(2)
    const parts = records.map(one => JSON.parse(JSON.parse(one.value!).parts))
    expect(parts).toEqual([[{ name: 'a' }], [{ name: 'b', weight: 7 }]])
    expect(await countRecords(topic)).toBe(2)
  })
})

describe('bulk', () => {
  it('reads several tables by one task, again at every poll, in the forms asked for', async () => {
    await execute('CREATE TABLE ks.a (id int PRIMARY KEY, name text, tags list<text>)')
    await execute('CREATE TABLE ks.b (id int PRIMARY KEY, name text)')
    await execute("INSERT INTO ks.a (id, name, tags) VALUES (1, 'x', ['p', 'q'])")
    await execute("INSERT INTO ks.b (id, name) VALUES (2, 'y')")
    const kcql = [
      `INSERT INTO ${topic} SELECT id, name, tags FROM a WITHUNWRAP WITHFORMAT JSON WITHKEY(id, name) KEYDELIMITER='-'`,
      `INSERT INTO ${topic} SELECT id, name FROM b WITHUNWRAP`,
    ].join(';')
    const strings = { 'key.converter': STRING, 'value.converter': STRING }
    worker = await startWorker([source(kcql, strings)], sourceWorker())
    await until('a second poll', async () => (await countRecords(topic)) >= 6)
    const log = await TopicLog.open(topic)
    const records = await log.readTo(6)
    expect(records).toContainEqual({
      key: '1-x',
      value: '{"id":1,"name":"x","tags":["p","q"]}',
      timestampMs: expect.any(Number),
    })
    expect(records).toContainEqual({ key: null, value: '2,y', timestampMs: expect.any(Number) })
  })
})

describe('types', () => {
  it('has a Connect schema and value for every CQL type', async () => {
    await execute('CREATE TYPE ks.address (street text, zip int)')
    await execute(`CREATE TABLE ks.kinds (
      id int PRIMARY KEY, c_ascii ascii, c_bigint bigint, c_blob blob, c_boolean boolean,
      c_date date, c_decimal decimal, c_double double, c_duration duration, c_float float,
      c_inet inet, c_smallint smallint, c_text text, c_time time, c_timestamp timestamp,
      c_timeuuid timeuuid, c_tinyint tinyint, c_uuid uuid, c_varint varint,
      c_list list<int>, c_set set<text>, c_map map<text, int>,
      c_tuple tuple<int, text>, c_udt frozen<address>, c_null int)`)
    await execute(`INSERT INTO ks.kinds (id, c_ascii, c_bigint, c_blob, c_boolean, c_date, c_decimal,
      c_double, c_duration, c_float, c_inet, c_smallint, c_text, c_time, c_timestamp, c_timeuuid,
      c_tinyint, c_uuid, c_varint, c_list, c_set, c_map, c_tuple, c_udt) VALUES (
      1, 'a', 9223372036854775807, 0x0102, true, '2020-02-29', 1.5,
      2.5, 1y2mo3d4h, 0.5, '10.0.0.1', 300, 'ü', '01:02:03.000000004', '2020-01-01 00:00:00.123Z',
      50554d6e-29bb-11e5-b345-feff819cdc9f, 7, 50554d6e-29bb-41e5-b345-feff819cdc9f, 12345,
      [1, 2], {'x'}, {'k': 1}, (1, 'b'), {street: 's', zip: 8})`)
    const kcql = `INSERT INTO ${topic} SELECT * FROM kinds`
    const withSchema = {
      'value.converter': JSON_CONVERTER,
      'connect.cassandra.import.poll.interval': '60000',
    }
    worker = await startWorker([source(kcql, withSchema)], sourceWorker())
    const log = await until('the topic', async () =>
      (await countRecords(topic)) === 1 ? await TopicLog.open(topic) : undefined,
    )
    const [record] = await log.readTo(1)
    const { schema, payload } = JSON.parse(record!.value!)
    expect(payload).toEqual({
      id: 1,
      c_ascii: 'a',
      c_bigint: Number(9223372036854775807n),
      c_blob: Buffer.from([1, 2]).toString('base64'),
      c_boolean: true,
      c_date: 18321,
      c_decimal: expect.any(String),
      c_double: 2.5,
      c_duration: '1y2mo3d4h',
      c_float: 0.5,
      c_inet: '10.0.0.1',
      c_list: '[1,2]',
      c_map: '{"k":1}',
      c_null: null,
      c_set: '["x"]',
      c_smallint: 300,
      c_text: 'ü',
      c_time: 3_723_000_000_004,
      c_timestamp: 1_577_836_800_123,
      c_timeuuid: '50554d6e-29bb-11e5-b345-feff819cdc9f',
      c_tinyint: 7,
      c_tuple: '[1,"b"]',
      c_udt: '{"street":"s","zip":8}',
      c_uuid: '50554d6e-29bb-41e5-b345-feff819cdc9f',
      c_varint: 12345,
    })
    const types_ = Object.fromEntries(
      schema.fields.map((field: { field: string; type: string; name?: string }) => [
        field.field,
        field.name === undefined ? field.type : field.name.replace(/.*\./, ''),
      ]),
    )
    expect(schema.name).toBe(`${keyspace.name}.kinds`)
    expect(types_).toMatchObject({
      c_decimal: 'Decimal',
      c_date: 'Date',
      c_timestamp: 'Timestamp',
      c_tinyint: 'int8',
      c_smallint: 'int16',
      c_varint: 'int64',
      c_time: 'int64',
      c_float: 'float',
      c_udt: 'string',
    })
  })
})
