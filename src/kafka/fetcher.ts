/**
 * Fetches record batches in the background: one loop per broker that leads a partition we may fetch,
 * one request under way in each. Filled buffers stop a loop; `wake` starts it again.
 * Owned by the consumer, which reacts to `FetcherEvents`.
 * Invariants: while the budget is used up nothing more is asked for; an answer that came after a
 * seek or a revocation is dropped; errors that pass make a partition wait and ask for new metadata,
 * all others reach `failed`.
 * Spec: Kafka protocol, Fetch v12; KIP-392 (nearest replica), KIP-320 (leader epoch).
 */
import { type Clock, systemClock } from '../base/clock.ts'
import type { ScamanderError } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import { fromKafkaCode, kafkaName, toKafkaError } from './classify.ts'
import type { Cluster } from './cluster.ts'
import type { BufferBudget, PartitionBuffer } from './partition-buffer.ts'
import { type FetchedPartition, type FetchResponse, sendFetch } from './protocol/fetch.ts'
import { lastBatchNextOffset } from './protocol/record-reader.ts'
import type { ConsumerSettings } from './settings.ts'

export interface FetcherEvents {
  /** New bytes are buffered. */
  data(): void
  /** A leader moved or is missing. */
  metadataOutdated(): void
  /** The position lies outside the log. */
  outOfRange(partition: PartitionBuffer): void
  failed(error: ScamanderError): void
  /** A broker answered, or could not be reached. */
  reached(): void
  unreached(error: ScamanderError): void
}

interface Asked {
  readonly buffer: PartitionBuffer
  readonly epoch: number
  readonly fetchOffset: number
}

/** A partition with so many answers' worth of bytes waits for the others. */
const PARTITION_FILL = 4

export class Fetcher {
  readonly bytesFetched = { count: 0 }
  readonly #cluster: Cluster
  readonly #settings: ConsumerSettings
  readonly #partitions: ReadonlyMap<string, PartitionBuffer>
  readonly #budget: BufferBudget
  readonly #events: FetcherEvents
  readonly #logger: Logger
  readonly #clock: Clock
  /** Brokers with a running loop. */
  readonly #loops = new Map<number, Promise<void>>()
  readonly #closing = new AbortController()
  /** Since when each broker owes an answer. */
  readonly #askedAtMs = new Map<number, number>()
  #turn = 0
  #isPaused = false

  constructor(
    cluster: Cluster,
    settings: ConsumerSettings,
    parts: {
      partitions: ReadonlyMap<string, PartitionBuffer>
      budget: BufferBudget
      events: FetcherEvents
      logger: Logger
      clock?: Clock
    },
  ) {
    this.#cluster = cluster
    this.#settings = settings
    this.#partitions = parts.partitions
    this.#budget = parts.budget
    this.#events = parts.events
    this.#logger = parts.logger
    this.#clock = parts.clock ?? systemClock
  }

  /** Starts a loop for every broker that has something to fetch and no loop yet. */
  wake(): void {
    if (this.#closing.signal.aborted || this.#isFull()) return
    let outdated = false
    for (const buffer of this.#partitions.values()) {
      if (!this.#isWanted(buffer) || buffer.isFetching) continue
      const node = buffer.node
      if (node < 0 || !this.#cluster.hasBroker(node)) outdated = true
      else if (!this.#loops.has(node)) this.#startLoop(node)
    }
    if (outdated) this.#events.metadataOutdated()
  }

  /** The broker that owes an answer the longest. */
  silentBroker(): { readonly node: number; readonly silentMs: number } | undefined {
    let oldest: readonly [node: number, atMs: number] | undefined
    for (const one of this.#askedAtMs) if (one[1] < (oldest?.[1] ?? Infinity)) oldest = one
    if (oldest === undefined) return undefined
    return { node: oldest[0], silentMs: this.#clock.monotonicMs() - oldest[1] }
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.wake()
  }

  /** Resolves when the loops ended, which they do once the cluster is closed. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#loops.values())
  }

  #startLoop(node: number): void {
    const loop = this.#run(node)
      .catch(error => this.#events.failed(toKafkaError(error, `fetch from broker ${node}`)))
      .finally(() => {
        this.#loops.delete(node)
        // Something may have become wanted after the loop looked for the last time.
        this.wake()
      })
    this.#loops.set(node, loop)
  }

  async #run(node: number): Promise<void> {
    const backoff = this.#cluster.newBackoff()
    while (!this.#closing.signal.aborted) {
      const asked = this.#choose(node)
      if (asked.length === 0) {
        const waitMs = this.#nextRetryMs(node)
        if (waitMs === undefined) return
        await this.#clock.sleep(waitMs, this.#closing.signal)
        continue
      }
      try {
        const response = await this.#fetch(node, asked)
        this.#events.reached()
        backoff.reset()
        this.#accept(asked, response)
      } catch (error) {
        if (this.#closing.signal.aborted) return
        const failure = toKafkaError(error, `fetch from broker ${node}`)
        if (failure.kind !== 'disconnected' && failure.kind !== 'retriable') throw failure
        this.#logger.debug('fetch failed, trying again', { node, error: failure.message })
        this.#events.unreached(failure)
        this.#loseReplica(node)
        this.#events.metadataOutdated()
        await this.#clock.sleep(backoff.next(), this.#closing.signal)
      }
    }
  }

  async #fetch(node: number, asked: readonly Asked[]): Promise<FetchResponse> {
    const settings = this.#settings
    const room = settings.prefetchBytesMax - this.#budget.bytes
    for (const { buffer } of asked) buffer.isFetching = true
    this.#askedAtMs.set(node, this.#clock.monotonicMs())
    try {
      const connection = await this.#cluster.connectionTo(node, 'fetch')
      const targets = asked.map(({ buffer, fetchOffset }) => ({
        topic: buffer.topic,
        partition: buffer.partition,
        leaderEpoch: buffer.preferredReplica >= 0 ? -1 : buffer.leaderEpoch,
        fetchOffset,
      }))
      return await sendFetch(connection, targets, {
        waitMsMax: settings.fetchWaitMsMax,
        bytesMin: settings.fetchBytesMin,
        bytesMax: Math.min(settings.fetchBytesMax, Math.max(room, settings.partitionFetchBytesMax)),
        partitionBytesMax: settings.partitionFetchBytesMax,
        readCommitted: settings.readCommitted,
        rack: this.#cluster.settings.rack,
      })
    } finally {
      this.#askedAtMs.delete(node)
      for (const { buffer } of asked) buffer.isFetching = false
    }
  }

  /** What to ask this broker for; another partition comes first each time, so none starves. */
  #choose(node: number): Asked[] {
    if (this.#isFull()) return []
    const nowMs = this.#clock.monotonicMs()
    const asked: Asked[] = []
    for (const buffer of this.#partitions.values()) {
      if (!this.#isWanted(buffer) || buffer.isFetching || buffer.node !== node) continue
      if (buffer.retryAtMs > nowMs) continue
      asked.push({ buffer, epoch: buffer.epoch, fetchOffset: buffer.fetchOffset })
    }
    if (asked.length > 1) asked.push(...asked.splice(0, this.#turn++ % asked.length))
    return asked
  }

  #isWanted(buffer: PartitionBuffer): boolean {
    const fill = PARTITION_FILL * this.#settings.partitionFetchBytesMax
    if (!buffer.isActive || buffer.isPaused) return false
    return buffer.fetchOffset >= 0 && buffer.bufferedBytes < fill
  }

  #isFull(): boolean {
    return this.#isPaused || this.#budget.bytes >= this.#settings.prefetchBytesMax
  }

  /** Time until a partition of this broker may be asked for again; undefined: nothing waits. */
  #nextRetryMs(node: number): number | undefined {
    if (this.#isFull()) return undefined
    let next = Number.POSITIVE_INFINITY
    for (const buffer of this.#partitions.values()) {
      if (this.#isWanted(buffer) && buffer.node === node) next = Math.min(next, buffer.retryAtMs)
    }
    return Number.isFinite(next) ? Math.max(10, next - this.#clock.monotonicMs()) : undefined
  }

  #accept(asked: readonly Asked[], response: FetchResponse): void {
    if (response.errorCode !== 0) throw fromKafkaCode(response.errorCode, 'fetch')
    const byName = new Map(asked.map(one => [nameOf(one.buffer), one]))
    let hasData = false
    for (const fetched of response.partitions) {
      const one = byName.get(nameOf(fetched))
      if (one === undefined || one.buffer.epoch !== one.epoch || !one.buffer.isActive) continue
      if (fetched.errorCode !== 0) this.#onPartitionError(one.buffer, fetched)
      else if (this.#addBytes(one, fetched, response.bytes)) hasData = true
    }
    this.bytesFetched.count += response.bytes.length
    if (hasData) this.#events.data()
  }

  #addBytes({ buffer }: Asked, fetched: FetchedPartition, bytes: Buffer): boolean {
    const { readCommitted, checkCrcs } = this.#settings
    buffer.highWatermark = readCommitted ? fetched.lastStableOffset : fetched.highWatermark
    if (fetched.preferredReplica >= 0) buffer.preferredReplica = fetched.preferredReplica
    const range = [fetched.start, fetched.end] as const
    const nextOffset = lastBatchNextOffset(bytes, range[0], range[1])
    // No complete batch: nothing new, or no room left in the answer for this partition.
    if (nextOffset <= buffer.fetchOffset) return false
    const aborted = readCommitted ? fetched.aborted : undefined
    buffer.add({ bytes, range, nextOffset, checkCrc: checkCrcs, aborted })
    return true
  }

  #onPartitionError(buffer: PartitionBuffer, fetched: FetchedPartition): void {
    const name = kafkaName(fetched.errorCode)
    const at = `${buffer.topic}-${buffer.partition}`
    if (name === 'OFFSET_OUT_OF_RANGE') {
      if (buffer.preferredReplica >= 0) buffer.preferredReplica = -1
      else this.#events.outOfRange(buffer)
      return
    }
    const error = fromKafkaCode(fetched.errorCode, `fetch ${at}`)
    if (error.kind !== 'retriable') {
      this.#events.failed(error)
      return
    }
    this.#logger.debug('partition waits', { partition: at, error: name })
    buffer.preferredReplica = -1
    buffer.retryAtMs = this.#clock.monotonicMs() + this.#cluster.settings.retryBackoffMsMax
    this.#events.metadataOutdated()
  }

  /** A replica that does not answer is left for the leader. */
  #loseReplica(node: number): void {
    for (const buffer of this.#partitions.values()) {
      if (buffer.preferredReplica === node) buffer.preferredReplica = -1
    }
  }
}

function nameOf(at: { readonly topic: string; readonly partition: number }): string {
  return `${at.partition} ${at.topic}`
}
