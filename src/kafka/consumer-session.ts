/**
 * Everything between one `open` and its end: connections, group membership, metadata and fetch
 * loops of a consumer, wired together. `TopicConsumer` makes one and calls it from `read`.
 * Invariants: a partition is fetched only after its listener knew of it; while it is taken away
 * nothing of it is read; the first error that does not pass is kept and thrown by the next read.
 * Spec: connect-rest 13; cassandra-sink 7.
 */
import { systemClock } from '../base/clock.ts'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { AssignmentListener, RawMessage, TopicPosition } from '../flow/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { TopicPartition } from './assignors.ts'
import { kafkaNameOf, toKafkaError } from './classify.ts'
import { Cluster } from './cluster.ts'
import { ConsumerGroup, type ConsumerGroupOwner } from './consumer-group.ts'
import { KAFKA_ERRORS } from './errors.ts'
import { Fetcher } from './fetcher.ts'
import { GroupMember } from './group-member.ts'
import {
  type Committer,
  commitOffsets,
  fetchCommitted,
  LOG_END,
  LOG_START,
  listOffsets,
} from './offsets.ts'
import { type BufferBudget, PartitionBuffer } from './partition-buffer.ts'
import type { ConnectionSettings, ConsumerSettings } from './settings.ts'
import { Subscription, type TopicSelection } from './subscription.ts'

export interface SessionParts {
  readonly connection: ConnectionSettings
  readonly consumer: ConsumerSettings
  readonly selection: TopicSelection
  readonly listener: AssignmentListener
  readonly logger: Logger
}

const clock = systemClock
const CLOSE_TIMEOUT_MS = 5_000
/** Messages taken between two looks at the bytes. */
const TAKE_COUNT = 500

export class ConsumerSession implements ConsumerGroupOwner {
  readonly partitions = new Map<string, PartitionBuffer>()
  readonly budget: BufferBudget = { bytes: 0 }
  readonly fetcher: Fetcher
  readonly member: GroupMember
  readonly #parts: SessionParts
  readonly #cluster: Cluster
  readonly #group: ConsumerGroup
  readonly #subscription: Subscription
  #failure: ScamanderError | undefined
  #unreachedSinceMs: number | undefined
  #lastReadMs = clock.monotonicMs()
  #dataArrived = Promise.withResolvers<void>()
  #isClosed = false
  #turn = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    const { connection, consumer, logger, selection } = parts
    this.#cluster = new Cluster(connection, { groupTimeoutMs: consumer.pollIntervalMsMax })
    const reach = {
      reached: () => {
        this.#unreachedSinceMs = undefined
      },
      unreached: () => {
        this.#unreachedSinceMs ??= clock.monotonicMs()
      },
      failed: (error: ScamanderError) => this.failed(error),
    }
    this.#subscription = new Subscription(this.#cluster, selection, {
      autoCreate: consumer.allowAutoCreateTopics,
      events: {
        ...reach,
        refreshed: () => this.#updateLeaders(),
        topicsChanged: () => this.member.rejoin(),
      },
      logger,
    })
    this.fetcher = new Fetcher(this.#cluster, consumer, {
      partitions: this.partitions,
      budget: this.budget,
      events: {
        ...reach,
        data: () => this.#dataArrived.resolve(),
        metadataOutdated: () => this.#subscription.refresh(),
        outOfRange: buffer => this.#onOutOfRange(buffer),
      },
      logger,
    })
    this.#group = new ConsumerGroup(consumer.assignors, this)
    this.member = new GroupMember(
      this.#cluster,
      {
        groupId: consumer.groupId,
        groupInstanceId: consumer.groupInstanceId,
        protocolType: 'consumer',
        sessionTimeoutMs: consumer.sessionTimeoutMs,
        rebalanceTimeoutMs: consumer.pollIntervalMsMax,
        heartbeatIntervalMs: consumer.heartbeatIntervalMs,
      },
      { handler: this.#group, logger },
    )
  }

  /** Since when no broker answers, or one of them owes an answer; beyond what a fetch may wait. */
  unanswered(): { readonly node: string; readonly silentMs: number } | undefined {
    const owing = this.fetcher.silentBroker()
    const owedMs = (owing?.silentMs ?? 0) - this.#parts.consumer.fetchWaitMsMax
    const nowMs = clock.monotonicMs()
    const lostMs = this.#unreachedSinceMs === undefined ? 0 : nowMs - this.#unreachedSinceMs
    const silentMs = Math.max(owedMs, lostMs)
    if (silentMs <= 0) return undefined
    return { node: owing === undefined ? '' : `broker ${owing.node}`, silentMs }
  }

  get connectionCount(): number {
    return this.#cluster.connectionCount
  }

  async open(): Promise<void> {
    await this.#subscription.open()
    this.member.start()
  }

  /** Leaves the group and ends everything under way. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    // Told before the connections close, so that nothing is tried again.
    const loops = [this.#subscription.close(), this.fetcher.close()]
    await this.member.close()
    await this.#cluster.close()
    this.#dataArrived.resolve()
    const ended = Promise.all([this.member.ended(), ...loops])
    const limit = new AbortController()
    await Promise.race([ended, clock.sleep(CLOSE_TIMEOUT_MS, limit.signal)])
    limit.abort()
  }

  /** Must be called at the start of each read. */
  noteRead(): void {
    this.#lastReadMs = clock.monotonicMs()
    if (this.#failure !== undefined) throw this.#failure
    const { unreachableMsMax } = this.#parts.consumer
    const sinceMs = this.#unreachedSinceMs
    if (sinceMs !== undefined && this.#lastReadMs - sinceMs > unreachableMsMax) {
      const message = `no broker answered for ${unreachableMsMax} ms`
      throw new ScamanderError(KAFKA_ERRORS.DISCONNECTED, message)
    }
  }

  /** Moves messages to `out`, taking turns between the partitions; returns their bytes. */
  take(out: RawMessage[]): number {
    const { pollRecordsMax, pollBytesMax } = this.#parts.consumer
    const ready = [...this.partitions.values()].filter(one => one.isActive && one.hasData)
    if (ready.length > 1) ready.push(...ready.splice(0, this.#turn++ % ready.length))
    let sizeBytes = 0
    for (let i = 0; i < ready.length; i++) {
      // An equal share of what is left, so that one full partition does not crowd out the others.
      const share = Math.ceil((pollRecordsMax - out.length) / (ready.length - i))
      const full = out.length + share
      while (out.length < full && sizeBytes < pollBytesMax && ready[i]!.hasData) {
        sizeBytes += ready[i]!.take(out, Math.min(TAKE_COUNT, full - out.length))
      }
    }
    if (ready.length > 0) this.fetcher.wake()
    return sizeBytes
  }

  /** Waits for bytes, at most `ms`. */
  async waitForData(ms: number, signal: AbortSignal): Promise<void> {
    this.#dataArrived = Promise.withResolvers<void>()
    if (this.#failure !== undefined || this.#isClosed) return
    const limit = new AbortController()
    const timer = clock.sleep(ms, AbortSignal.any([signal, limit.signal]))
    await Promise.race([this.#dataArrived.promise, timer])
    limit.abort()
  }

  buffer(at: TopicPartition): PartitionBuffer | undefined {
    return this.partitions.get(nameOf(at))
  }

  /** Commits what is still ours; retries while the error passes, with the current generation. */
  async commit(positions: readonly TopicPosition[]): Promise<void> {
    await this.#cluster.retry(
      `commit offsets of group ${this.#parts.consumer.groupId}`,
      async () => {
        const ours = positions.filter(position => this.buffer(position) !== undefined)
        if (ours.length < positions.length) {
          this.#parts.logger.warnLimited(
            'commit of foreign partitions',
            'offsets of partitions that are not assigned any more were not committed',
            { count: positions.length - ours.length },
          )
        }
        if (ours.length === 0) return
        try {
          await commitOffsets(this.#cluster, this.#committer(), ours)
        } catch (error) {
          if (kafkaNameOf(error) === 'UNKNOWN_MEMBER_ID') this.member.noteLost()
          throw error
        }
      },
    )
  }

  // ConsumerGroupOwner: called by the group membership.

  topics(): readonly string[] {
    return this.#subscription.topics
  }

  generation(): number {
    return this.member.generation
  }

  isAlive(): boolean {
    return clock.monotonicMs() - this.#lastReadMs < this.#parts.consumer.pollIntervalMsMax
  }

  failed(error: ScamanderError): void {
    this.#failure ??= error
    this.#dataArrived.resolve()
  }

  async countPartitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const foreign = topics.filter(topic => this.#subscription.topic(topic) === undefined)
    const view = foreign.length === 0 ? undefined : await this.#cluster.fetchView(foreign)
    const counts = new Map<string, number>()
    for (const name of topics) {
      const topic = this.#subscription.topic(name) ?? view?.topics.get(name)
      if (topic !== undefined) counts.set(name, topic.partitions.length)
    }
    return counts
  }

  async given(partitions: readonly TopicPartition[]): Promise<void> {
    const { groupId } = this.#parts.consumer
    const committed =
      partitions.length === 0
        ? []
        : await this.#cluster.retry('read committed offsets', () =>
            fetchCommitted(this.#cluster, groupId, partitions),
          )
    for (const position of committed) {
      const buffer = new PartitionBuffer(position, this.budget)
      if (position.offset >= 0) buffer.seek(position.offset)
      this.partitions.set(nameOf(position), buffer)
    }
    this.#parts.logger.debug('partitions given', { at: toText(committed) })
    this.#updateLeaders()
    this.#parts.listener.assigned(committed)
    const unplaced: PartitionBuffer[] = []
    for (const position of committed) {
      const buffer = this.buffer(position)
      if (buffer === undefined) continue
      buffer.isActive = true
      if (buffer.position < 0) unplaced.push(buffer)
    }
    for (const buffer of unplaced) this.#reset(buffer)
    this.fetcher.wake()
  }

  async taken(partitions: readonly TopicPartition[], how: { isLost: boolean }): Promise<void> {
    const at = toText(partitions.flatMap(one => this.buffer(one) ?? []))
    this.#parts.logger.debug('partitions taken', { at, isLost: how.isLost })
    for (const one of partitions) {
      const buffer = this.buffer(one)
      if (buffer === undefined) continue
      buffer.isActive = false
      buffer.clear()
      // A commit for it could only fail: `commit` leaves it out.
      if (how.isLost) this.partitions.delete(nameOf(one))
    }
    if (!this.#isClosed) await this.#tellRevoked(partitions)
    for (const one of partitions) this.partitions.delete(nameOf(one))
    this.fetcher.wake()
  }

  async #tellRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    const { listener, logger, consumer } = this.#parts
    const limit = new AbortController()
    const revoked = listener.revoked(
      partitions.map(({ topic, partition }) => ({ topic, partition })),
    )
    const expired = clock.sleep(consumer.pollIntervalMsMax, limit.signal).then(() => {
      if (limit.signal.aborted) return
      logger.warn('partitions were not given up in time: raise max.poll.interval.ms')
    })
    try {
      await Promise.race([revoked, expired])
    } catch (error) {
      // The partitions are gone either way; the next owner begins at the last commit.
      logger.error('giving partitions up failed', error, { cause: messageOf(error) })
    } finally {
      limit.abort()
    }
  }

  #committer(): Committer {
    const { groupId, groupInstanceId } = this.#parts.consumer
    const { memberId, generation } = this.member
    return { groupId, groupInstanceId, memberId, generation }
  }

  #updateLeaders(): void {
    for (const buffer of this.partitions.values()) {
      const view = this.#subscription.topic(buffer.topic)?.partitions[buffer.partition]
      buffer.leader = view?.leader ?? -1
      buffer.leaderEpoch = view?.leaderEpoch ?? -1
    }
    if (this.member?.isLeader) this.#rejoinIfPartitionsChanged()
    this.fetcher?.wake()
  }

  #rejoinIfPartitionsChanged(): void {
    const counts = this.#group.assignedCounts
    if (counts === undefined) return
    const isChanged = this.#subscription.topics.some(
      name => (this.#subscription.topic(name)?.partitions.length ?? 0) > (counts.get(name) ?? 0),
    )
    if (isChanged) this.member.rejoin()
  }

  #onOutOfRange(buffer: PartitionBuffer): void {
    const at = `${buffer.topic}-${buffer.partition}`
    const { offsetReset } = this.#parts.consumer
    this.#parts.logger.warn(`offset ${buffer.fetchOffset} of ${at} is not in the log`, {
      offsetReset,
    })
    this.#reset(buffer)
  }

  /** Finds the offset that `auto.offset.reset` says, in the background. */
  #reset(buffer: PartitionBuffer): void {
    const { offsetReset } = this.#parts.consumer
    const at = `${buffer.topic}-${buffer.partition}`
    if (offsetReset === 'none') {
      const message = `${at} has no position within the log and auto.offset.reset is none`
      this.failed(new ScamanderError(KAFKA_ERRORS.NO_POSITION, message))
      return
    }
    buffer.seek(-1)
    const { epoch } = buffer
    const isWanted = () => this.buffer(buffer) === buffer && buffer.epoch === epoch
    const work = async () => {
      const offset = await this.#findEnd(buffer, isWanted)
      if (offset === undefined || !isWanted()) return
      buffer.seek(offset)
      this.fetcher.wake()
    }
    work().catch(error => {
      if (!this.#isClosed) this.failed(toKafkaError(error, `find the first offset of ${at}`))
    })
  }

  /** First or last offset; undefined when nobody wants it any more. */
  async #findEnd(buffer: PartitionBuffer, isWanted: () => boolean): Promise<number | undefined> {
    const { offsetReset, readCommitted, unreachableMsMax } = this.#parts.consumer
    const timestampMs = offsetReset === 'earliest' ? LOG_START : LOG_END
    const attempt = async () => {
      if (!isWanted()) return undefined
      const { topic, partition, leaderEpoch } = buffer
      if (buffer.leader < 0) this.#subscription.refresh()
      const query = { partitions: [{ topic, partition, leaderEpoch }], timestampMs, readCommitted }
      try {
        const [found] = await listOffsets(this.#cluster, buffer.leader, query)
        if (found?.error !== undefined) throw found.error
        return found?.offset
      } catch (error) {
        this.#subscription.refresh()
        throw error
      }
    }
    return await this.#cluster.retry(
      `find the first offset of ${buffer.topic}-${buffer.partition}`,
      attempt,
      unreachableMsMax,
    )
  }
}

/** "t-0@17": where reading starts or stands, -1 for nowhere yet. */
function toText(positions: readonly (TopicPartition & { offset?: number; position?: number })[]) {
  return positions
    .map(one => `${one.topic}-${one.partition}@${one.offset ?? one.position}`)
    .join(' ')
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`
}
