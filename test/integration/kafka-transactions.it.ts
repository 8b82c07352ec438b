/**
 * Against the real broker: sets of records that are whole or absent, writers that fence each other,
 * and a follower that sees exactly what was committed.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { TopicFollower, TransactionalWriter } from '../../src/kafka/index.ts'
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
