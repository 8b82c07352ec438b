/**
 * The Kafka room's admin and producer against a real broker.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { TopicPosition } from '../../src/flow/index.ts'
import { RecordProducer } from '../../src/kafka/index.ts'
import {
  admin,
  closeAll,
  closing,
  logger,
  newTopic,
  produce,
  Reader,
  settingsOf,
} from '../support/topic-reader.ts'

afterEach(closeAll)

describe('TopicAdmin', () => {
  it('creates topics once, shows and grows them', async () => {
    const made = admin()
    const name = await newTopic(2, { 'retention.ms': '12345' })
    expect(await made.createTopic({ name, partitions: 2, replicationFactor: 1 })).toBe(false)
    expect((await made.topicConfigs(name)).get('retention.ms')).toBe('12345')
    await made.growTopic(name, 5)
    expect((await made.describeTopic(name))?.partitions).toHaveLength(5)
    expect((await made.listTopics()).map(topic => topic.name)).toContain(name)
    expect(await made.describeTopic('no-such-topic')).toBeUndefined()
    expect(await made.clusterId()).not.toBe('')
    const tooMany = { name: `${name}-x`, partitions: 1, replicationFactor: 9 }
    await expect(made.createTopic(tooMany)).rejects.toMatchObject({ kind: 'config' })
  })

  it('shows, alters and deletes the offsets of a group without members', async () => {
    const made = admin()
    const topic = await newTopic(2)
    const group = `g-${topic}`
    await produce(topic, 100)
    const positions = [
      { topic, partition: 0, offset: 10 },
      { topic, partition: 1, offset: 20 },
    ]
    await made.alterGroupOffsets(group, positions)
    const byPartition = (a: TopicPosition, b: TopicPosition) => a.partition - b.partition
    expect((await made.groupOffsets(group)).sort(byPartition)).toEqual(positions)
    await made.deleteGroupOffsets(group, [{ topic, partition: 0 }])
    expect(await made.groupOffsets(group)).toEqual([positions[1]])
    const ranges = await made.offsetRanges([topic])
    expect(ranges.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(100)
    const reader = await new Reader({ topics: [topic] }, { 'group.id': group }).open()
    await reader.readUntil(() => reader.consumer.lags().length === 2)
    const refused = {
      code: 'SCM_KAFKA_REFUSED',
      message: expect.stringContaining('still has members'),
    }
    await expect(made.alterGroupOffsets(group, positions)).rejects.toMatchObject(refused)
    await expect(made.deleteGroup(group)).rejects.toMatchObject(refused)
    await reader.consumer.close()
    await made.deleteGroup(group)
    await made.deleteGroup(group)
    expect(await made.groupOffsets(group)).toEqual([])
    expect((await made.describeGroup(group)).state).toBe('Dead')
  })
})

describe('RecordProducer', () => {
  it('reports the records that a broker refuses, and writes the others', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': '20000' })
    const producer = new RecordProducer({ settings: settingsOf(), logger })
    closing.push(() => producer.close())
    const record = (bytes: number) => ({
      topic,
      key: null,
      value: randomBytes(bytes),
      headers: [],
    })
    const sizes = [10, 30_000, 9_000, 9_000, 9_000, 2_000_000, 10]
    const { failures } = await producer.send(sizes.map(record))
    expect(failures.map(one => [one.index, one.error.kind])).toEqual([
      [1, 'data'],
      [5, 'data'],
    ])
    const [range] = await admin().offsetRanges([topic])
    expect(range).toMatchObject({ start: 0, end: 5 })
  })
})
