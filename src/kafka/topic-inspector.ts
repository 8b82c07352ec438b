/**
 * Looks into topics for people: settings, groups, offsets by time, and records from any offset, without a
 * group and without a subscription. Made by the room `browse`; one per server.
 * Invariants: nothing is committed and nothing is changed; each call is bounded in time, records and
 * bytes by its caller; records of open transactions and of aborted ones are not given out.
 * Spec: ui 5.7; Kafka protocol, Fetch v12, ListOffsets v6, ListGroups v4.
 */
import { describeConfigsV4, listGroupsV4 } from '@platformatic/kafka'
import { ScamanderError } from '../base/scamander-error.ts'
import type { RawMessage, TopicPosition } from '../flow/index.ts'
import { fromKafkaCode } from './classify.ts'
import { Cluster, settle, type TopicView } from './cluster.ts'
import { KAFKA_ERRORS } from './errors.ts'
import { fetchCommitted, LOG_END, LOG_START, listOffsets } from './offsets.ts'
import { sendFetch } from './protocol/fetch.ts'
import { lastBatchNextOffset, RecordReader } from './protocol/record-reader.ts'
import type { ConnectionSettings } from './settings.ts'
import { takeWithin } from './take-within.ts'

export interface TopicSetting {
  readonly name: string
  /** Null: the broker keeps it secret. */
  readonly value: string | null
  readonly isDefault: boolean
}

export interface GroupName {
  readonly groupId: string
  /** Kafka's word: Empty, Stable, … */
  readonly state: string
}

export interface PartitionRead {
  readonly partition: number
  readonly fromOffset: number
  /** Records from here on are left out. */
  readonly toOffset: number
  readonly recordsMax: number
  /** Reading ends behind the answer that reaches it. @default 16 MiB */
  readonly bytesMax?: number
}

export interface PartitionRecords {
  readonly messages: readonly RawMessage[]
  /** Offset behind the last record that was given out or passed. */
  readonly nextOffset: number
  /** Next offset of the log as far as it may be read. */
  readonly logEnd: number
  /** Unpacked, or as they came when that is more. */
  readonly sizeBytes: number
}

const TOPIC_RESOURCE = 2
/** `configSource` of what was set for the topic itself. */
const TOPIC_SOURCE = 1
const PARTITION_BYTES = 512 * 1024
const READ_BYTES = 16 * 1024 * 1024

export class TopicInspector {
  readonly #cluster: Cluster

  constructor(connection: ConnectionSettings) {
    this.#cluster = new Cluster(connection)
  }

  /** All topics without Kafka's internal ones. */
  async topics(): Promise<TopicView[]> {
    const view = await this.#cluster.retry('read metadata', () => this.#cluster.fetchView(null))
    return [...view.topics.values()].filter(one => !one.isInternal)
  }

  /** Brokers, and partitions whose replicas are not all in sync. */
  async health(): Promise<{ readonly brokers: number; readonly underReplicated: number }> {
    const view = await this.#cluster.retry('read metadata', () => this.#cluster.fetchView(null))
    const all = [...view.topics.values()].flatMap(one => [...one.partitions])
    const behind = all.filter(one => one !== undefined && one.inSync < one.replicas.length)
    return { brokers: view.brokers.size, underReplicated: behind.length }
  }

  /** Undefined when there is none. */
  async topic(name: string): Promise<TopicView | undefined> {
    const view = await this.#cluster.retry('read metadata', () => this.#cluster.fetchView([name]))
    return view.topics.get(name)
  }

  async settings(topic: string): Promise<TopicSetting[]> {
    const resource = { resourceType: TOPIC_RESOURCE, resourceName: topic } as const
    const response = await this.#cluster.retry(`read settings of ${topic}`, async () =>
      describeConfigsV4.api.async(await this.#cluster.anyConnection(), [resource], false, false),
    )
    return response.results
      .flatMap(result => result.configs)
      .map(({ name, value, isSensitive, configSource }) => ({
        name,
        value: isSensitive ? null : (value ?? ''),
        isDefault: configSource !== TOPIC_SOURCE,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Of every broker, sorted by name. */
  async groups(): Promise<GroupName[]> {
    return await this.#cluster.retry('list groups', async () => {
      const { brokers } = await this.#cluster.fetchView([])
      const found: GroupName[] = []
      for (const node of brokers.keys()) {
        const connection = await this.#cluster.connectionTo(node, 'control')
        const response = await settle(listGroupsV4.api.async(connection, [], []), 'list groups')
        if (response.errorCode !== 0) throw fromKafkaCode(response.errorCode, 'list groups')
        const ofConsumers = response.groups.filter(one => one.protocolType === 'consumer')
        for (const one of ofConsumers) found.push({ groupId: one.groupId, state: one.groupState })
      }
      return found.sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
    })
  }

  /** Committed positions of a group in one topic. */
  async committed(groupId: string, { name, partitions }: TopicView): Promise<TopicPosition[]> {
    const asked = [...partitions.keys()].map(partition => ({ topic: name, partition }))
    const found = await this.#cluster.retry(`read offsets of group ${groupId}`, () =>
      fetchCommitted(this.#cluster, groupId, asked),
    )
    return found.filter(one => one.offset >= 0)
  }

  async starts(topic: TopicView): Promise<Map<number, number>> {
    return await this.offsetsAt(topic, LOG_START)
  }

  /** Behind the last record that may be read: open transactions hold it back. */
  async ends(topic: TopicView): Promise<Map<number, number>> {
    return await this.offsetsAt(topic, LOG_END)
  }

  /** First offsets at or after a time; -1: there is none. Partitions without a leader are left out. */
  async offsetsAt(
    { name, partitions }: TopicView,
    timestampMs: number,
  ): Promise<Map<number, number>> {
    return await this.#cluster.retry(`list offsets of ${name}`, async () => {
      const asked = partitions
        .map(({ leader, leaderEpoch }, partition) => ({
          topic: name,
          partition,
          leader,
          leaderEpoch,
        }))
        .filter(one => one.leader >= 0)
      const offsets = new Map<number, number>()
      for (const [leader, ours] of Map.groupBy(asked, one => one.leader)) {
        await this.#knowBroker(leader, name)
        const query = { partitions: ours, timestampMs, readCommitted: true }
        for (const { partition, offset, error } of await listOffsets(
          this.#cluster,
          leader,
          query,
        )) {
          if (error !== undefined) throw error
          offsets.set(partition, offset)
        }
      }
      return offsets
    })
  }

  /** Records of one partition; reads on until it has enough records or bytes, or reached the end. */
  async read(
    topic: TopicView,
    read: PartitionRead,
    signal: AbortSignal,
  ): Promise<PartitionRecords> {
    const messages: RawMessage[] = []
    let next = read.fromOffset
    let logEnd = read.toOffset
    let sizeBytes = 0
    const bytesMax = read.bytesMax ?? READ_BYTES
    const isEnough = () => messages.length >= read.recordsMax || sizeBytes >= bytesMax
    while (next < read.toOffset && !isEnough() && !signal.aborted) {
      const got = await this.#fetch(topic, read.partition, next)
      logEnd = got.logEnd
      if (got.next <= next) break
      const { reader } = got
      const { recordsMax, toOffset } = read
      const room = { recordsMax, toOffset, bytesMax: bytesMax - sizeBytes }
      const plainBytes = takeWithin(reader, messages, room)
      next = reader.hasMore ? reader.nextOffset : got.next
      sizeBytes += Math.max(plainBytes, got.sizeBytes)
      while ((messages.at(-1)?.offset ?? -1) >= read.toOffset) messages.pop()
    }
    return { messages, nextOffset: Math.min(next, read.toOffset), logEnd, sizeBytes }
  }

  async close(): Promise<void> {
    await this.#cluster.close()
  }

  async #fetch({ name, partitions }: TopicView, partition: number, fetchOffset: number) {
    const view = partitions[partition]
    const doing = `fetch ${name}-${partition}`
    if (view === undefined || view.leader < 0) {
      throw new ScamanderError(KAFKA_ERRORS.RETRIABLE, `${doing}: the partition has no leader now`)
    }
    await this.#knowBroker(view.leader, name)
    const connection = await this.#cluster.connectionTo(view.leader, 'fetch')
    const target = { topic: name, partition, leaderEpoch: view.leaderEpoch, fetchOffset }
    const response = await settle(
      sendFetch(connection, [target], {
        ...{ waitMsMax: 0, bytesMin: 1, bytesMax: PARTITION_BYTES },
        ...{ partitionBytesMax: PARTITION_BYTES, readCommitted: true, rack: '' },
      }),
      doing,
    )
    const [found] = response.partitions
    const errorCode = response.errorCode === 0 ? (found?.errorCode ?? 0) : response.errorCode
    if (errorCode !== 0) throw fromKafkaCode(errorCode, doing)
    if (found === undefined) throw new ScamanderError(KAFKA_ERRORS.RETRIABLE, `${doing}: no answer`)
    const { start, end, aborted, lastStableOffset } = found
    const reader = new RecordReader(response.bytes, [start, end], {
      ...{ origin: { topic: name, partition }, fromOffset: fetchOffset },
      ...{ checkCrc: true, aborted },
    })
    const next = lastBatchNextOffset(response.bytes, start, end)
    return { reader, next, logEnd: lastStableOffset, sizeBytes: end - start }
  }

  /** The addresses of brokers are known from metadata alone. */
  async #knowBroker(node: number, topic: string): Promise<void> {
    if (!this.#cluster.hasBroker(node)) await this.#cluster.fetchView([topic])
  }
}
