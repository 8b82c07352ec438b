/**
 * The example configurations of sources, started as they are but for addresses and names: they move
 * the rows they promise.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { types } from 'cassandra-driver'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readConfigFile, toRecord } from '../../src/config/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import { countRecords, sourceWorker, TopicLog } from '../support/source.ts'
import { startWorker, type TestWorker, until } from '../support/standalone.ts'
import { admin, closeAll } from '../support/topic-reader.ts'

const FOLDER = fileURLToPath(new URL('../../examples/sources', import.meta.url))
let keyspace: TestKeyspace
let worker: TestWorker | undefined
let prefix: string

beforeEach(async () => {
  keyspace = await testKeyspace()
  prefix = `ex-${randomBytes(4).toString('hex')}-`
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.order_log (
    id int, created timeuuid, product text, qty int, price float, PRIMARY KEY (id, created))`)
  await keyspace.client.execute(
    `CREATE TABLE ${keyspace.name}.my_table (kafka_key text PRIMARY KEY, qty int)`,
  )
  const insert = `INSERT INTO ${keyspace.name}.order_log (id, created, product, qty, price) VALUES (?, ?, ?, ?, ?)`
  for (const id of [1, 2, 3]) {
    const created = types.TimeUuid.fromDate(new Date(Date.now() - 120_000))
    await keyspace.client.execute(insert, [id, created, `p${id}`, id * 10, 0.5], { prepare: true })
    await keyspace.client.execute(
      `INSERT INTO ${keyspace.name}.my_table (kafka_key, qty) VALUES ('${id}', ${id * 10})`,
    )
  }
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await closeAll()
  await keyspace.drop()
})

/** The file's settings with this test's addresses, keyspace and topics. */
function settings(file: string): Record<string, string> {
  const { contactPoints, port, localDatacenter } = testCassandra()
  const own: Record<string, string> = {
    'connect.cassandra.contact.points': contactPoints.join(','),
    'connect.cassandra.port': String(port),
    'connect.cassandra.key.space': keyspace.name,
    contactPoints: contactPoints.join(','),
    port: String(port),
    'loadBalancing.localDc': localDatacenter,
    keyspace: keyspace.name,
    'topic.prefix': prefix,
  }
  const given = toRecord(readConfigFile(join(FOLDER, file)))
  const entries = Object.entries(given).map(([key, value]) => {
    const text = own[key] ?? value.replace(/INSERT INTO /, `INSERT INTO ${prefix}`)
    return [key, key === 'name' ? prefix + value : text] as const
  })
  // A file without a port means the usual one, which is another one here.
  const ports = given['contactPoints'] === undefined ? {} : { port: String(port) }
  return { ...Object.fromEntries(entries), ...ports }
}

const CASES: [string, string, readonly string[]][] = [
  [
    'orders-datamountaineer.properties',
    'order-log-topic',
    ['id', 'created', 'price', 'product', 'qty'],
  ],
  ['orders-lenses.properties', 'new-orders', ['created', 'item', 'qty']],
  ['orders-ranges.json', 'order_log', ['id', 'created', 'price', 'product', 'qty']],
  ['public-guide.json', 'my_table', ['kafka_key', 'qty']],
]

it('every file is among the cases', () => {
  const files = readdirSync(FOLDER).filter(name => /\.(json|properties)$/.test(name))
  expect(CASES.map(([file]) => file).sort()).toEqual(files.sort())
})

it.each(
  CASES.flatMap(([file, topic, fields]) => [
    { file, topic, fields, how: 'from its file' },
    { file, topic, fields, how: 'by REST' },
  ]),
)('$file moves its rows, $how', async ({ file, topic, fields, how }) => {
  const config = settings(file)
  worker = await startWorker(how === 'by REST' ? [] : [config], sourceWorker())
  if (how === 'by REST') {
    const path = `/connectors/${config['name']}/config`
    expect((await worker.call('PUT', path, config)).status).toBe(201)
  }
  await until('three records', async () => (await countRecords(prefix + topic)) === 3)
  const log = await TopicLog.open(prefix + topic)
  const values = (await log.readTo(3)).map(one => JSON.parse(one.value!) as Record<string, unknown>)
  expect(values.map(one => one['qty']).sort()).toEqual([10, 20, 30])
  expect(Object.keys(values[0]!)).toEqual(fields)
  await worker.stop()
  worker = undefined
  await admin().deleteTopics([prefix + topic])
})
