/**
 * The current KCQL sink on real servers, the files of examples/kcql as they are but for addresses and
 * names, and configurations after their conversion into another dialect.
 * Spec: cassandra-sink 10.7; issue of the KCQL sinks.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfigFile, readProperties, toRecord } from '../../src/config/index.ts'
import { committedUpTo, rowsOf, traceOf } from '../support/kcql-sink.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import {
  type Settings,
  scamander,
  send,
  startWorker,
  type TestWorker,
  temporaryFile,
  toProperties,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'

const CURRENT = 'io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector'
const SCHEMALESS = {
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

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

function current(kcql: string, more: Settings = {}): Record<string, string> {
  const { contactPoints, port } = testCassandra()
  return {
    name,
    'connector.class': CURRENT,
    topics: topic.name,
    'connect.cassandra.kcql': kcql.replaceAll('KS', keyspace.name).replaceAll('TOPIC', topic.name),
    'connect.cassandra.contact.points': contactPoints.join(','),
    'connect.cassandra.port': String(port),
    ...SCHEMALESS,
    ...more,
  }
}

async function create(table: string, columns: string): Promise<void> {
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.${table} (${columns})`)
}

const rows = (table: string, columns = '*') => rowsOf(keyspace, table, columns)

const committed = (offset: number, connector = name) => committedUpTo(worker!, connector, offset)
const failed = () => traceOf(worker!, name)

describe('the current sink (10.7)', () => {
  it('takes fields of key, value and headers, functions, TTL and deletes', async () => {
    await create('orders', 'id bigint PRIMARY KEY, "Name" text, origin text, seen timeuuid')
    const kcql =
      'INSERT INTO KS.orders SELECT _key AS id, customer AS Name, _header.origin AS origin, now() AS seen ' +
      "FROM TOPIC PROPERTIES('ttl'='2', 'ttlTimeUnit'='HOURS')"
    worker = await startWorker([current(kcql)])
    const headers = { origin: 'web' }
    await send(topic.name, [
      { key: '7', value: '{"customer":"Ann"}', headers, timestampMs: 1000 },
      { key: '8', value: '{"customer":"Bo"}', headers, timestampMs: 1000 },
    ])
    await committed(2)
    const found = await rows(
      'orders',
      'id, "Name", origin, ttl("Name") AS t, writetime("Name") AS w',
    )
    expect(
      found.map(row => [String(row['id']), row['Name'], row['origin'], String(row['w'])]),
    ).toEqual(
      expect.arrayContaining([
        ['7', 'Ann', 'web', '1000000'],
        ['8', 'Bo', 'web', '1000000'],
      ]),
    )
    expect(found[0]!['t']).toBeGreaterThan(7000)
  })

  it('fills columns by name with *, but for those of IGNORE', async () => {
    await create('orders', 'id int PRIMARY KEY, a text, b text, c text')
    worker = await startWorker([
      current('INSERT INTO KS.orders SELECT *, x AS b FROM TOPIC IGNORE c', {
        'key.converter': SCHEMALESS['value.converter'],
        'key.converter.schemas.enable': 'false',
      }),
    ])
    await send(topic.name, [
      { key: '{"id":1}', value: '{"a":"1","x":"2","c":"3","more":true}', timestampMs: 1000 },
      { key: '{"id":2}', value: '{"a":"1","x":null}', timestampMs: 1000 },
    ])
    await committed(2)
    expect((await rows('orders')).sort((l, r) => l['id'] - r['id'])).toEqual([
      { id: 1, a: '1', b: '2', c: null },
      { id: 2, a: '1', b: null, c: null },
    ])
  })

  it('leaves out named fields that are ignored', async () => {
    await create('orders', 'id int PRIMARY KEY, a text, b text')
    worker = await startWorker([
      current('INSERT INTO KS.orders SELECT id, a, x AS b FROM TOPIC IGNORE x'),
    ])
    await send(topic.name, [{ value: '{"id":1,"a":"1","x":"2"}', timestampMs: 1000 }])
    await committed(1)
    expect(await rows('orders')).toEqual([{ id: 1, a: '1', b: null }])
  })

  it('* deletes by key, and does not take a record of other fields for a delete', async () => {
    await create('orders', 'id int PRIMARY KEY, a text')
    const config = current('INSERT INTO KS.orders SELECT * FROM TOPIC', {
      'key.converter': SCHEMALESS['value.converter'],
      'key.converter.schemas.enable': 'false',
    })
    worker = await startWorker([config])
    await send(topic.name, [
      { key: '{"id":1}', value: '{"a":"1"}', timestampMs: 1000 },
      { key: '{"id":2}', value: '{"a":"2"}', timestampMs: 1000 },
      { key: '{"id":1}', value: null, timestampMs: 2000 },
    ])
    await committed(3)
    expect(await rows('orders')).toEqual([{ id: 2, a: '2' }])
    await send(topic.name, [{ key: '{"id":2}', value: '{"other":"3"}', timestampMs: 3000 }])
    expect(await failed()).toContain('found none beyond the key')
    expect(await rows('orders')).toEqual([{ id: 2, a: '2' }])
  })

  it.each([
    ["SELECT a FROM TOPIC PROPERTIES('nulToUnset'='1')", 'did you mean nullToUnset?'],
    ['SELECT _header FROM TOPIC', 'expected the name of a header'],
    ['SELECT uuid() AS a FROM TOPIC', 'the function uuid() is not known; now() is'],
    ['SELECT a.* FROM TOPIC', 'is not known to this sink'],
    ["SELECT a FROM TOPIC PROPERTIES('consistencyLevel'='MANY')", 'String must be one of'],
    ["SELECT a FROM TOPIC PROPERTIES('codec.timeZone'='Mars')", 'an IANA zone'],
  ])('REST answers 400: %s', async (select, message) => {
    worker = await startWorker([])
    const config = current(`INSERT INTO KS.orders ${select}`)
    const answer = await worker.call('POST', '/connectors', { name, config })
    expect(answer.status).toBe(400)
    expect(answer.json.message).toContain(message)
    expect(answer.json.message).toContain('connect.cassandra.kcql')
  })

  it('tells columns that are not there at their place', async () => {
    await create('orders', 'id int PRIMARY KEY, a text')
    worker = await startWorker([])
    const config = current('INSERT INTO KS.orders SELECT id, z FROM TOPIC')
    const answer = await worker.call('PUT', `/connectors/${name}/config`, config)
    const column = config['connect.cassandra.kcql']!.indexOf(' z ') + 2
    expect([answer.status, answer.json.message]).toEqual([
      400,
      expect.stringContaining(`connect.cassandra.kcql line 1:${column}: expected columns of`),
    ])
  })
})

const EXAMPLES = fileURLToPath(new URL('../../examples/kcql', import.meta.url))

/** The example as it is, but for addresses, names and the topic of the test. */
function example(file: string): Record<string, string> {
  const { contactPoints, port, localDatacenter } = testCassandra()
  const config = toRecord(readConfigFile(`${EXAMPLES}/${file}`))
  for (const [key, value] of Object.entries(config)) {
    config[key] = value
      .replaceAll('orders-topic', topic.name)
      .replaceAll('demo.', `${keyspace.name}.`)
      .replace(/^demo$/, keyspace.name)
      .replace(/^127\.0\.0\.1$/, contactPoints.join(','))
      .replace(/^9042$/, String(port))
      .replace(/^datacenter1$/, localDatacenter)
  }
  return { ...config, name: `${config['name']}-${name}` }
}

async function makeTables(): Promise<void> {
  const statements = readFileSync(`${EXAMPLES}/schema.cql`, 'utf8').split(';')
  for (const cql of statements.filter(one => one.includes('CREATE TABLE'))) {
    await keyspace.client.execute(cql.replaceAll('demo.', `${keyspace.name}.`))
  }
}

const FIELDS = [
  { field: 'id', type: 'int32' },
  { field: 'created', type: 'string' },
  { field: 'customer', type: 'string' },
  { field: 'product', type: 'string' },
  { field: 'qty', type: 'int32' },
  { field: 'price', type: 'float' },
]
const ORDER = {
  id: 1,
  created: '2016-05-06 13:53:00',
  customer: 'Ann',
  product: 'OP-DAX-P-20150201-95.7',
  qty: 100,
  price: 94.2,
}
const RECORD = JSON.stringify({ schema: { type: 'struct', fields: FIELDS }, payload: ORDER })

describe('the example files', () => {
  it.each([
    ['orders-datamountaineer.properties', 'start'],
    ['orders-datamountaineer.properties', 'rest'],
    ['orders-lenses.properties', 'start'],
    ['orders-lenses.properties', 'rest'],
    ['orders-current.json', 'start'],
    ['orders-current.json', 'rest'],
  ])('%s moves its rows, by %s', async (file, how) => {
    await makeTables()
    const config = example(file)
    worker = await startWorker(how === 'start' ? [config] : [])
    if (how === 'rest') {
      const path = `/connectors/${config['name']}/config`
      expect((await worker.call('PUT', path, config)).status).toBe(201)
    }
    await send(topic.name, [{ value: RECORD }])
    await committed(1, config['name'])
    if (file === 'orders-datamountaineer.properties') {
      const [row] = await rows('orders')
      expect({ ...row, price: Math.round(row!['price'] * 10) / 10 }).toEqual(ORDER)
    } else {
      const { id, created, customer } = ORDER
      expect(await rows('order_customers')).toEqual([{ id, created, name: customer }])
    }
  })

  it.each(['orders-lenses.properties', 'orders-current.json'])(
    '%s converted to the other dialects moves the same rows',
    async file => {
      await makeTables()
      const config = example(file)
      const path = temporaryFile('sink.properties', toProperties(config))
      const first = await scamander(['convert', 'config', path, '--to', 'datastax'])
      expect(first.stdout).toContain(
        `topic.${topic.name}.${keyspace.name}.order_customers.mapping=`,
      )
      const back = temporaryFile('sink.properties', first.stdout)
      const second = await scamander(['convert', 'config', back, '--to', 'kcql'])
      expect([second.stderr, second.code]).toEqual(['', 0])
      const connectors = [first.stdout, second.stdout].map((text, turn) => ({
        ...toRecord(readProperties(text)),
        name: `${name}-${turn}`,
      }))
      worker = await startWorker(connectors)
      await send(topic.name, [{ value: RECORD }])
      await committed(1, `${name}-0`)
      await committed(1, `${name}-1`)
      const { id, created, customer } = ORDER
      expect(await rows('order_customers')).toEqual([{ id, created, name: customer }])
    },
  )
})
