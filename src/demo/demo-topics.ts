/**
 * The demo's topics in Kafka: created at start, with bounded size; their ends and what the connectors
 * have committed. Used by demo-run.ts and to wait for the end of `--once`.
 * Invariant: in a folder of an earlier run, flows go on with new keys, and `--once` starts after
 * everything that was there before.
 */
import type { TopicAdmin } from '../kafka/index.ts'
import type { DataFlow } from './data/data-flow.ts'

const CONFIGS = { 'retention.bytes': String(256 * 1024 * 1024), 'segment.bytes': '33554432' }

/** Creates the topic; returns how many records it ever held. */
export async function prepareTopic(admin: TopicAdmin, flow: DataFlow): Promise<number> {
  const { topic: name, partitions } = flow
  await admin.createTopic({ name, partitions, replicationFactor: 1, configs: CONFIGS })
  const ranges = await admin.offsetRanges([name])
  return ranges.reduce((sum, range) => sum + range.end, 0)
}

/** For changes that are captured. */
export async function prepareChangesTopic(admin: TopicAdmin, name: string): Promise<void> {
  await admin.createTopic({ name, partitions: 1, replicationFactor: 1, configs: CONFIGS })
}

/** The connector of the flow begins where the topic ends now. */
export async function skipToEnd(admin: TopicAdmin, flow: DataFlow): Promise<void> {
  const ranges = await admin.offsetRanges([flow.topic])
  const ends = ranges.map(({ topic, partition, end: offset }) => ({ topic, partition, offset }))
  await admin.alterGroupOffsets(groupOf(flow), ends)
}

/** Records in the topic that the connector has not committed yet. */
export async function fetchRemaining(admin: TopicAdmin, flow: DataFlow): Promise<number> {
  const ranges = await admin.offsetRanges([flow.topic])
  const committed = await admin.groupOffsets(groupOf(flow))
  const offsets = new Map(committed.map(one => [`${one.topic} ${one.partition}`, one.offset]))
  return ranges.reduce((sum, { topic, partition, start, end }) => {
    return sum + end - (offsets.get(`${topic} ${partition}`) ?? start)
  }, 0)
}

function groupOf(flow: DataFlow): string {
  return `connect-${flow.connector}`
}
