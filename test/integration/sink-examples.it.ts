/**
 * The example configurations of the DataStax dialect, started as they are but for addresses, names
 * and topics: from their files at the start of a worker, and by REST while one runs. They move the
 * records they promise. The secured one is started by test/integration/secured-sink.it.ts.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readConfigFile, toRecord } from '../../src/config/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import {
  type SentRecord,
  send,
  startWorker,
  type TestWorker,
  until,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'
import { admin, closeAll } from '../support/topic-reader.ts'

const FOLDER = fileURLToPath(new URL('../../examples/coding', import.meta.url))
const UUID = '50554d6e-29bb-41e5-b345-feff819cdc9f'
let keyspace: TestKeyspace
let topic: TestTopic
let worker: TestWorker | undefined
let run: string

interface Example {
  readonly file: string
  /** The topic in the file, which the test's stands for. */
  readonly topic: string
  readonly records: readonly SentRecord[]
  /** Rows in the end, by table. */
  readonly rows: Readonly<Record<string, readonly object[]>>
}

const USERS = {
  topic: 'users',
  records: [{ key: '7', value: '{"name":"Ann","age":41}' }],
  rows: { users: [{ id: 7, name: 'Ann', age: 41 }] },
}
const ORDER = { customer: 'Ann', placed_at: '2024-05-01 10:00:00.000Z', id: 'o1' }
const EXAMPLES: Example[] = [
  { file: 'users-sink.json', ...USERS },
  { file: 'users-sink.properties', ...USERS },
  {
    file: 'orders-two-tables.json',
    topic: 'orders',
    records: [
      { key: 'o1', value: '{"customer":"Ann","placedAt":"2024-05-01T10:00:00Z","total":12.5}' },
    ],
    rows: { orders: [{ ...ORDER, total: 12.5 }], recent_orders_by_customer: [ORDER] },
  },
  {
    file: 'page-views-counter.json',
    topic: 'page-views',
    records: [
      { key: '/', value: '{"count":2}' },
      { key: '/', value: '{"count":3}' },
    ],
    rows: { page_views: [{ page: '/', views: 5 }] },
  },
  {
    file: 'events-dead-letters.json',
    topic: 'events',
    records: [
      { key: 'no uuid', value: 'lost' },
      { key: UUID, value: 'kept' },
    ],
    rows: { events: [{ id: UUID, body: 'kept' }] },
  },
  {
    file: 'public-guide.properties',
    topic: 'my_kafka_topic',
    records: [{ key: 'k', value: '{"any":"text"}' }],
    rows: { my_table: [{ kafka_key: 'k', kafka_value: '{"any":"text"}' }] },
  },
]
/** Needs TLS and a login. */
const ELSEWHERE = ['secured-cluster.json']

beforeEach(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic()
  run = randomBytes(4).toString('hex')
  const statements = readFileSync(join(FOLDER, 'schema.cql'), 'utf8').split(';')
  for (const cql of statements.filter(one => one.includes('CREATE TABLE'))) {
    await keyspace.client.execute(cql.replaceAll(/(?:shop|my_keyspace)\./g, `${keyspace.name}.`))
  }
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await admin()
    .deleteTopics([`${run}-events-dead-letters`])
    .catch(() => undefined)
  await closeAll()
  await topic.drop()
  await keyspace.drop()
})

/** The file's settings with this test's addresses, keyspace and topic. */
function settings({ file, topic: from }: Example): Record<string, string> {
  const { contactPoints, port, localDatacenter } = testCassandra()
  const given = toRecord(readConfigFile(join(FOLDER, file)))
  const keyOf = (key: string) =>
    key
      .replace(
        new RegExp(`topic\\.${from}\\.(?:shop|my_keyspace)\\.`),
        `topic.${topic.name}.${keyspace.name}.`,
      )
      .replace(`topic.${from}.codec`, `topic.${topic.name}.codec`)
  const config = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [keyOf(key), value]),
  )
  const letters = 'errors.deadletterqueue.topic.name'
  return {
    ...config,
    name: `${run}-${config['name']}`,
    topics: topic.name,
    contactPoints: contactPoints.join(','),
    port: String(port),
    'loadBalancing.localDc': localDatacenter,
    ...(config[letters] === undefined ? {} : { [letters]: `${run}-${config[letters]}` }),
  }
}

it('every file is among the examples', () => {
  const files = readdirSync(FOLDER).filter(
    name => /\.(json|properties)$/.test(name) && name !== 'worker.properties',
  )
  const known = [...EXAMPLES.map(one => one.file), ...ELSEWHERE]
  expect(known.sort()).toEqual(files.sort())
})

it.each(
  EXAMPLES.flatMap(example => [
    { ...example, how: 'from its file' },
    { ...example, how: 'by REST' },
  ]),
)('$file moves its records, $how', async ({ how, ...example }) => {
  const config = settings(example)
  worker = await startWorker(how === 'by REST' ? [] : [config])
  if (how === 'by REST') {
    const path = `/connectors/${config['name']}/config`
    expect((await worker.call('PUT', path, config)).status).toBe(201)
  }
  await send(topic.name, example.records)
  for (const [table, rows] of Object.entries(example.rows)) {
    await until(`the rows of ${table}`, async () => {
      const result = await keyspace.client.execute(`SELECT JSON * FROM ${keyspace.name}.${table}`)
      const found = result.rows.map(row => JSON.parse(String(row['[json]'])))
      return isDeepStrictEqual(found, rows)
    })
  }
})
