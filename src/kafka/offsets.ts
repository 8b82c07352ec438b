/**
 * Offsets of a group and of the log: committed positions read and written, first and last offset of
 * partitions. One request per call here; the callers retry through `Cluster.retry`.
 * Used by the consumer and by the admin. Offsets are numbers; -1 means none.
 * Spec: Kafka protocol, OffsetFetch v7, OffsetCommit v8, ListOffsets v6.
 */
import { listOffsetsV6, offsetCommitV8, offsetFetchV7 } from '@platformatic/kafka'
import type { ScamanderError } from '../base/scamander-error.ts'
import type { TopicPosition } from '../flow/index.ts'
import type { TopicPartition } from './assignors.ts'
import { fromKafkaCode } from './classify.ts'
import { type Cluster, settle } from './cluster.ts'

/** Who commits: a member with its generation, or nobody (-1, '') for a group without members. */
export interface Committer {
  readonly groupId: string
  readonly memberId: string
  readonly generation: number
  readonly groupInstanceId: string | undefined
}

export const LOG_START = -2
export const LOG_END = -1

/** Committed positions of a group; all of them for null. */
export async function fetchCommitted(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
): Promise<TopicPosition[]> {
  const doing = `read offsets of group ${groupId}`
  const grouped = partitions === null ? null : groupByTopic(partitions)
  const topics =
    grouped?.map(([name, ones]) => ({ name, partitionIndexes: ones.map(one => one.partition) })) ??
    null
  const response = await cluster.callCoordinator(
    groupId,
    { doing, purpose: 'control' },
    connection => settle(offsetFetchV7.api.async(connection, [{ groupId, topics }], true), doing),
  )
  if (response.errorCode !== 0)
    throw noted(cluster, groupId, fromKafkaCode(response.errorCode, doing))
  const positions: TopicPosition[] = []
  for (const { name: topic, partitions: found } of response.topics) {
    for (const { partitionIndex, committedOffset, metadata, errorCode } of found) {
      if (errorCode !== 0) throw fromKafkaCode(errorCode, `${doing} for ${topic}-${partitionIndex}`)
      const base = { topic, partition: partitionIndex, offset: Number(committedOffset) }
      // Kafka stores empty text for none.
      positions.push(metadata ? { ...base, metadata } : base)
    }
  }
  return positions
}

/** Commits all positions in one request; the first error of a partition is thrown. */
export async function commitOffsets(
  cluster: Cluster,
  committer: Committer,
  positions: readonly TopicPosition[],
): Promise<void> {
  const doing = `commit offsets of group ${committer.groupId}`
  const topics = groupByTopic(positions).map(([name, ones]) => ({
    name,
    partitions: ones.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: metadata ?? '',
    })),
  }))
  const response = await cluster.callCoordinator(
    committer.groupId,
    { doing, purpose: 'control' },
    connection =>
      settle(
        offsetCommitV8.api.async(
          connection,
          committer.groupId,
          committer.generation,
          committer.memberId,
          committer.groupInstanceId ?? null,
          topics,
        ),
        doing,
      ),
  )
  for (const { name, partitions } of response.topics) {
    for (const { partitionIndex, errorCode } of partitions) {
      if (errorCode === 0) continue
      const error = fromKafkaCode(errorCode, `${doing} for ${name}-${partitionIndex}`)
      throw noted(cluster, committer.groupId, error)
    }
  }
}

export interface OffsetQuery extends TopicPartition {
  readonly leaderEpoch: number
}

/** Offsets at a time (or LOG_START, LOG_END) of partitions that one broker leads. */
export async function listOffsets(
  cluster: Cluster,
  node: number,
  query: {
    readonly partitions: readonly OffsetQuery[]
    readonly timestampMs: number
    readonly readCommitted: boolean
  },
): Promise<(TopicPartition & { readonly offset: number; readonly error?: ScamanderError })[]> {
  const doing = `list offsets at broker ${node}`
  const connection = await cluster.connectionTo(node, 'control')
  const topics = groupByTopic(query.partitions).map(([name, ones]) => ({
    name,
    partitions: ones.map(({ partition, leaderEpoch }) => ({
      partitionIndex: partition,
      currentLeaderEpoch: leaderEpoch,
      timestamp: BigInt(query.timestampMs),
    })),
  }))
  const isolation = query.readCommitted ? 1 : 0
  const response = await settle(listOffsetsV6.api.async(connection, -1, isolation, topics), doing)
  return response.topics.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ partitionIndex: partition, offset, errorCode }) => {
      const found = { topic, partition, offset: Number(offset) }
      if (errorCode === 0) return found
      return { ...found, error: fromKafkaCode(errorCode, `${doing} for ${topic}-${partition}`) }
    }),
  )
}

function groupByTopic<T extends TopicPartition>(partitions: readonly T[]): [string, T[]][] {
  return [...Map.groupBy(partitions, one => one.topic)]
}

function noted(cluster: Cluster, groupId: string, error: ScamanderError): ScamanderError {
  cluster.noteCoordinatorFailure(groupId, error)
  return error
}
