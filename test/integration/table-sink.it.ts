/**
 * The table sink on a real Cassandra, fed with records as converters give them: every type, deletes
 * and replays, ties, TTL, queries, quoted names, dropped tables, protocol versions, compression.
 * The driver is the witness of what is stored.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ScamanderError } from '../../src/base/scamander-error.ts'
import { sourceOf } from '../../src/config/index.ts'
import { FlowRecord, type Outcome, RawMessage, RawText, type Value } from '../../src/flow/index.ts'
import { parseDatastaxSink, SharedSessions, TableSink } from '../../src/sink/index.ts'
import { Logger, MetricRegistry } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'

let keyspace: TestKeyspace
const open: TableSink[] = []
const warnings: string[] = []
const signal = new AbortController().signal

beforeAll(async () => {
  keyspace = await testKeyspace()
})
afterAll(async () => {
  await keyspace.drop()
})
afterEach(async () => {
  for (const sink of open.splice(0)) await sink.close()
  warnings.length = 0
})

interface Message {
  readonly key?: Value
  readonly value?: string | null
  readonly at?: number
  readonly topic?: string
}

const text = (value: string) => {
  const bytes = Buffer.from(value)
  return new RawText('string', bytes, 0, bytes.length)
}

let offset = 0
function records(messages: readonly Message[]): FlowRecord[] {
  return messages.map(({ key = null, value = null, at = 1_700_000_000_000, topic = 't' }) => {
    const bytes = Buffer.from(String(key))
    const data = { bytes, keyStart: 0, keyLength: bytes.length, valueStart: 0, valueLength: 0 }
    const origin = new RawMessage(
      { topic, partition: 0 },
      { offset: offset++, timestampMs: at },
      data,
    )
    const keys = { schema: null, value: typeof key === 'string' ? text(key) : key }
    return new FlowRecord(origin, keys, {
      schema: null,
      value: value === null ? null : text(value),
    })
  })
}

/** `table` settings stand below `topic.t.<keyspace>.<name>.`; others as they are. */
async function openSink(config: Record<string, string>): Promise<TableSink> {
  const { contactPoints, port, localDatacenter } = testCassandra()
  const full = {
    name: 'it',
    topics: 't',
    contactPoints: contactPoints.join(),
    port: String(port),
    'loadBalancing.localDc': localDatacenter,
    ...config,
  }
  const { settings } = parseDatastaxSink(sourceOf(full))
  const sink = new TableSink({
    connector: 'it',
    settings,
    sessions: new SharedSessions(),
    logger: Logger.create({ level: 'warn', sink: line => warnings.push(String(line['msg'])) }),
    metrics: new MetricRegistry(),
  })
  await sink.open(signal)
  open.push(sink)
  return sink
}

const of = (table: string, setting = 'mapping', topic = 't') =>
  `topic.${topic}.${keyspace.name}.${table}.${setting}`
const cql = async (statement: string) =>
  (await keyspace.client.execute(statement.replaceAll('ks.', `${keyspace.name}.`))).rows
const first = async (statement: string) => (await cql(statement))[0] as Record<string, unknown>

async function write(sink: TableSink, messages: readonly Message[]) {
  const { failures } = await sink.write(records(messages), signal)
  return failures.map(({ index, origin, error }) => `${index} ${origin} ${error.code}`)
}

describe('types', () => {
  it('every CQL type from JSON, as the server prints it', async () => {
    await cql('CREATE TYPE ks.pair (a int, b frozen<list<text>>)')
    const columns: readonly [type: string, json: string, stored: string][] = [
      ['ascii', '"abc"', "'abc'"],
      ['bigint', '"9223372036854775807"', '9223372036854775807'],
      ['blob', '"0xcafe"', '0xcafe'],
      ['boolean', '"yes"', 'true'],
      ['date', '"2024-02-29"', "'2024-02-29'"],
      ['decimal', '12345678901234567890.123', '12345678901234567890.123'],
      ['double', '0.1', '0.1'],
      ['duration', '"1mo2d3h"', '1mo2d3h'],
      ['float', '0.5', '0.5'],
      ['inet', '"2001:db8::1"', "'2001:db8:0:0:0:0:0:1'"],
      ['int', '"1,234"', '1234'],
      ['smallint', '-3', '-3'],
      ['text', '"h\\u00e9 \\ud83d\\ude00"', "'hé 😀'"],
      ['time', '"10:15:30.000000001"', "'10:15:30.000000001'"],
      ['timestamp', '"2024-01-01T00:00:00.123Z"', "'2024-01-01 00:00:00.123Z'"],
      [
        'timeuuid',
        '"50554d6e-29bb-11e5-b345-feff819cdc9f"',
        '50554d6e-29bb-11e5-b345-feff819cdc9f',
      ],
      ['tinyint', 'true', '1'],
      ['uuid', '"123e4567-e89b-42d3-a456-426614174000"', '123e4567-e89b-42d3-a456-426614174000'],
      ['varint', '-123456789012345678901234567890', '-123456789012345678901234567890'],
      ['list<int>', '[3,1]', '[3, 1]'],
      ['set<text>', '["b","a"]', "{'a', 'b'}"],
      ['map<text,int>', '{"k":1}', "{'k': 1}"],
      ['frozen<map<int,frozen<list<frozen<set<int>>>>>>', '{"5":[[2,1],[]]}', '{5: [{1, 2}, {}]}'],
      ['tuple<int,text,list<int>>', '[1,"x",[2]]', "(1, 'x', [2])"],
      ['pair', '{"a":null,"b":["x"]}', "{a: null, b: ['x']}"],
      ['frozen<pair>', '[5,[]]', '{a: 5, b: []}'],
      ['vector<float, 3>', '[1.5,-2,0]', '[1.5, -2.0, 0.0]'],
      ['vector<text, 2>', '["a","bc"]', "['a', 'bc']"],
    ]
    const name = (i: number) => `c${i}`
    const declared = columns.map(
      ([type], i) => `${name(i)} ${type.replace('pair', `${keyspace.name}.pair`)}`,
    )
    await cql(`CREATE TABLE ks.types (id int PRIMARY KEY, ${declared.join(', ')})`)
    const mapping = columns.map((_, i) => `${name(i)}=value.${name(i)}`).join(', ')
    const sink = await openSink({ [of('types')]: `id=key, ${mapping}` })
    const value = `{${columns.map(([, json], i) => `"${name(i)}":${json}`).join()}}`
    expect(await write(sink, [{ key: '1', value }])).toEqual([])
    // What was stored equals the CQL literal: the server itself inserts the literals and compares.
    const literals = columns.map(([, , literal]) => literal).join(', ')
    await cql(
      `INSERT INTO ks.types (id, ${columns.map((_, i) => name(i)).join(', ')}) VALUES (2, ${literals})`,
    )
    const one = await first('SELECT * FROM ks.types WHERE id = 1')
    const two = await first('SELECT * FROM ks.types WHERE id = 2')
    columns.forEach(([type], i) => {
      expect([type, String(JSON.stringify(one[name(i)]))]).toEqual([
        type,
        String(JSON.stringify(two[name(i)])),
      ])
      expect([type, one[name(i)] === null]).toEqual([type, false])
    })
  })

  it('counters add up, and an unknown host is told', async () => {
    await cql('CREATE TABLE ks.hits (id int PRIMARY KEY, n counter)')
    await cql('CREATE TABLE ks.hosts (id int PRIMARY KEY, a inet)')
    const sink = await openSink({
      topics: 't,u',
      [of('hits')]: 'id=key, n=value.n',
      [of('hosts', 'mapping', 'u')]: 'id=key, a=value.a',
    })
    const sent = Array.from({ length: 30 }, (_, i) => ({ key: String(i % 3), value: `{"n":${i}}` }))
    expect(await write(sink, sent)).toEqual([])
    expect(Number((await first('SELECT n FROM ks.hits WHERE id = 2'))['n'])).toBe(155)
    const hosts = ['localhost', 'no-such-host.invalid'].map((a, i) => ({
      key: String(i),
      value: `{"a":"${a}"}`,
      topic: 'u',
    }))
    expect(await write(sink, hosts)).toEqual(['1 mapping SCM_SINK_CONVERSION'])
    const { a } = await first('SELECT a FROM ks.hosts WHERE id = 0')
    expect(['127.0.0.1', '::1']).toContain(String(a))
  })
})

describe('time', () => {
  it('insert, delete, insert, and the whole replayed: the last insert stays (D4)', async () => {
    await cql('CREATE TABLE ks.replay (id int PRIMARY KEY, v text)')
    const sink = await openSink({ [of('replay')]: 'id=key, v=value.v' })
    const log = [
      { key: '1', value: '{"v":"a"}', at: 1000 },
      { key: '1', value: null, at: 2000 },
      { key: '1', value: '{"v":"b"}', at: 3000 },
      { key: '2', value: '{"v":"x"}', at: 1000 },
      { key: '2', value: '{"v":null}', at: 2000 },
    ]
    for (let i = 0; i < 3; i++) expect(await write(sink, log)).toEqual([])
    expect(await first('SELECT v, writetime(v) AS w FROM ks.replay WHERE id = 1')).toMatchObject({
      v: 'b',
    })
    expect(await cql('SELECT * FROM ks.replay WHERE id = 2')).toEqual([])
  })

  it.each(['partition', 'replica-set'])('ties in one millisecond, batches by %s (D7)', async by => {
    const table = `ties_${by.replace('-', '_')}`
    await cql(`CREATE TABLE ks.${table} (id int PRIMARY KEY, v int)`)
    const sink = await openSink({ [of(table)]: 'id=key, v=value.v', 'scamander.batch.by': by })
    // The last value is never the greatest: without ranks the server would keep the greatest.
    const sent = Array.from({ length: 300 }, (_, i) => ({
      key: String(i % 7),
      value: i >= 290 && i % 7 === 3 ? null : `{"v":${1000 - i}}`,
      at: 5000,
    }))
    expect(await write(sink, sent)).toEqual([])
    const rows = await cql(`SELECT id, v, writetime(v) AS w FROM ks.${table}`)
    const found = rows.map(row => [row['id'], row['v'], Number(row['w'])])
    found.sort((a, b) => Number(a[0]) - Number(b[0]))
    const expected = [0, 1, 2, 4, 5, 6].map(id => {
      const last = sent.findLastIndex(one => one.key === String(id))
      return [id, 1000 - last, 5_000_000 + Math.floor(last / 7)]
    })
    expect(found).toEqual(expected)
  })

  it('TTL and writetime, static and of the record', async () => {
    await cql('CREATE TABLE ks.ttl (id int PRIMARY KEY, v int)')
    await cql('CREATE TABLE ks.ttl2 (id int PRIMARY KEY, v int)')
    const sink = await openSink({
      [of('ttl')]: 'id=key, v=value.v, __ttl=value.ttl, __timestamp=value.ts',
      [of('ttl', 'ttlTimeUnit')]: 'HOURS',
      [of('ttl', 'timestampTimeUnit')]: 'SECONDS',
      [of('ttl2')]: 'id=key, v=value.v',
      [of('ttl2', 'ttl')]: '1000',
    })
    expect(await write(sink, [{ key: '1', value: '{"v":1,"ttl":2,"ts":1700000000}' }])).toEqual([])
    const one = await first('SELECT TTL(v) AS t, writetime(v) AS w FROM ks.ttl WHERE id = 1')
    expect(Number(one['t'])).toBeGreaterThan(7100)
    expect(Number(one['w'])).toBe(1_700_000_000_000_000)
    const two = await first('SELECT TTL(v) AS t FROM ks.ttl2 WHERE id = 1')
    expect(Number(two['t'])).toBeGreaterThan(900)
    expect(Number(two['t'])).toBeLessThanOrEqual(1000)
    expect(await write(sink, [{ key: '1', value: '{"v":1,"ttl":"x","ts":1}' }])).toEqual([
      '0 mapping SCM_SINK_NOT_A_NUMBER',
    ])
  })
})

describe('statements', () => {
  it('a query of the user, in order, with named variables', async () => {
    await cql('CREATE TABLE ks.q (id int PRIMARY KEY, v int, l list<int>)')
    const sink = await openSink({
      [of('q')]: 'k=key, x=value.v',
      [of('q', 'query')]: `UPDATE ${keyspace.name}.q SET v = :x, l = l + [7] WHERE id = :k`,
      [of('q', 'deletesEnabled')]: 'false',
    })
    const sent = Array.from({ length: 12 }, (_, i) => ({
      key: '1',
      value: `{"v":${i}}`,
      at: 9 - i,
    }))
    expect(await write(sink, sent)).toEqual([])
    const row = await first('SELECT v, l FROM ks.q WHERE id = 1')
    expect(row['v']).toBe(11)
    expect(row['l']).toHaveLength(12)
  })

  it('quoted identifiers of every kind', async () => {
    const strange = `${keyspace.name}_Q`
    const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    await cql(`CREATE KEYSPACE "${strange}" WITH replication = ${replication}`)
    try {
      await cql(
        `CREATE TABLE "${strange}"."MyTable" ("Id" int PRIMARY KEY, "add" text, "a""b" int)`,
      )
      const sink = await openSink({
        [`topic.t.${strange}.MyTable.mapping`]: '"Id"=key, add=value.a, "a""b"="value.b c"',
      })
      expect(await write(sink, [{ key: '1', value: '{"a":"x","b c":2}' }])).toEqual([])
      const row = await first(`SELECT * FROM "${strange}"."MyTable"`)
      expect(row).toMatchObject({ Id: 1, add: 'x', 'a"b': 2 })
      expect(await write(sink, [{ key: '1', value: null, at: 1_700_000_000_001 }])).toEqual([])
      expect(await cql(`SELECT * FROM "${strange}"."MyTable"`)).toEqual([])
    } finally {
      await cql(`DROP KEYSPACE "${strange}"`)
    }
  })

  it('several tables of one topic: a failure for one leaves the others alone', async () => {
    await cql('CREATE TABLE ks.m1 (id int PRIMARY KEY, v int)')
    await cql('CREATE TABLE ks.m2 (v text PRIMARY KEY, id text)')
    const sink = await openSink({
      [of('m1')]: 'id=key, v=value.v',
      [of('m2')]: 'v=value.v, id=key',
    })
    const sent = [
      { key: '1', value: '{"v":"not a number"}' },
      { key: '2', value: '{"v":2}' },
    ]
    expect(await write(sink, sent)).toEqual(['0 mapping SCM_SINK_CONVERSION'])
    expect(await cql('SELECT * FROM ks.m1')).toHaveLength(1)
    expect(await cql('SELECT * FROM ks.m2')).toHaveLength(2)
  })

  it('nullToUnset on leaves a column, off clears it', async () => {
    await cql('CREATE TABLE ks.n1 (id int PRIMARY KEY, a int, b int)')
    await cql('CREATE TABLE ks.n2 (id int PRIMARY KEY, a int, b int)')
    const sink = await openSink({
      [of('n1')]: 'id=key, a=value.a, b=value.b',
      [of('n2')]: 'id=key, a=value.a, b=value.b',
      [of('n2', 'nullToUnset')]: 'false',
    })
    const sent = ['{"a":1,"b":1}', '{"a":null,"b":2}'].map((value, at) => ({ key: '1', value, at }))
    expect(await write(sink, sent)).toEqual([])
    expect(await first('SELECT * FROM ks.n1')).toMatchObject({ a: 1, b: 2 })
    expect(await first('SELECT * FROM ks.n2')).toMatchObject({ a: null, b: 2 })
  })

  it('a row that the server refuses fails alone', async () => {
    await cql('CREATE TABLE ks.big (id text PRIMARY KEY, v int)')
    const sink = await openSink({ [of('big')]: 'id=key, v=value.v' })
    const keys = ['a', 'b', 'x'.repeat(70_000), 'c', '']
    const failed = await write(
      sink,
      keys.map(key => ({ key, value: '{"v":1}' })),
    )
    expect(failed.map(one => one.split(' ')[0])).toEqual(['2', '4'])
    expect(await cql('SELECT id FROM ks.big')).toHaveLength(3)
  })
})

describe('changes of the table', () => {
  it('dropped and made again while writing: failures, then recovery', async () => {
    const create = 'CREATE TABLE ks.gone (id int PRIMARY KEY, v int)'
    await cql(create)
    const sink = await openSink({ [of('gone')]: 'id=key, v=value.v' })
    const sent = Array.from({ length: 20 }, (_, i) => ({ key: String(i), value: `{"v":${i}}` }))
    expect(await write(sink, sent)).toEqual([])
    await cql('DROP TABLE ks.gone')
    const { failures } = await sink.write(records(sent), signal)
    expect(failures.map(one => one.index)).toEqual(sent.map((_, i) => i))
    expect(new Set(failures.map(one => one.error.kind))).toEqual(new Set(['retriable']))
    await cql(create)
    expect(await write(sink, sent)).toEqual([])
    expect(await cql('SELECT * FROM ks.gone')).toHaveLength(20)
  })

  it('made again with another type: the plan is compiled anew', async () => {
    await cql('CREATE TABLE ks.typed (id int PRIMARY KEY, v int)')
    const sink = await openSink({ [of('typed')]: 'id=key, v=value.v' })
    const sent = [{ key: '1', value: '{"v":5}' }]
    expect(await write(sink, sent)).toEqual([])
    await cql('DROP TABLE ks.typed')
    await cql('CREATE TABLE ks.typed (id int PRIMARY KEY, v text)')
    // Bytes of an int would be a legal text: not one of them may arrive.
    const outcome = await sink.write(records(sent), signal).catch((error: unknown) => error)
    // Judged anew as a whole (thrown), refused row by row, or noticed in time: never written as it was.
    if (outcome instanceof ScamanderError) expect(outcome.kind).toBe('retriable')
    else for (const { error } of (outcome as Outcome).failures) expect(error.kind).toBe('retriable')
    expect(['5', undefined]).toContain((await first('SELECT v FROM ks.typed'))?.['v'])
    expect(await write(sink, sent)).toEqual([])
    expect(await first('SELECT v FROM ks.typed')).toMatchObject({ v: '5' })
  })
})

describe('protocol', () => {
  const DRIVER = 'datastax-java-driver'
  it.each([
    ['V3', 'None'],
    ['V3', 'LZ4'],
    ['V4', 'Snappy'],
    ['V4', 'LZ4'],
    ['V5', 'LZ4'],
    ['V5', 'None'],
  ])('%s %s, batches of both kinds give equal tables', async (version, compression) => {
    const tables = ['partition', 'replica-set'].map(by => ({
      by,
      name: `p_${version}_${compression}_${by}`.toLowerCase().replace('-', '_'),
    }))
    const contents: unknown[] = []
    for (const { by, name } of tables) {
      await cql(
        `CREATE TABLE ks.${name} (p int, q text, c int, v text, n int, PRIMARY KEY ((p, q), c))`,
      )
      const sink = await openSink({
        [of(name)]: 'p=value.p, q=value.q, c=value.c, v=value.v, n=value.n',
        'scamander.batch.by': by,
        compression,
        [`${DRIVER}.advanced.protocol.version`]: version,
      })
      const sent = Array.from({ length: 400 }, (_, i) => ({
        value: JSON.stringify({
          p: i % 5,
          q: `q${i % 3}`,
          c: i % 40,
          v: 'v'.repeat(i * 5),
          n: null,
        }),
      }))
      expect(await write(sink, sent)).toEqual([])
      const rows = await cql(`SELECT * FROM ks.${name}`)
      contents.push(rows.map(row => JSON.stringify(row)).sort())
      await sink.close()
    }
    expect(contents[0]).toHaveLength(120)
    expect(contents[0]).toEqual(contents[1])
    expect(warnings.some(one => one.includes('protocol v3 cannot leave'))).toBe(version === 'V3')
  })
})
