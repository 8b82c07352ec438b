/**
 * Records through a standalone worker into tables: the worked examples of the specification,
 * error policies with committed offsets, dead letters.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
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
let worker: TestWorker | undefined
let name: string

beforeEach(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic()
  name = `sink-${randomBytes(4).toString('hex')}`
  await keyspace.client.execute(
    `CREATE TABLE ${keyspace.name}.users (id bigint PRIMARY KEY, name text, age int)`,
  )
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await closeAll()
  await topic.drop()
  await keyspace.drop()
})

function sink(more: Settings = {}): Record<string, string> {
  return sinkSettings(name, topic.name, {
    [`topic.${topic.name}.${keyspace.name}.users.mapping`]:
      'id=key, name=value.name, age=value.age',
    ...more,
  })
}

async function rows() {
  const query = `SELECT id, name, age, writetime(name) AS name_at, writetime(age) AS age_at FROM ${keyspace.name}.users`
  const { rows: found } = await keyspace.client.execute(query)
  return found.map(row => ({
    id: Number(row['id']),
    name: row['name'],
    age: row['age'],
    nameAt: row['name_at'] === null ? null : Number(row['name_at']),
    ageAt: row['age_at'] === null ? null : Number(row['age_at']),
  }))
}

async function offsets(): Promise<number | undefined> {
  const answer = await worker!.call('GET', `/connectors/${name}/offsets`)
  return answer.json.offsets[0]?.offset.kafka_offset
}

const committed = (offset: number) =>
  until(`offset ${offset}`, async () => ((await offsets()) === offset ? true : undefined))

const ANN = { key: '7', value: '{"name":"Ann","age":"41"}', timestampMs: 1000 }

describe('worked examples', () => {
  it('applies insert, update and delete at the time of the record', async () => {
    worker = await startWorker([sink()])
    await send(topic.name, [ANN])
    await committed(1)
    expect(await rows()).toEqual([
      { id: 7, name: 'Ann', age: 41, nameAt: 1_000_000, ageAt: 1_000_000 },
    ])
    await send(topic.name, [{ key: '7', value: '{"name":null,"age":42}', timestampMs: 2000 }])
    await committed(2)
    expect(await rows()).toEqual([
      { id: 7, name: 'Ann', age: 42, nameAt: 1_000_000, ageAt: 2_000_000 },
    ])
    await send(topic.name, [{ key: '7', value: '{"name":null,"age":null}', timestampMs: 3000 }])
    await committed(3)
    expect(await rows()).toEqual([])
    const object = { key: '7', value: '{"name":{"a":1},"age":true}', timestampMs: 4000 }
    await send(topic.name, [object])
    await committed(4)
    expect(await rows()).toEqual([
      { id: 7, name: '{"a":1}', age: 1, nameAt: 4_000_000, ageAt: 4_000_000 },
    ])
    await send(topic.name, [{ key: '7', value: null, timestampMs: 4001 }])
    await committed(5)
    expect(await rows()).toEqual([])
  })

  it.each([
    ['a missing field', '7', '{"name":"Bo"}', /value\.age/],
    ['a key that is no number', 'x7', '{"name":"Bo","age":1}', /id/],
    ['an overflow', '7', '{"name":"Bo","age":1.5}', /age/],
  ])('refuses %s and stays at its offset', async (_what, key, value, message) => {
    worker = await startWorker([sink()])
    const good = { key: '8', value: '{"name":"Cy","age":3}', timestampMs: 5000 }
    await send(topic.name, [ANN, { key, value, timestampMs: 4000 }, good])
    const failure = await until('the failure', () =>
      worker!.logs.find(line => line.includes('record failed, it is tried again')),
    )
    expect(failure).toMatch(message)
    expect(JSON.parse(failure)).toMatchObject({ topic: topic.name, partition: 0, offset: 1 })
    await committed(1)
    const { json } = await worker.call('GET', `/connectors/${name}/status`)
    expect(json.tasks[0].state).toBe('RUNNING')
    // The rest of the delivery is written all the same.
    expect((await rows()).map(row => row.id).sort()).toEqual([7, 8])
  })
})

describe('ignoreErrors', () => {
  /** Cassandra refuses a partition key above 64 KiB: a failure of the write, not of the mapping. */
  const LONG_KEY = 'k'.repeat(70_000)
  const mapped = { key: 'a', value: '{"n":1}', timestampMs: 1000 }
  const unmappable = { key: 'b', value: '{"m":1}', timestampMs: 1000 }
  const refused = { key: LONG_KEY, value: '{"n":2}', timestampMs: 1000 }
  const last = { key: 'c', value: '{"n":3}', timestampMs: 1000 }

  beforeEach(async () => {
    await keyspace.client.execute(
      `CREATE TABLE ${keyspace.name}.texts (id text PRIMARY KEY, n int)`,
    )
  })

  const texts = (more: Settings) =>
    sinkSettings(name, topic.name, {
      [`topic.${topic.name}.${keyspace.name}.texts.mapping`]: 'id=key, n=value.n',
      ...more,
    })

  it.each([
    ['None', [mapped, refused, last], 1],
    ['None', [mapped, unmappable, last], 1],
    ['Driver', [mapped, refused, last], 3],
    ['true', [mapped, refused, last], 3],
    ['Driver', [mapped, refused, unmappable, last], 2],
    ['All', [mapped, refused, unmappable, last], 4],
  ])(
    '%s: the committed offset is that of the first record to be repeated',
    async (mode, records, offset) => {
      await send(topic.name, records)
      worker = await startWorker([texts({ ignoreErrors: mode })])
      await committed(offset)
      const ids = async () => {
        const found = await keyspace.client.execute(`SELECT id FROM ${keyspace.name}.texts`)
        return found.rows.map(row => row['id']).sort()
      }
      // Records around the failed one are written whatever becomes of it.
      await until('the others', async () => (await ids()).join() === 'a,c')
      expect(await offsets()).toBe(offset)
      const { json } = await worker.call('GET', `/connectors/${name}/status`)
      expect(json.tasks.map((task: { state: string }) => task.state)).toEqual(['RUNNING'])
    },
  )

  it('goes on behind the record once the table takes it', async () => {
    await keyspace.client.execute(`ALTER TABLE ${keyspace.name}.texts ADD m int`)
    await send(topic.name, [mapped, unmappable, last])
    worker = await startWorker([texts({})])
    await committed(1)
    const mapping = `topic.${topic.name}.${keyspace.name}.texts.mapping`
    const answer = await worker.call('PUT', `/connectors/${name}/config`, {
      ...texts({}),
      [mapping]: 'id=key, n=value.n, m=value.m',
      [`topic.${topic.name}.${keyspace.name}.texts.allowMissingFields`]: 'true',
    })
    expect(answer.status).toBe(200)
    await committed(3)
    const { rows: found } = await keyspace.client.execute(
      `SELECT id, n, m FROM ${keyspace.name}.texts`,
    )
    expect(found.map(row => [row['id'], row['n'], row['m']]).sort()).toEqual([
      ['a', 1, null],
      ['b', null, 1],
      ['c', 3, null],
    ])
  })
})

describe('dead letters', () => {
  const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

  const withLetters = (more: Settings = {}) =>
    sink({
      'value.converter': JSON_CONVERTER,
      'value.converter.schemas.enable': 'false',
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': `${topic.name}-dead`,
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
      ...more,
    })

  it('get what cannot be decoded or mapped, unchanged, with the reason in headers', async () => {
    worker = await startWorker([withLetters()])
    const broken = { key: '1', value: '{broken', timestampMs: 1500, headers: { own: 'kept' } }
    const incomplete = { key: '2', value: '{"name":"Bo"}', timestampMs: 1600 }
    await send(topic.name, [ANN, broken, incomplete, { ...ANN, key: '9' }])
    await committed(4)
    expect((await rows()).map(row => row.id).sort()).toEqual([7, 9])
    const reader = await new Reader({ topics: [`${topic.name}-dead`] }).open()
    const letters: Awaited<ReturnType<typeof reader.readOnce>>[number][] = []
    await until('two letters', async () => {
      letters.push(...(await reader.readOnce()))
      return letters.length >= 2
    })
    expect(letters.map(one => [String(one.key()), String(one.value()), one.timestampMs])).toEqual([
      ['1', '{broken', 1500],
      ['2', '{"name":"Bo"}', 1600],
    ])
    const headers = letters.map(one =>
      Object.fromEntries(one.headers.map(header => [header.name, String(header.value)])),
    )
    const prefix = '__connect.errors.'
    expect(headers[0]).toMatchObject({
      own: 'kept',
      [`${prefix}topic`]: topic.name,
      [`${prefix}partition`]: '0',
      [`${prefix}offset`]: '1',
      [`${prefix}connector.name`]: name,
      [`${prefix}task.id`]: '0',
      [`${prefix}stage`]: 'VALUE_CONVERTER',
      [`${prefix}class.name`]: JSON_CONVERTER,
      [`${prefix}exception.class.name`]: 'org.apache.kafka.connect.errors.DataException',
    })
    expect(headers[1]).toMatchObject({
      [`${prefix}offset`]: '2',
      [`${prefix}stage`]: 'TASK_PUT',
      [`${prefix}class.name`]: 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
    })
    expect(headers[1]?.[`${prefix}exception.message`]).toContain('value.age')
  })

  it('without tolerance a record that cannot be decoded fails the task, which can be restarted', async () => {
    worker = await startWorker([withLetters({ 'errors.tolerance': 'none' })])
    await send(topic.name, [ANN, { key: '1', value: '{broken', timestampMs: 1500 }])
    const status = () => worker!.call('GET', `/connectors/${name}/status`)
    const failed = await until('the failure', async () => {
      const { json } = await status()
      return json.tasks[0].state === 'FAILED' ? json : undefined
    })
    expect(failed.connector.state).toBe('RUNNING')
    expect(failed.tasks[0].trace).toContain('VALUE_CONVERTER')
    expect(failed.tasks[0].trace).not.toMatch(/\n\s+at /)
    expect(await offsets()).toBe(1)
    const put = await worker.call('PUT', `/connectors/${name}/config`, withLetters())
    expect(put.status).toBe(200)
    await committed(2)
    expect((await status()).json.tasks[0].state).toBe('RUNNING')
  })
})
