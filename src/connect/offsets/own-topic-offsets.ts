/**
 * Positions of one source connector that names a topic of its own for them (`offsets.storage.topic`):
 * kept there first, copied to the worker's store, and looked up there where the own topic has none.
 * Made for each run of a task and for each call of the REST API; opened by the first of its calls.
 * Invariants: the own topic decides; a removal reaches the worker's store first, else what was
 * removed would be found there again; nobody waits for a copy, nor, after a cut-off, for Kafka; a
 * topic that fails is closed when the last call on it has ended.
 * Spec: connect-rest 9, 13; KIP-618.
 */
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { SourceOffset, SourcePartition, SourcePosition } from '../../flow/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { KafkaOffsetStore } from '../distributed/kafka-offset-store.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { OffsetCopies } from './offset-copies.ts'
import { type OffsetEntry, type OffsetStore, partitionKey } from './offset-store.ts'
import type { OwnTopic } from './own-topic.ts'

export interface OwnTopicOffsetsParts {
  readonly topic: string
  readonly newTopic: () => OwnTopic
  readonly workers: OffsetStore
  readonly logger: Logger
}

/** One opening of the topic. */
interface Held {
  readonly topic: OwnTopic
  readonly opened: Promise<void>
  /** Under way. */
  calls: number
}

const CLOSE_TIMEOUT_MS = 30_000
/** The worker's cluster may be another, and away. */
const COPY_TIMEOUT_MS = 1_000

export class OwnTopicOffsets implements OffsetStore {
  readonly #parts: OwnTopicOffsetsParts
  readonly #copies: OffsetCopies
  readonly #held = new Set<Held>()
  /** The one that calls go to. */
  #current: Held | undefined
  #isClosed = false

  constructor(parts: OwnTopicOffsetsParts) {
    this.#parts = parts
    const { topic, workers, logger } = parts
    this.#copies = new OffsetCopies({
      to: workers,
      failed: (connector, error) =>
        logger.warnLimited(
          `copy ${connector}`,
          `positions are in ${topic}, but were not copied to the worker's: ${messageOf(error)}`,
        ),
    })
  }

  // The worker's store is asked second: it may wait for its own cluster by itself, and whoever asks
  // the own topic again must not leave such calls behind.

  async readAll(connector: string): Promise<SourcePosition[]> {
    const own = await this.#own(store => store.readAll(connector))
    const workers = await this.#parts.workers.readAll(connector)
    const named = new Set(own.map(({ partition }) => partitionKey(partition)))
    return [...own, ...workers.filter(({ partition }) => !named.has(partitionKey(partition)))]
  }

  async read(
    connector: string,
    partitions: readonly SourcePartition[],
  ): Promise<(SourceOffset | undefined)[]> {
    const own = await this.#own(store => store.read(connector, partitions))
    if (own.every(offset => offset !== undefined)) return own
    const workers = await this.#parts.workers.read(connector, partitions)
    return own.map((offset, index) => offset ?? workers[index])
  }

  async keysOf(connector: string, partitions: readonly SourcePartition[]): Promise<string[]> {
    return await this.#own(store => store.keysOf(connector, partitions))
  }

  async write(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    const removed = entries.filter(({ offset }) => offset === null)
    if (removed.length > 0) {
      const partitions = removed.map(({ partition }) => partition)
      this.#copies.drop(connector, partitions)
      await this.#parts.workers.write(connector, removed)
    }
    await this.#own(store => store.write(connector, entries))
    const kept = entries.filter(({ offset }) => offset !== null)
    this.#copies.put(connector, kept)
  }

  /** Somebody else has put them into the own topic, in a transaction. */
  async written(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    this.#copies.put(connector, entries)
  }

  /** For good; with 0 what is not acknowledged is given up, and nothing is waited for. */
  async close(timeoutMs = CLOSE_TIMEOUT_MS): Promise<void> {
    this.#isClosed = true
    const ended = Promise.all([
      this.#copies.close(Math.min(timeoutMs, COPY_TIMEOUT_MS)),
      ...[...this.#held].map(held => this.#end(held, timeoutMs)),
    ])
    if (timeoutMs > 0) await ended
  }

  async #own<T>(call: (store: KafkaOffsetStore) => Promise<T>): Promise<T> {
    this.#assertOpen()
    this.#current ??= this.#hold()
    const held = this.#current
    held.calls += 1
    try {
      await held.opened
      this.#assertOpen()
      const answer = await call(held.topic.store)
      // A reader that was closed meanwhile has not read everything.
      this.#assertOpen()
      return answer
    } catch (error) {
      // The next call begins anew: with the topic, or with a reader that has ended.
      if (this.#current === held) this.#current = undefined
      this.#assertOpen()
      throw error
    } finally {
      held.calls -= 1
      if (this.#current !== held && held.calls === 0) void this.#end(held, CLOSE_TIMEOUT_MS)
    }
  }

  #hold(): Held {
    const topic = this.#parts.newTopic()
    const held = { topic, opened: topic.open(), calls: 0 }
    this.#held.add(held)
    return held
  }

  /** Never rejects. */
  async #end(held: Held, timeoutMs: number): Promise<void> {
    if (!this.#held.delete(held)) return
    const { topic, logger } = this.#parts
    try {
      await held.topic.close(timeoutMs)
    } catch (error) {
      logger.debug(`the clients of ${topic} did not close: ${messageOf(error)}`)
    }
  }

  /** A run that was cut off stores nothing more. */
  #assertOpen(): void {
    if (!this.#isClosed) return
    const message = `${this.#parts.topic}: its positions belong to a run that has ended`
    throw new ScamanderError(CONNECT_ERRORS.CUT_OFF, message)
  }
}
