/**
 * Reads whole topics, from their first record on, and goes on following them: no group, nothing
 * committed, every reader sees everything. Aborted transactions are left out.
 * Made by connect for its compacted topics of configurations, offsets and states.
 * Invariants: records of one partition come in order; after `readToEnd` everything that was in the
 * topic before the call was given out. A reset of the log gives records a second time.
 * Spec: connect-rest 17, 18.3.
 */
import { systemClock } from '../base/clock.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import type { RawMessage } from '../flow/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { toKafkaError } from './classify.ts'
import { Cluster, type TopicView } from './cluster.ts'
import { KAFKA_ERRORS } from './errors.ts'
import { Fetcher } from './fetcher.ts'
import { LOG_END, LOG_START, listOffsets, type OffsetQuery } from './offsets.ts'
import { type BufferBudget, PartitionBuffer } from './partition-buffer.ts'
import type { KafkaClientSettings } from './settings.ts'
import { Subscription } from './subscription.ts'

export interface TopicFollowerOptions {
  readonly settings: KafkaClientSettings
  readonly topics: readonly string[]
  readonly logger: Logger
  /** Must not throw and not wait. */
  readonly onMessage: (message: RawMessage) => void
  /** Reading ended with an error that does not pass. */
  readonly onFailure: (error: ScamanderError) => void
}

interface Waiter {
  /** Positions to reach, by partition. */
  readonly targets: ReadonlyMap<PartitionBuffer, number>
  readonly reached: () => void
}

const TAKE_COUNT = 1_000

export class TopicFollower {
  readonly #options: TopicFollowerOptions
  readonly #cluster: Cluster
  readonly #subscription: Subscription
  readonly #fetcher: Fetcher
  readonly #buffers = new Map<string, PartitionBuffer>()
  readonly #budget: BufferBudget = { bytes: 0 }
  readonly #waiters = new Set<Waiter>()
  #failure: ScamanderError | undefined

  constructor(options: TopicFollowerOptions) {
    const { settings, topics, logger } = options
    this.#options = options
    this.#cluster = new Cluster(settings.connection)
    const failed = (error: ScamanderError) => this.#fail(error)
    const reach = { reached: () => undefined, unreached: () => undefined, failed }
    this.#subscription = new Subscription(
      this.#cluster,
      { topics },
      {
        autoCreate: false,
        events: { ...reach, refreshed: () => this.#update(), topicsChanged: () => undefined },
        logger,
      },
    )
    this.#fetcher = new Fetcher(
      this.#cluster,
      { ...settings.consumer, readCommitted: true },
      {
        partitions: this.#buffers,
        budget: this.#budget,
        events: {
          ...reach,
          data: () => this.#drain(),
          metadataOutdated: () => this.#subscription.refresh(),
          outOfRange: buffer => void this.#restart(buffer),
        },
        logger,
      },
    )
  }

  async open(): Promise<void> {
    await this.#subscription.open()
    this.#update()
  }

  /** Next offset to be given out; 0 before the first. */
  position(topic: string, partition = 0): number {
    return Math.max(0, this.#buffers.get(nameOf(topic, partition))?.position ?? 0)
  }

  /**
   * Resolves when all that is in the topic now was given out; throws `retriable` when it is late.
   * `readCommitted` false: transactions that are open now are waited for as well.
   */
  async readToEnd(topic: string, timeoutMs: number, readCommitted = true): Promise<void> {
    const doing = `read ${topic} to its end`
    const ends = () => this.#ends(topic, readCommitted)
    const targets = await this.#cluster.retry(doing, ends, timeoutMs)
    await this.#waitFor(targets, doing, timeoutMs)
  }

  /** Of the only partition: resolves when everything before `offset` was given out; throws `retriable` when it is late. */
  async readTo(topic: string, offset: number, timeoutMs: number): Promise<void> {
    const buffer = this.#buffers.get(nameOf(topic, 0))
    const doing = `read ${topic} to offset ${offset}`
    if (buffer !== undefined) await this.#waitFor(new Map([[buffer, offset]]), doing, timeoutMs)
  }

  async close(): Promise<void> {
    const loops = [this.#subscription.close(), this.#fetcher.close()]
    await this.#cluster.close()
    await Promise.all(loops)
    for (const waiter of this.#waiters) waiter.reached()
  }

  async #waitFor(targets: Waiter['targets'], doing: string, timeoutMs: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiter: Waiter = { targets, reached: resolve }
    this.#waiters.add(waiter)
    const limit = new AbortController()
    this.#settle()
    const late = systemClock.sleep(timeoutMs, limit.signal).then(() => 'late' as const)
    const outcome = await Promise.race([promise, late])
    limit.abort()
    this.#waiters.delete(waiter)
    if (this.#failure !== undefined) throw this.#failure
    if (outcome !== 'late') return
    const message = `${doing}: not within ${timeoutMs} ms`
    throw new ScamanderError(KAFKA_ERRORS.RETRIABLE, message)
  }

  #update(): void {
    for (const name of this.#options.topics) {
      const view = this.#subscription.topic(name)
      if (view !== undefined) this.#updateTopic(view)
    }
    this.#fetcher?.wake()
  }

  #updateTopic({ name, partitions }: TopicView): void {
    partitions.forEach(({ leader, leaderEpoch }, partition) => {
      const key = nameOf(name, partition)
      let buffer = this.#buffers.get(key)
      if (buffer === undefined) {
        buffer = new PartitionBuffer({ topic: name, partition }, this.#budget)
        buffer.isActive = true
        buffer.seek(0)
        this.#buffers.set(key, buffer)
      }
      buffer.leader = leader
      buffer.leaderEpoch = leaderEpoch
    })
  }

  #drain(): void {
    const messages: RawMessage[] = []
    for (const buffer of this.#buffers.values()) {
      while (buffer.hasData) {
        messages.length = 0
        buffer.take(messages, TAKE_COUNT)
        for (const message of messages) this.#options.onMessage(message)
      }
    }
    this.#settle()
    this.#fetcher.wake()
  }

  #settle(): void {
    for (const waiter of this.#waiters) {
      const isReached = [...waiter.targets].every(([buffer, end]) => buffer.position >= end)
      if (isReached || this.#failure !== undefined) waiter.reached()
    }
  }

  async #ends(topic: string, readCommitted: boolean): Promise<Map<PartitionBuffer, number>> {
    const buffers = [...this.#buffers.values()].filter(one => one.topic === topic)
    if (buffers.length === 0 || buffers.some(one => one.leader < 0)) {
      this.#subscription.refresh()
      throw new ScamanderError(KAFKA_ERRORS.RETRIABLE, `topic ${topic} has no leaders yet`)
    }
    const targets = new Map<PartitionBuffer, number>()
    for (const [leader, ours] of Map.groupBy(buffers, one => one.leader)) {
      const found = await this.#list(leader, ours, { timestampMs: LOG_END, readCommitted })
      for (const { partition, offset } of found) {
        targets.set(this.#buffers.get(nameOf(topic, partition))!, offset)
      }
    }
    return targets
  }

  /** The log begins later than we read: from its start again. */
  async #restart(buffer: PartitionBuffer): Promise<void> {
    const doing = `find the first offset of ${buffer.topic}-${buffer.partition}`
    buffer.seek(-1)
    try {
      await this.#cluster.retry(doing, async () => {
        const at = { timestampMs: LOG_START, readCommitted: true }
        const [found] = await this.#list(buffer.leader, [buffer], at)
        buffer.seek(found?.offset ?? 0)
      })
      this.#fetcher.wake()
    } catch (error) {
      if (!this.#cluster.isClosed) this.#fail(toKafkaError(error, doing))
    }
  }

  async #list(
    leader: number,
    buffers: readonly PartitionBuffer[],
    at: { readonly timestampMs: number; readonly readCommitted: boolean },
  ) {
    const partitions: OffsetQuery[] = buffers.map(({ topic, partition, leaderEpoch }) => ({
      topic,
      partition,
      leaderEpoch,
    }))
    try {
      const found = await listOffsets(this.#cluster, leader, { partitions, ...at })
      const failed = found.find(one => one.error !== undefined)
      if (failed?.error !== undefined) throw failed.error
      return found
    } catch (error) {
      this.#subscription.refresh()
      throw error
    }
  }

  #fail(error: ScamanderError): void {
    if (this.#failure !== undefined || this.#cluster.isClosed) return
    this.#failure = error
    this.#settle()
    this.#options.onFailure(error)
  }
}

function nameOf(topic: string, partition: number): string {
  return `${partition} ${topic}`
}
