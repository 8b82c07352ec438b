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
