/**
 * Avro, Protobuf and JSON Schema topics through a standalone worker into tables: the bytes come from
 * serializers of other hands, schemas change under way, the registry is away at the start and in the
 * middle, and damaged payloads become dead letters.
 */
import { randomBytes } from 'node:crypto'
import avro from 'avsc'
import protobuf from 'protobufjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRegistry } from '../../src/kafka/index.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { SchemaRegistryServer } from '../support/schema-registry.ts'
import {
  type SentRecord,
  type Settings,
  send,
  sinkSettings,
  startWorker,
  type TestWorker,
  until,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'
import { closeAll, Reader } from '../support/topic-reader.ts'

let keyspace: TestKeyspace
let topic: TestTopic
let registry: SchemaRegistryServer
let worker: TestWorker | undefined
let name: string

beforeEach(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic()
  registry = await new SchemaRegistryServer().start()
  name = `registry-${randomBytes(4).toString('hex')}`
  await keyspace.client.execute(
    `CREATE TABLE ${keyspace.name}.users (id bigint PRIMARY KEY, name text, age int, balance decimal, born date, seen timestamp, tags list<text>, mail text)`,
  )
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await registry.stop()
  await closeAll()
  await topic.drop()
  await keyspace.drop()
})

const FIELDS = ['name', 'age', 'balance', 'born', 'seen', 'tags', 'mail']

function sink(className: string, more: Settings = {}): Record<string, string> {
  const mapping = ['id=value.id', ...FIELDS.map(field => `${field}=value.${field}`)].join(', ')
  const table = `topic.${topic.name}.${keyspace.name}.users`
  return sinkSettings(name, topic.name, {
    'value.converter': className,
    'value.converter.schema.registry.url': registry.url,
    [`${table}.mapping`]: mapping,
    [`${table}.allowMissingFields`]: 'true',
    ...more,
  })
}

async function rows() {
  const { rows: found } = await keyspace.client.execute(`SELECT * FROM ${keyspace.name}.users`)
  return found
    .map(row => ({
      id: Number(row['id']),
      name: row['name'],
      age: row['age'],
      balance: row['balance']?.toString() ?? null,
      born: row['born']?.toString() ?? null,
      seen: row['seen']?.getTime() ?? null,
      tags: row['tags'],
      mail: row['mail'],
    }))
    .sort((a, b) => a.id - b.id)
}

const count = (wanted: number) =>
  until(`${wanted} rows`, async () => ((await rows()).length === wanted ? true : undefined))

const text = (wanted: RegExp) =>
  until(`a log line like ${wanted}`, () => worker!.logs.find(line => wanted.test(line)))

function framed(id: number, ...payload: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  return Buffer.concat([head, ...payload])
}

const record = (value: Buffer | null): SentRecord => ({ key: 'k', value, timestampMs: 1000 })

function register(schema: string, format: 'AVRO' | 'PROTOBUF' | 'JSON'): Promise<number> {
  const client = openRegistry({
    urls: [registry.url],
    connectTimeoutMs: 2_000,
    readTimeoutMs: 5_000,
    login: { kind: 'url' },
    tls: {},
    headers: {},
    cacheEntriesMax: 10,
  })
  const references: never[] = []
  return client.register(
    `${topic.name}-value`,
    { format, text: schema, references },
    {
      normalize: false,
    },
  )
}

const AVRO_FIELDS = [
  { name: 'id', type: 'long' },
  { name: 'name', type: ['null', 'string'], default: null },
  { name: 'age', type: 'int' },
  { name: 'balance', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
  { name: 'born', type: { type: 'int', logicalType: 'date' } },
  { name: 'seen', type: { type: 'long', logicalType: 'timestamp-millis' } },
  { name: 'tags', type: { type: 'array', items: 'string' } },
]
const AVRO_V1 = { type: 'record', name: 'User', namespace: 'shop', fields: AVRO_FIELDS }
const AVRO_V2 = {
  ...AVRO_V1,
  fields: [...AVRO_FIELDS, { name: 'mail', type: 'string', default: '' }],
}

const AVRO = 'io.confluent.connect.avro.AvroConverter'
const PROTOBUF = 'io.confluent.connect.protobuf.ProtobufConverter'
const JSON_SCHEMA = 'io.confluent.connect.json.JsonSchemaConverter'
const BALANCE = Buffer.from([0x30, 0x39]) // 123.45
const SEEN = 1_700_000_000_123

const avroUser = (id: number, more: object = {}) => ({
  id,
  name: 'Ann',
  age: 41,
  balance: BALANCE,
  born: 19_000,
  seen: SEEN,
  tags: ['a', 'b'],
  ...more,
})
const avroBytes = (schema: object, value: object): Buffer =>
  avro.Type.forSchema(schema as avro.Schema).toBuffer(value)

const ANN = {
  id: 1,
  name: 'Ann',
  age: 41,
  balance: '123.45',
  born: '2022-01-08',
  seen: SEEN,
  tags: ['a', 'b'],
  mail: null,
}

describe('values of other serializers', () => {
  it('Avro, with a schema that changes under way', async () => {
    const first = await register(JSON.stringify(AVRO_V1), 'AVRO')
    worker = await startWorker([sink(AVRO)])
    await send(topic.name, [record(framed(first, avroBytes(AVRO_V1, avroUser(1))))])
    await count(1)
    const second = await register(JSON.stringify(AVRO_V2), 'AVRO')
    const other = avroBytes(AVRO_V2, avroUser(2, { name: null, mail: 'a@b' }))
    const again = avroBytes(AVRO_V1, avroUser(3))
    await send(topic.name, [record(framed(second, other)), record(framed(first, again))])
    await count(3)
    expect(await rows()).toEqual([
      ANN,
      { ...ANN, id: 2, name: null, mail: 'a@b' },
      { ...ANN, id: 3 },
    ])
  })

  it('Protobuf, the message anywhere in its file', async () => {
    const proto = `syntax = "proto3";
      package shop;
      import "google/protobuf/timestamp.proto";
      import "google/type/date.proto";
      import "confluent/type/decimal.proto";
      message Other { int32 x = 1; }
      message Users {
        message User {
          int64 id = 1; optional string name = 2; int32 age = 3;
          confluent.type.Decimal balance = 4; google.type.Date born = 5;
          google.protobuf.Timestamp seen = 6; repeated string tags = 7; string later = 15;
        }
      }`
    const id = await register(proto, 'PROTOBUF')
    const types = protobuf.parse(
      `syntax = "proto3"; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }
       message Date { int32 year = 1; int32 month = 2; int32 day = 3; }
       message Timestamp { int64 seconds = 1; int32 nanos = 2; }
       message User { int64 id = 1; string name = 2; int32 age = 3; Decimal balance = 4; Date born = 5;
         Timestamp seen = 6; repeated string tags = 7; }`,
    ).root
    const bytes = types
      .lookupType('User')
      .encode({
        id: 1,
        name: 'Ann',
        age: 41,
        balance: { value: BALANCE, scale: 2 },
        born: { year: 2022, month: 1, day: 8 },
        seen: { seconds: 1_700_000_000, nanos: 123_000_000 },
        tags: ['a', 'b'],
      })
      .finish()
    worker = await startWorker([sink(PROTOBUF)])
    // The path [1, 0], each number and the count as zig-zag varints.
    await send(topic.name, [record(framed(id, Buffer.from([4, 2, 0]), bytes))])
    await count(1)
    expect(await rows()).toEqual([ANN])
  })

  it('JSON Schema', async () => {
    const schema = {
      type: 'object',
      title: 'User',
      properties: {
        id: { type: 'integer' },
        name: { oneOf: [{ type: 'null' }, { type: 'string' }] },
        age: { type: 'integer', 'connect.type': 'int32' },
        balance: {
          type: 'number',
          title: 'org.apache.kafka.connect.data.Decimal',
          'connect.type': 'bytes',
          'connect.parameters': { scale: '2' },
        },
        born: {
          type: 'integer',
          title: 'org.apache.kafka.connect.data.Date',
          'connect.type': 'int32',
        },
        seen: { type: 'integer', title: 'org.apache.kafka.connect.data.Timestamp' },
        tags: { $ref: '#/definitions/tags' },
      },
      definitions: { tags: { type: 'array', items: { type: 'string' } } },
    }
    const id = await register(JSON.stringify(schema), 'JSON')
    const value = { ...avroUser(1), balance: 123.45, extra: true }
    worker = await startWorker([sink(JSON_SCHEMA)])
    await send(topic.name, [record(framed(id, Buffer.from(JSON.stringify(value))))])
    await count(1)
    expect(await rows()).toEqual([ANN])
  })
})

describe('a registry that is away', () => {
  it('at the start and in the middle: records wait, nothing is lost', async () => {
    const first = await register(JSON.stringify(AVRO_V1), 'AVRO')
    await registry.stop()
    worker = await startWorker([sink(AVRO)])
    const users = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) =>
        record(framed(first, avroBytes(AVRO_V1, avroUser(from + i)))),
      )
    await send(topic.name, users(0, 20))
    expect(await text(/no schema, reading again/)).toMatch(/ECONNREFUSED.*schema id/)
    const { json } = await worker.call('GET', `/connectors/${name}/status`)
    expect(json.tasks[0].state).toBe('RUNNING')
    expect(await rows()).toEqual([])
    await registry.start()
    await count(20)
    const second = await register(JSON.stringify(AVRO_V2), 'AVRO')
    await registry.stop()
    // What is known goes on without the registry; the new schema waits for it.
    await send(topic.name, users(20, 30))
    await count(30)
    const newer = record(framed(second, avroBytes(AVRO_V2, avroUser(99, { mail: 'x' }))))
    worker.logs.length = 0
    await send(topic.name, [newer, ...users(30, 40)])
    await text(/no schema, reading again/)
    await registry.start()
    await count(41)
    await until('the last offset', async () => {
      const answer = await worker!.call('GET', `/connectors/${name}/offsets`)
      return answer.json.offsets[0]?.offset.kafka_offset === 41
    })
  })

  it('a wrong login fails the task with the registry in the message', async () => {
    const id = await register(JSON.stringify(AVRO_V1), 'AVRO')
    registry.authorization = 'Basic b3RoZXI6cHc='
    worker = await startWorker([
      sink(AVRO, {
        'value.converter.basic.auth.credentials.source': 'USER_INFO',
        'value.converter.basic.auth.user.info': 'ann:topsecret',
        'errors.tolerance': 'all',
      }),
    ])
    await send(topic.name, [record(framed(id, avroBytes(AVRO_V1, avroUser(1))))])
    const trace = await until('the failure', async () => {
      const { json } = await worker!.call('GET', `/connectors/${name}/status`)
      return json.tasks[0].state === 'FAILED' ? (json.tasks[0].trace as string) : undefined
    })
    expect(trace).toContain('status 401')
    expect(trace + worker.logs.join('')).not.toContain('topsecret')
    expect(await rows()).toEqual([])
  })
})

it('what cannot be read becomes a dead letter, the rest is written', async () => {
  const id = await register(JSON.stringify(AVRO_V1), 'AVRO')
  const good = avroBytes(AVRO_V1, avroUser(1))
  const dead = `${topic.name}-dead`
  worker = await startWorker([
    sink(AVRO, {
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': dead,
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
    }),
  ])
  const cut = framed(id, good.subarray(0, 7))
  const unknown = framed(12_345, good)
  const plain = Buffer.from('{"id":1}')
  await send(topic.name, [cut, plain, unknown, framed(id, good)].map(record))
  await count(1)
  const reader = await new Reader({ topics: [dead] }).open()
  const letters: Awaited<ReturnType<typeof reader.readOnce>>[number][] = []
  await until('three letters', async () => {
    letters.push(...(await reader.readOnce()))
    return letters.length >= 3
  })
  expect(letters.map(one => one.value()?.toString('hex'))).toEqual(
    [cut, plain, unknown].map(one => one.toString('hex')),
  )
  const messages = letters.map(one =>
    String(one.headers.find(header => header.name.endsWith('exception.message'))?.value),
  )
  expect(messages[0]).toMatch(/expected more bytes|expected at most/)
  expect(messages[1]).toMatch(/Unknown magic byte!/)
  expect(messages[2]).toMatch(/schema id 12345.*40403/)
})
