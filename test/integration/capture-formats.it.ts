/**
 * Every event format through every converter that needs a registry, end to end: Cassandra, capture,
 * connector, registry (Apicurio's where it can be started), topic, and back to values.
 * Spec: cdc-replication 3, 10.4.
 */
import { readFileSync } from 'node:fs'
import { Consumer } from '@platformatic/kafka'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sourceOf } from '../../src/config/index.ts'
import { converterClasses } from '../../src/convert/index.ts'
import { Struct } from '../../src/flow/index.ts'
import { openRegistry } from '../../src/kafka/index.ts'
import {
  DEBEZIUM_DDL,
  DEBEZIUM_KEYSPACE,
  DEBEZIUM_MICROS_MAX,
  DEBEZIUM_PREFIX,
  DEBEZIUM_STATEMENTS,
  DEBEZIUM_TABLES,
} from '../golden/debezium-cases.ts'
import { startApicurio } from '../support/apicurio.ts'
import {
  type CaptureServers,
  type CaptureWorker,
  captureServers,
  command,
  removeFolder,
  startCaptureWorker,
} from '../support/capture-servers.ts'
import { connectClient } from '../support/keyspace.ts'
import { decode } from '../support/memory-registry.ts'
import { SchemaRegistryServer } from '../support/schema-registry.ts'
import { callRest, until } from '../support/standalone.ts'

const RUN = Date.now()
const KEYSPACE = `formats_${RUN}`
const PATIENCE_MS = 120_000
const topic = (name: string) => `${name}-${RUN}`
let servers: CaptureServers
let client: Client
let worker: CaptureWorker

beforeAll(async () => {
  servers = await captureServers()
  client = await connectClient(servers.description.cassandra!)
  const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
  await client.execute(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
  await client.execute(`USE ${KEYSPACE}`)
  worker = await startCaptureWorker(servers.description)
}, 180_000)

afterAll(async () => {
  await worker?.stop()
  await client?.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
  removeFolder(worker?.folder)
  await client?.shutdown()
  await servers?.stop()
}, 60_000)

async function advrep(...args: string[]): Promise<string> {
  const run = await command('advrep', '--url', worker.url, ...args)
  expect([run.code, run.err.replace(/^note:.*\n/gm, '')]).toEqual([0, ''])
  return run.out
}

const tableArgs = (table: string) => ['--source-keyspace', KEYSPACE, '--source-table', table]

async function channel(table: string, destination: string): Promise<void> {
  await advrep('destination', 'create', '--name', destination)
  await advrep('channel', 'create', ...tableArgs(table), '--destination', destination)
}

async function connector(name: string, config: Record<string, string>): Promise<void> {
  const full = { 'connector.class': 'DseSourceConnector', 'tasks.max': '1', ...config }
  const { status, text } = await callRest(worker.url, 'PUT', `/connectors/${name}/config`, full)
  expect([status, text]).toEqual([expect.toBeOneOf([200, 201]), text])
}

interface Seen {
  readonly key: Buffer
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** Reads a topic from its beginning until `isEnough`. */
async function read(name: string, isEnough: (seen: readonly Seen[]) => boolean): Promise<Seen[]> {
  const consumer = new Consumer({
    clientId: 'scamander-test',
    groupId: `g-${name}-${performance.now()}`,
    bootstrapBrokers: servers.description.kafka!.bootstrapServers.split(','),
  })
  const seen: Seen[] = []
  try {
    const stream = await until(`the topic ${name}`, () =>
      consumer
        .consume({ topics: [name], mode: 'earliest', maxWaitTime: 50 })
        .catch((error: unknown) => {
          if (String(error).includes('Unknown topic')) return undefined
          throw error
        }),
    )
    stream.on('data', ({ key, value, headers }) => {
      seen.push({
        key,
        value: value == null || value.length === 0 ? null : value,
        headers: Object.fromEntries([...headers].map(pair => pair.map(String))),
      })
    })
    await until(`what is expected on ${name}`, () => isEnough(seen), PATIENCE_MS)
    return seen
  } catch (error) {
    const { text } = await callRest(worker.url, 'GET', '/connectors?expand=status')
    const failed = /"trace":"([^"]{0,2000})/.exec(text)?.[1] ?? 'no task failed'
    throw new Error(`${String(error)}: ${seen.length} records; ${failed}`)
  } finally {
    await consumer.close(true)
  }
}

/** Apicurio's registry where it can be started, else the fixture. */
async function registry(): Promise<{ url: string; stop(): Promise<void>; name: string }> {
  const apicurio = await startApicurio()
  if (typeof apicurio !== 'string') {
    return { url: apicurio.url, stop: () => apicurio.stop(), name: 'Apicurio' }
  }
  const fixture = await new SchemaRegistryServer().start()
  return { url: fixture.url, stop: () => fixture.stop(), name: 'fixture' }
}

it('writes every format as Avro, Protobuf and JSON Schema by a registry', async () => {
  const { url, stop } = await registry()
  const table = 'typed'
  await client.execute(`CREATE TABLE ${table} (k text, c int, s text static, i int, b bigint, t text,
    d decimal, u uuid, at timestamp, day date, bl blob, ok boolean, f double, l frozen<list<int>>,
    m map<text, int>, st set<text>, PRIMARY KEY (k, c))`)
  const names = ['AvroConverter', 'ProtobufConverter', 'JsonSchemaConverter']
  const formats = ['default', 'debezium', 'scamander']
  const cases = names.flatMap(converter => formats.map(format => ({ converter, format })))
  const nameOf = (one: (typeof cases)[number]) => `${one.format}-${one.converter}`.toLowerCase()
  try {
    for (const one of cases) {
      await channel(table, nameOf(one))
      const settings = { 'schema.registry.url': url, 'optional.for.nullables': 'true' }
      const of = (side: string) =>
        Object.entries(settings).map(([key, value]) => [`${side}.converter.${key}`, value])
      await connector(nameOf(one), {
        ...{ 'key.converter': one.converter, 'value.converter': one.converter },
        ...Object.fromEntries([...of('key'), ...of('value')]),
        ...{ topic: topic(nameOf(one)), destination: nameOf(one), 'scamander.format': one.format },
        'scamander.collections': 'delta',
      })
    }
    const uuid = '11111111-2222-3333-4444-555555555555'
    await client.execute(`INSERT INTO ${table} (k, c, s, i, b, t, d, u, at, day, bl, ok, f, l, m, st)
      VALUES ('a', 1, 'st', 7, 9007199254740993, 'täxt', 12.50, ${uuid}, 1700000000123, '2024-02-29',
      0x00ff, true, 1.5, [1, 2], {'x': 1}, {'y'}) USING TIMESTAMP 1700000000000001`)
    await client.execute(`UPDATE ${table} SET m['z'] = 3, i = null WHERE k = 'a' AND c = 1`)
    await client.execute(`DELETE FROM ${table} WHERE k = 'a' AND c = 1`)
    for (const one of cases) {
      // The insertion is two events: static row and row.
      const seen = await read(topic(nameOf(one)), all => all.length >= 4)
      const make = (isKey: boolean) =>
        converterClasses.get(one.converter)!.createConverter!(
          sourceOf({ 'schema.registry.url': url, 'optional.for.nullables': 'true' }),
          isKey,
          { openRegistry },
        )
      const found: unknown[] = []
      for (const { key, value } of seen) {
        const decodedKey = named((await decode(make(true), key)).value)
        const decoded = value === null ? null : named((await decode(make(false), value)).value)
        found.push([decodedKey, ...shown(one.format, decoded)])
      }
      expect([nameOf(one), ...found]).toEqual([nameOf(one), ...expected(one.format)])
    }
  } finally {
    for (const one of cases) await callRest(worker.url, 'DELETE', `/connectors/${nameOf(one)}`)
    await stop()
  }
}, 300_000)

type Named = Readonly<Record<string, unknown>>

/** Structs by the names of their fields; without what is null or empty. */
function named(value: unknown): unknown {
  if (value instanceof Struct) {
    const pairs = value.schema.fields.map((field, i) => [field.name, named(value.values[i])])
    return Object.fromEntries(pairs.filter(([, one]) => one !== null))
  }
  if (value instanceof Map) return value.size === 0 ? null : Object.fromEntries(value)
  if (Array.isArray(value)) return value.length === 0 ? null : value
  if (Buffer.isBuffer(value)) return value.toString('hex')
  return typeof value === 'bigint' || value instanceof Date ? String(value) : (value ?? null)
}

/** Operation and row of an event in any of the formats. */
function shown(format: string, value: unknown): readonly unknown[] {
  const { op = null, row = {}, after = {}, ...rest } = (value ?? {}) as Record<string, Named>
  if (format === 'default') return [null, rest]
  if (format === 'scamander') return [op, row]
  const cells = Object.entries(after).filter(([name]) => name !== 'k' && name !== 'c')
  const values = cells.map(([name, cell]) => [name, (cell as Named)['value']] as const)
  return [op, Object.fromEntries(values.filter(([, one]) => one !== undefined))]
}

const WHOLE = {
  ...{ i: 7, b: '9007199254740993', t: 'täxt', d: '12.50' },
  u: '11111111-2222-3333-4444-555555555555',
  ...{ at: '1700000000123', day: 19_782, bl: '00ff', ok: true, f: 1.5 },
  ...{ l: [1, 2], m: { x: 1 }, st: ['y'] },
}

function expected(format: string): readonly unknown[] {
  const ops: Readonly<Record<string, readonly (string | null)[]>> = {
    default: [null, null, null, null],
    debezium: ['u', 'i', 'u', 'd'],
    scamander: ['UPDATE', 'INSERT', 'UPDATE', 'DELETE'],
  }
  const rows = [{ s: 'st' }, WHOLE, { m: { z: 3 } }, {}]
  return rows.map((row, i) => [i === 0 ? { k: 'a' } : { k: 'a', c: 1 }, ops[format]![i], row])
}

const GOLDEN: { records: { table: string; key: unknown; value: unknown }[] } = JSON.parse(
  readFileSync(new URL('../golden/debezium-records.json', import.meta.url), 'utf8'),
)

it('gives the records of the Debezium connector, with its schemas', async () => {
  const keyspace = DEBEZIUM_KEYSPACE
  const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
  await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = ${replication}`)
  await client.execute(`USE ${keyspace}`)
  try {
    for (const statement of DEBEZIUM_DDL) await client.execute(statement)
    await advrep('destination', 'create', '--name', 'bezium')
    for (const table of DEBEZIUM_TABLES) {
      const key = ['--source-keyspace', keyspace, '--source-table', table]
      await advrep('channel', 'create', ...key, '--destination', 'bezium')
    }
    await connector('bezium', {
      ...{ 'key.converter': 'JsonConverter', 'value.converter': 'JsonConverter' },
      ...{ destination: 'bezium', 'scamander.format': 'debezium', 'scamander.decimal': 'double' },
      ...{ 'scamander.varint': 'long', 'scamander.topic.prefix': DEBEZIUM_PREFIX },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the connector fills it in
      topic: topic('bezium-${table}'),
    })
    for (const statement of DEBEZIUM_STATEMENTS) await client.execute(statement)
    for (const table of DEBEZIUM_TABLES) {
      const expected = GOLDEN.records.filter(one => one.table === table)
      const seen = await read(topic(`bezium-${table}`), all => all.length >= expected.length)
      const found = seen.map(({ key, value }) => ({
        ...{ table, key: JSON.parse(key.toString()) },
        value: JSON.parse(value!.toString()),
      }))
      expect(found.map(comparable)).toEqual(expected.map(comparable))
    }
  } finally {
    await client.execute(`DROP KEYSPACE ${keyspace}`)
  }
}, 180_000)

/**
 * Without what is of the run alone: the moment, the place in the log, the release, the expiry. And
 * without the differences that are meant: dates count from 1970, types of columns in descending
 * order go by their own name, keys of maps are never null.
 */
function comparable(record: unknown): unknown {
  const ofRun = new Set(['ts_ms', 'version', 'file', 'pos'])
  const text = JSON.stringify(record, (name, value) => {
    if (ofRun.has(name) && typeof value !== 'object') return name
    if (name === 'deletion_ts' && value > DEBEZIUM_MICROS_MAX) return name
    if (name === 'value' && typeof value === 'number' && value < -(2 ** 30)) return value + 2 ** 31
    if (name === 'keys') return { ...value, optional: false }
    if (typeof value !== 'string') return value
    return value.replace(/^org\.apache\.cassandra\.db\.marshal\.ReversedType\((.*)\)$/, '$1')
  })
  return JSON.parse(text)
}
