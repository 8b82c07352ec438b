/**
 * Reads a topic from its beginning until so many records are there, as JSON. Waits for a topic that is
 * not made yet.
 * Used by tests of capture.
 */
import { Consumer } from '@platformatic/kafka'
import { until } from './standalone.ts'

export interface JsonRecord {
  readonly key: unknown
  readonly value: unknown
  readonly headers: Readonly<Record<string, string>>
}

export async function readTopic(
  bootstrapServers: string,
  topic: string,
  count: number,
  patienceMs: number,
): Promise<JsonRecord[]> {
  const brokers = bootstrapServers.split(',')
  const seen: JsonRecord[] = []
  const take = async () => {
    const consumer = new Consumer({
      ...{ clientId: 'scamander-test', groupId: `g-${topic}-${Date.now()}` },
      bootstrapBrokers: brokers,
    })
    seen.length = 0
    try {
      const stream = await consumer.consume({ topics: [topic], mode: 'earliest', maxWaitTime: 100 })
      for await (const { key, value, headers } of stream) {
        seen.push({
          key: JSON.parse(key.toString()),
          value: value == null || value.length === 0 ? null : JSON.parse(value.toString()),
          headers: Object.fromEntries([...headers].map(one => one.map(String))),
        })
        if (seen.length >= count) break
      }
      await stream.close()
      return true
    } catch (error) {
      if (String(error).includes('Unknown topic')) return undefined
      throw error
    } finally {
      await consumer.close(true)
    }
  }
  await until(`${count} records on ${topic}`, take, patienceMs)
  return seen
}

/** Everything that is on a topic now. */
export async function readWholeTopic(
  bootstrapServers: string,
  topic: string,
  patienceMs: number,
): Promise<JsonRecord[]> {
  const consumer = new Consumer({
    ...{ clientId: 'scamander-test', groupId: `end-${topic}-${Date.now()}` },
    bootstrapBrokers: bootstrapServers.split(','),
  })
  const LATEST = -1n
  let count = 0n
  try {
    const found = await consumer.listOffsets({ topics: [topic], timestamp: LATEST })
    for (const offset of found.get(topic) ?? []) count += offset
  } finally {
    await consumer.close(true)
  }
  return await readTopic(bootstrapServers, topic, Number(count), patienceMs)
}
