/**
 * Against the real broker: sets of records that are whole or absent, writers that fence each other,
 * and a follower that sees exactly what was committed.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { RecordProducer, TopicFollower, TransactionalWriter } from '../../src/kafka/index.ts'
import { until } from '../support/standalone.ts'
import {
  closeAll,
  closing,
  logger,
  newTopic,
  produce,
  settingsOf,
} from '../support/topic-reader.ts'

afterEach(closeAll)

function writerOf(topic: string, transactionalId: string): TransactionalWriter {
  const { connection } = settingsOf()
  const writer = new TransactionalWriter({ connection, transactionalId, topic })
  closing.push(() => writer.close())
  return writer
}

async function followerOf(...topics: string[]) {
  const seen: string[] = []
  const follower = new TopicFollower({
    settings: settingsOf(),
    topics,
    logger,
    onMessage: message => seen.push(`${message.key()}=${message.value()}`),
    onFailure: error => seen.push(error.message),
  })
  closing.push(() => follower.close())
  await follower.open()
  return { follower, seen }
}

const entry = (key: string, value: string | null) => ({
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
})
const newId = () => `it-${randomBytes(6).toString('hex')}`

it('whole sets are read to their end, in order', async () => {
  const topic = await newTopic()
  const writer = writerOf(topic, newId())
  await writer.open()
  await writer.write([entry('a', '1'), entry('b', '2')])
  const end = await writer.write([entry('a', null)])
  const { follower, seen } = await followerOf(topic)
  await follower.readTo(topic, end!, 10_000)
  expect(seen).toEqual(['a=1', 'b=2', 'a=null'])
  const later = await writer.write([entry('c', '3')])
  await follower.readTo(topic, later!, 10_000)
  await follower.readToEnd(topic, 10_000)
  expect(seen.at(-1)).toBe('c=3')
})

it('the writer that opened last is the only one that writes', async () => {
  const topic = await newTopic()
  const id = newId()
  const first = writerOf(topic, id)
  await first.open()
  await first.write([entry('first', '1')])
  const second = writerOf(topic, id)
  await second.open()
  const fenced = expect.objectContaining({ code: 'SCM_KAFKA_PRODUCER_FENCED' })
  await expect(first.write([entry('first', '2')])).rejects.toThrow(fenced)
  await expect(first.write([entry('first', '3')])).rejects.toThrow(fenced)
  const end = await second.write([entry('second', '1')])
  const { follower, seen } = await followerOf(topic)
  await follower.readTo(topic, end!, 10_000)
  expect(seen).toEqual(['first=1', 'second=1'])
})

it('several topics with several partitions are followed to their ends, again and again', async () => {
  const topics = [await newTopic(3), await newTopic(1)]
  const { follower, seen } = await followerOf(...topics)
  for (const topic of topics) await follower.readToEnd(topic, 10_000)
  expect(seen).toEqual([])
  for (let round = 1; round <= 3; round++) {
    for (const topic of topics) await produce(topic, 50)
    for (const topic of topics) await follower.readToEnd(topic, 10_000)
    expect(seen.length).toBe(round * 100)
  }
})

async function producerOf(transactionalId: string, more: Record<string, string> = {}) {
  const given = settingsOf(more)
  const producing = { ...given.producer, acks: -1, isIdempotent: true, transactionalId } as const
  const settings = { ...given, producer: producing }
  const producer = new RecordProducer({ settings, logger })
  closing.push(() => producer.close(1_000))
  await producer.open()
  return producer
}

const recordOf = (topic: string, value: string) => ({
  topic,
  key: Buffer.from('k'),
  value: Buffer.from(value),
  headers: [],
})

it('records of a transaction are seen at its commit, those of one that was given up never', async () => {
  const topics = [await newTopic(2), await newTopic(1)] as const
  const id = newId()
  const { follower, seen } = await followerOf(...topics)
  const toEnd = async () => {
    for (const topic of topics) await follower.readToEnd(topic, 60_000)
    return seen.splice(0).sort()
  }
  const producer = await producerOf(id)
  for (let round = 0; round < 3; round++) {
    const sent = await producer.send(topics.map(topic => recordOf(topic, `${round}`)))
    expect(sent.failures).toEqual([])
    expect(await toEnd()).toEqual([])
    await producer.commit()
    // The marks of a commit are written a little later.
    const both: string[] = []
    await until('both records', async () => both.push(...(await toEnd())) === 2)
    expect(both).toEqual([`k=${round}`, `k=${round}`])
  }
  await producer.send(topics.map(topic => recordOf(topic, 'given up')))
  await producer.close()
  const next = await producerOf(id)
  await next.send([recordOf(topics[0], 'kept')])
  await next.commit()
  const rest: string[] = []
  await until('the last record', async () => rest.push(...(await toEnd())) > 0)
  expect(rest).toEqual(['k=kept'])
})

it('a producer whose transactional id another has opened writes nothing more', async () => {
  const topic = await newTopic()
  const id = newId()
  const first = await producerOf(id)
  await first.send([recordOf(topic, 'of the first')])
  const second = await producerOf(id)
  const { failures } = await first.send([recordOf(topic, 'too late')])
  expect(failures).toMatchObject([{ index: 0, error: { code: 'SCM_KAFKA_PRODUCER_FENCED' } }])
  const fenced = expect.objectContaining({ code: 'SCM_KAFKA_PRODUCER_FENCED' })
  await expect(first.commit()).rejects.toThrow(fenced)
  await second.send([recordOf(topic, 'of the second')])
  await second.commit()
  const { follower, seen } = await followerOf(topic)
  const toEnd = () => follower.readToEnd(topic, 60_000)
  await until('the record', async () => {
    await toEnd()
    return seen.length > 0
  })
  expect(seen).toEqual(['k=of the second'])
})

it('a transaction that took too long is told as something that passes', async () => {
  const topic = await newTopic()
  const other = await newTopic()
  const id = newId()
  const late = await producerOf(id, { 'transaction.timeout.ms': '1000' })
  await late.send([recordOf(topic, 'late')])
  const outcome = async () => await late.commit().catch(error => error)
  const going = await producerOf(newId(), { 'transaction.timeout.ms': '1000' })
  await going.send([recordOf(topic, 'late as well')])
  // The coordinator looks every ten seconds for transactions that are late.
  await sleep(12_000)
  expect(await outcome()).toMatchObject({ code: 'SCM_KAFKA_TRANSACTION_LATE', kind: 'retriable' })
  // Also when the next thing it does is to write elsewhere.
  const { failures } = await going.send([recordOf(other, 'never')])
  expect(failures).toMatchObject([{ index: 0, error: { code: 'SCM_KAFKA_TRANSACTION_LATE' } }])
  const again = await producerOf(id)
  await again.send([recordOf(topic, 'again')])
  await again.commit()
  const { follower, seen } = await followerOf(topic)
  const toEnd = () => follower.readToEnd(topic, 60_000)
  await until('the record', async () => {
    await toEnd()
    return seen.length > 0
  })
  expect(seen).toEqual(['k=again'])
}, 120_000)
