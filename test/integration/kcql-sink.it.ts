/**
 * The classic KCQL sink on real servers: configurations of all releases, selections, JSON rules
 * beside the server's own, tombstones, error policies. Spec: cassandra-sink 10.
 */
import { randomBytes } from 'node:crypto'
import { type AddressInfo, connect, createServer } from 'node:net'
import avro from 'avsc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  classicSettings,
  committedUpTo,
  JSON_CONVERTER,
  rowsOf,
  traceOf,
} from '../support/kcql-sink.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import { SchemaRegistryServer } from '../support/schema-registry.ts'
import { type Settings, send, startWorker, type TestWorker, until } from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'

let keyspace: TestKeyspace
let topic: TestTopic
let worker: TestWorker | undefined
let name: string

beforeEach(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic()
  name = `kcql-${randomBytes(4).toString('hex')}`
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await topic.drop()
  await keyspace.drop()
})

const classic = (kcql: string, more: Settings = {}) =>
  classicSettings({ name, keyspace, topic }, kcql, more)

const schemaless = (more: Settings = {}) => ({
  'value.converter': JSON_CONVERTER,
  'value.converter.schemas.enable': 'false',
  ...more,
})

async function create(columns: string, table = 'orders'): Promise<void> {
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.${table} (${columns})`)
}

const rows = (table = 'orders', columns = '*') => rowsOf(keyspace, table, columns)

async function sendValues(...values: readonly unknown[]): Promise<void> {
  await send(
    topic.name,
    values.map(value => ({ value: JSON.stringify(value) })),
  )
}

const committed = (offset: number) => committedUpTo(worker!, name, offset)
const failed = () => traceOf(worker!, name)

const ORDER_FIELDS = [
  { field: 'id', type: 'int32' },
  { field: 'created', type: 'string' },
  { field: 'customer', type: 'string', optional: true },
  { field: 'qty', type: 'int32', optional: true },
]

function withSchema(payload: object): string {
  return JSON.stringify({ schema: { type: 'struct', fields: ORDER_FIELDS }, payload })
}

describe('the worked case: orders (checklist 9)', () => {
  const KCQL = 'INSERT INTO orders SELECT id, created, customer AS name FROM TOPIC'
  const TABLE = 'id int PRIMARY KEY, created text, name text'

  it.each([
    'connect.cassandra.kcql',
    'connect.cassandra.sink.kcql',
    'connect.cassandra.export.route.query',
  ])('moves JSON with schema, told by %s', async key => {
    await create(TABLE)
    const { 'connect.cassandra.kcql': kcql, ...others } = classic(KCQL, {
      'value.converter': JSON_CONVERTER,
    })
    worker = await startWorker([{ ...others, [key]: kcql! }])
    await send(topic.name, [
      { value: withSchema({ id: 1, created: '2016-05-06', customer: 'Ann', qty: 3 }) },
      { value: withSchema({ id: 2, created: '2016-05-07', customer: null, qty: null }) },
    ])
    await committed(2)
    expect((await rows()).sort((a, b) => a['id'] - b['id'])).toEqual([
      { id: 1, created: '2016-05-06', name: 'Ann' },
      { id: 2, created: '2016-05-07', name: null },
    ])
  })

  it('moves Avro: logical types become texts, nested records are reached', async () => {
    await using registry = await new SchemaRegistryServer().start()
    await create(
      'id int PRIMARY KEY, created timestamp, name text, due date, price decimal, raw blob',
    )
    const customer = {
      type: 'record',
      name: 'Customer',
      fields: [{ name: 'name', type: 'string' }],
    }
    const schema = {
      type: 'record',
      name: 'Order',
      fields: [
        { name: 'id', type: 'int' },
        { name: 'created', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'customer', type: ['null', customer] },
        { name: 'due', type: { type: 'int', logicalType: 'date' } },
        {
          name: 'price',
          type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 },
        },
        { name: 'raw', type: 'bytes' },
      ],
    } as const
    const answer = await fetch(`${registry.url}/subjects/${topic.name}-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ schema: JSON.stringify(schema) }),
    })
    const { id } = (await answer.json()) as { id: number }
    const type = avro.Type.forSchema(schema as unknown as avro.Schema)
    const order = (at: number, name: string | null) => {
      const head = Buffer.from([0, 0, 0, 0, id])
      const value = {
        id: at,
        created: 1_551_398_400_000,
        customer: name === null ? null : { name },
        due: 17_956,
        price: Buffer.from([0x30, 0x39]),
        raw: Buffer.from([0, 255]),
      }
      return { value: Buffer.concat([head, type.toBuffer(value)]) }
    }
    const kcql = 'INSERT INTO orders SELECT id, created, customer.name, due, price, raw FROM TOPIC'
    worker = await startWorker([
      classic(kcql, {
        'value.converter': 'io.confluent.connect.avro.AvroConverter',
        'value.converter.schema.registry.url': registry.url,
      }),
    ])
    await send(topic.name, [order(1, 'Ann'), order(2, null)])
    await committed(2)
    const found = (await rows()).sort((a, b) => a['id'] - b['id'])
    expect(found.map(row => [row['id'], row['created'].getTime(), row['name']])).toEqual([
      [1, 1_551_398_400_000, 'Ann'],
      [2, 1_551_398_400_000, null],
    ])
    const { due, price, raw } = found[0]!
    expect([String(due), String(price), raw]).toEqual([
      '2019-03-01',
      '123.45',
      Buffer.from([0, 255]),
    ])
  })

  it('starts by REST while the worker runs, two instances for two keyspaces', async () => {
    await using other = await testKeyspace()
    await create(TABLE)
    await other.client.execute(`CREATE TABLE ${other.name}.orders (${TABLE})`)
    worker = await startWorker([])
    const config = classic(KCQL, schemaless())
    const second = { ...config, name: `${name}-2`, 'connect.cassandra.key.space': other.name }
    for (const one of [config, second]) {
      const body = { name: one['name'], config: one }
      expect((await worker.call('POST', '/connectors', body)).status).toBe(201)
    }
    await sendValues({ id: 1, created: 'a', customer: 'Ann' })
    const inOther = async () => {
      const { rowLength } = await other.client.execute(`SELECT id FROM ${other.name}.orders`)
      return rowLength === 1
    }
    await until('both rows', async () => (await rows()).length === 1 && (await inOther()))
    expect(await rows()).toEqual([{ id: 1, created: 'a', name: 'Ann' }])
  })
})

describe('several tasks', () => {
  it('share the partitions of a topic', async () => {
    await using wide = await testTopic(3)
    await create('id int PRIMARY KEY, part int')
    const kcql = `INSERT INTO orders SELECT * FROM ${wide.name}`
    const config = classic(kcql, schemaless({ topics: wide.name, 'tasks.max': '3' }))
    worker = await startWorker([config])
    const records = Array.from({ length: 30 }, (_, id) => ({
      partition: id % 3,
      value: JSON.stringify({ id, part: id % 3 }),
    }))
    await send(wide.name, records)
    await until('all rows', async () => (await rows()).length === 30)
    const { json } = await worker.call('GET', `/connectors/${name}/status`)
    expect(json.tasks.map((one: { state: string }) => one.state)).toEqual(
      Array.from({ length: 3 }, () => 'RUNNING'),
    )
    await worker.stop()
    worker = undefined
  })
})

describe('selections', () => {
  it('feeds several tables, with wildcards, nested fields, IGNORE and TTL', async () => {
    await create('id int PRIMARY KEY, created text, city text, zip text')
    await create('id int PRIMARY KEY, customer frozen<map<text, text>>', 'trees')
    const statements = [
      'INSERT INTO orders SELECT id, created, customer.* FROM TOPIC IGNORE customer.name TTL=1000',
      'UPSERT INTO TREES SELECT * FROM TOPIC IGNORE created, customer.zip PK id',
    ]
    worker = await startWorker([classic(statements.join(';'), schemaless())])
    await sendValues({ id: 1, created: 'x', customer: { name: 'Ann', city: 'Ghent', zip: '9000' } })
    await committed(1)
    const [row] = await rows('orders', 'id, created, city, zip, ttl(city) AS ttl')
    expect(row).toMatchObject({ id: 1, created: 'x', city: 'Ghent', zip: '9000' })
    expect(row!['ttl']).toBeGreaterThan(900)
    expect(row!['ttl']).toBeLessThanOrEqual(1000)
    expect(await rows('trees')).toEqual([{ id: 1, customer: { name: 'Ann', city: 'Ghent' } }])
  })

  it.each([
    ['', null],
    ['UNSET', 'kept'],
  ])('missing members with default.value=%j', async (value, expected) => {
    await create('id int PRIMARY KEY, a text, b text')
    const more = schemaless({ 'connect.cassandra.default.value': value })
    worker = await startWorker([classic('INSERT INTO orders SELECT * FROM TOPIC', more)])
    await sendValues({ id: 1, a: 'kept', b: 'kept' }, { id: 1, b: null })
    await committed(2)
    expect(await rows()).toEqual([{ id: 1, a: expected, b: null }])
  })

  it('keeps the order of records of one key', async () => {
    await create('id int PRIMARY KEY, n int')
    worker = await startWorker([classic('INSERT INTO orders SELECT * FROM TOPIC', schemaless())])
    const values = Array.from({ length: 300 }, (_, n) => ({ id: n % 3, n }))
    await sendValues(...values)
    await committed(300)
    const found = (await rows()).map(row => [row['id'], row['n']])
    expect(found.sort()).toEqual([
      [0, 297],
      [1, 298],
      [2, 299],
    ])
  })
})

const TYPES: readonly (readonly [type: string, values: readonly unknown[]])[] = [
  ['text', ['', 'é', '7']],
  ['ascii', ['a']],
  ['tinyint', [127, '-128']],
  ['smallint', [-32768]],
  ['int', [2147483647, '-1']],
  ['bigint', ['9223372036854775807', 5]],
  ['varint', ['123456789012345678901234567890', -1]],
  ['float', [1.5, '0.1', 'NaN']],
  ['double', [0.1, '1e300', -3]],
  ['decimal', ['1.50', 12.25]],
  ['boolean', [true, 'false']],
  ['blob', ['0x00ff', '0x']],
  ['date', ['2019-02-28', '1960-01-01', '-0001-01-01', '2147483653']],
  ['time', ['23:59:59.123456789', '00:00:00', '1:2:3', '5']],
  [
    'timestamp',
    [
      1551398400000,
      '2019-03-01 00:00:00+0000',
      '2019-03-01T01:02:03.456Z',
      '-5',
      '2019-03-01 10:00+01',
    ],
  ],
  ['uuid', ['b0ab3a2f-9d5c-4a35-8e4a-2b6f0a7a1c11']],
  ['timeuuid', ['50554d6e-29bb-11e5-b345-feff819cdc9f']],
  ['inet', ['127.0.0.1', '::1']],
  ['duration', ['1mo2d3h', 'P1Y2M']],
  ['list<int>', [[3, 1, 2], '[1]', []]],
  ['set<text>', [['b', 'a', 'b']]],
  ['map<int, text>', [{ 7: 'a', '-1': 'b' }]],
  ['map<text, frozen<list<double>>>', [{ a: [1, 2.5] }]],
  ['tuple<int, text>', [[1, null]]],
  ['frozen<pair>', [{ a: 1 }, { B: 'x', a: '2' }, '{"a": 3, "b": "y"}']],
]

describe('conversion by the JSON rules of Cassandra (checklist 10.3)', () => {
  it('stores what INSERT JSON stores', async () => {
    await keyspace.client.execute(`CREATE TYPE ${keyspace.name}.pair (a int, b text)`)
    const columns = TYPES.map(([type], at) => `c${at} ${type}`).join(', ')
    await create(`id int PRIMARY KEY, ${columns}`)
    await create(`id int PRIMARY KEY, ${columns}`, 'expected')
    const values = TYPES.flatMap(([, list], at) => list.map(value => ({ [`c${at}`]: value })))
    const records = values.map((value, id) => ({ id, ...value }))
    for (const record of records) {
      const cql = `INSERT INTO ${keyspace.name}.expected JSON ?`
      await keyspace.client.execute(cql, [JSON.stringify(record)], { prepare: true })
    }
    worker = await startWorker([classic('INSERT INTO orders SELECT * FROM TOPIC', schemaless())])
    await sendValues(...records)
    await committed(records.length)
    const found = (of: string) => rows(of).then(all => all.sort((a, b) => a['id'] - b['id']))
    const [ours, theirs] = [await found('orders'), await found('expected')]
    expect(ours.length).toBe(records.length)
    expect(ours.map(row => JSON.stringify(row, show))).toEqual(
      theirs.map(row => JSON.stringify(row, show)),
    )
  })
})

function show(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : Number.isNaN(value) ? 'NaN' : value
}

describe('a table that changes', () => {
  it('a column that is added while the sink runs is written, not refused', async () => {
    await create('id int PRIMARY KEY, a text')
    worker = await startWorker([classic('INSERT INTO orders SELECT * FROM TOPIC', schemaless())])
    await sendValues({ id: 1, a: 'x' })
    await committed(1)
    await keyspace.client.execute(`ALTER TABLE ${keyspace.name}.orders ADD b text`)
    // The event of the change may come after the record: the sink looks itself.
    await sendValues({ id: 2, a: 'y', b: 'new' })
    await committed(2)
    expect((await rows()).find(row => row['id'] === 2)).toEqual({ id: 2, a: 'y', b: 'new' })
  })
})

describe('tombstones (10.5)', () => {
  const DELETES = { 'connect.cassandra.delete.enabled': 'true' }

  it('deletes by the whole key', async () => {
    await create('id bigint PRIMARY KEY, a text')
    worker = await startWorker([
      classic('INSERT INTO orders SELECT * FROM TOPIC', {
        ...schemaless(DELETES),
        'connect.cassandra.delete.statement': 'DELETE FROM orders WHERE id = ?',
      }),
    ])
    await send(topic.name, [
      { key: '1', value: '{"id":1,"a":"x"}' },
      { key: '2', value: '{"id":2,"a":"y"}' },
      { key: '1', value: null },
      { key: '3', value: null },
      { key: '3', value: '{"id":3,"a":"again"}' },
    ])
    await committed(5)
    expect((await rows()).map(row => `${row['id']} ${row['a']}`).sort()).toEqual(['2 y', '3 again'])
  })

  it('deletes by fields of a JSON key', async () => {
    await create('a int, b text, c text, PRIMARY KEY (a, b)')
    worker = await startWorker([
      classic('INSERT INTO orders SELECT * FROM TOPIC', {
        ...schemaless(DELETES),
        'connect.cassandra.delete.statement': `DELETE FROM ${keyspace.name}.orders WHERE b = ? AND a = ?`,
        'connect.cassandra.delete.struct_flds': 'inner.b, a',
      }),
    ])
    await send(topic.name, [
      { value: '{"a":1,"b":"x","c":"1"}' },
      { value: '{"a":1,"b":"y","c":"2"}' },
      { key: '{"a":1,"inner":{"b":"x"}}', value: null },
    ])
    await committed(3)
    expect(await rows()).toEqual([{ a: 1, b: 'y', c: '2' }])
    await send(topic.name, [{ key: '{"a":1}', value: null }])
    expect(await failed()).toContain('required field missing')
  })

  it('stops at a tombstone when deletes are not enabled (D14), or passes over it when told', async () => {
    await create('id int PRIMARY KEY')
    const kcql = 'INSERT INTO orders SELECT * FROM TOPIC'
    worker = await startWorker([classic(kcql, schemaless())])
    await send(topic.name, [{ key: '1', value: null }, { value: '{"id":2}' }])
    expect(await failed()).toContain('missing delete statement')
    const config = classic(kcql, schemaless({ 'scamander.kcql.ignore.tombstones': 'true' }))
    expect((await worker.call('PUT', `/connectors/${name}/config`, config)).status).toBe(200)
    await committed(2)
    expect(await rows()).toEqual([{ id: 2 }])
  })
})

describe('error policies (checklist 10)', () => {
  const kcql = 'INSERT INTO orders SELECT * FROM TOPIC'
  const GOOD = [{ id: 1 }, { id: 2, oops: 1 }, { id: 3 }]

  it('THROW: the task fails, and what follows the record is not committed', async () => {
    await create('id int PRIMARY KEY')
    worker = await startWorker([classic(kcql, schemaless())])
    await sendValues(...GOOD)
    const trace = await failed()
    expect(trace).toContain('"oops"')
    expect(trace).toContain(`${keyspace.name}.orders`)
    const { json } = await worker.call('GET', `/connectors/${name}/offsets`)
    expect(json.offsets[0]?.offset.kafka_offset ?? 0).toBeLessThanOrEqual(1)
  })

  it('NOOP: the record alone is given up (D15)', async () => {
    await create('id int PRIMARY KEY')
    const more = schemaless({ 'connect.cassandra.error.policy': 'noop' })
    worker = await startWorker([classic(kcql, more)])
    await sendValues(...GOOD)
    await committed(3)
    expect((await rows()).map(row => row['id']).sort()).toEqual([1, 3])
    expect(worker.logs.some(line => line.includes('it is skipped'))).toBe(true)
  })

  it('RETRY: the same records again after the interval, then FAILED', async () => {
    await create('id int PRIMARY KEY')
    const more = schemaless({
      'connect.cassandra.sink.error.policy': 'RETRY',
      'connect.cassandra.max.retires': '2',
      'connect.cassandra.retry.interval': '300',
    })
    worker = await startWorker([classic(kcql, more)])
    const startMs = performance.now()
    await sendValues(...GOOD)
    await failed()
    expect(performance.now() - startMs).toBeGreaterThan(550)
  })

  it('RETRY: covers the start, until the cluster can be reached', async () => {
    await create('id int PRIMARY KEY')
    const proxy = createServer(socket => {
      const { contactPoints, port } = testCassandra()
      const server = connect(port, contactPoints[0])
      const end = () => {
        socket.destroy()
        server.destroy()
      }
      socket.on('error', end).on('close', end).pipe(server)
      server.on('error', end).on('close', end).pipe(socket)
    })
    const listen = (port: number) =>
      new Promise<number>(resolve => {
        proxy.listen(port, '127.0.0.1', () => resolve((proxy.address() as AddressInfo).port))
      })
    const port = await listen(0)
    await new Promise(resolve => proxy.close(resolve))
    const config = classic('INSERT INTO orders SELECT * FROM TOPIC', {
      ...schemaless(),
      'connect.cassandra.contact.points': '127.0.0.1',
      'connect.cassandra.port': String(port),
      'connect.cassandra.error.policy': 'RETRY',
      'connect.cassandra.retry.interval': '300',
    })
    worker = await startWorker([config])
    await until('a failed start', () => worker!.logs.some(line => line.includes('tried again')))
    await listen(port)
    try {
      await sendValues({ id: 1 })
      await committed(1)
      expect(await rows()).toEqual([{ id: 1 }])
      await worker.stop()
      worker = undefined
    } finally {
      proxy.close()
    }
  })

  it('RETRY: goes on when the cause is gone', async () => {
    await create('id int PRIMARY KEY')
    const more = schemaless({
      'connect.cassandra.error.policy': 'RETRY',
      'connect.cassandra.max.retries': '-1',
      'connect.cassandra.retry.interval': '200',
    })
    worker = await startWorker([classic('INSERT INTO orders SELECT * FROM TOPIC', more)])
    await sendValues({ id: 1 })
    await committed(1)
    await keyspace.client.execute(`DROP TABLE ${keyspace.name}.orders`)
    await sendValues({ id: 2 })
    await until('a failed write', () => worker!.logs.some(line => line.includes('again')))
    await create('id int PRIMARY KEY')
    await committed(2)
    expect(await rows()).toEqual([{ id: 2 }])
  })
})
