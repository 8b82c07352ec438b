/**
 * Positions of one source connector that names a topic of its own for them (`offsets.storage.topic`):
 * kept there first, copied to the worker's store, and looked up there where the own topic has none.
 * Made for each run of a task and for each call of the REST API; opened by the first of its calls.
 * Invariants: the own topic decides; a removal reaches the worker's store first, else what was
 * removed would be found there again; a copy that fails is told and stops nothing.
 * Spec: connect-rest 9, 13; KIP-618.
 */
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { ConfigSource } from '../../config/index.ts'
import type { SourceOffset, SourcePartition, SourcePosition } from '../../flow/index.ts'
import {
  type KafkaClientSettings,
  type ProducerRecord,
  RecordProducer,
  TopicFollower,
} from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CLUSTER_ERRORS } from '../distributed/errors.ts'
import { ensureOffsetsTopic } from '../distributed/internal-topics.ts'
import { KafkaOffsetStore } from '../distributed/kafka-offset-store.ts'
import { type OffsetEntry, type OffsetStore, partitionKey } from './offset-store.ts'

export interface OwnTopicParts {
  readonly topic: string
  /** Of the cluster that the records go to. */
  readonly client: KafkaClientSettings
  /** The worker's properties: how its topics of positions are created. */
  readonly worker: ConfigSource
  readonly workers: OffsetStore
  readonly logger: Logger
}

interface Opened {
  readonly store: KafkaOffsetStore
  close(timeoutMs?: number): Promise<void>
}

const READ_TIMEOUT_MS = 30_000

export class OwnTopicOffsets implements OffsetStore {
  readonly #parts: OwnTopicParts
  #opening: Promise<Opened> | undefined
  #isClosed = false

  constructor(parts: OwnTopicParts) {
    this.#parts = parts
  }

  async readAll(connector: string): Promise<SourcePosition[]> {
    const [own, workers] = await Promise.all([
      this.#own(store => store.readAll(connector)),
      this.#parts.workers.readAll(connector),
    ])
    const named = new Set(own.map(({ partition }) => partitionKey(partition)))
    return [...own, ...workers.filter(({ partition }) => !named.has(partitionKey(partition)))]
  }

  async read(
    connector: string,
    partitions: readonly SourcePartition[],
  ): Promise<(SourceOffset | undefined)[]> {
    const [own, workers] = await Promise.all([
      this.#own(store => store.read(connector, partitions)),
      this.#parts.workers.read(connector, partitions),
    ])
    return own.map((offset, index) => offset ?? workers[index])
  }

  async keysOf(connector: string, partitions: readonly SourcePartition[]): Promise<string[]> {
    return await this.#own(store => store.keysOf(connector, partitions))
  }

  async write(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    const removed = entries.filter(({ offset }) => offset === null)
    if (removed.length > 0) await this.#parts.workers.write(connector, removed)
    await this.#own(store => store.write(connector, entries))
    await this.written(
      connector,
      entries.filter(({ offset }) => offset !== null),
    )
  }

  /** Somebody else has put them into the own topic, in a transaction. */
  async written(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    if (entries.length === 0) return
    try {
      if (!this.#isClosed) await this.#parts.workers.write(connector, entries)
    } catch (error) {
      const { topic, logger } = this.#parts
      logger.warnLimited(
        `copy ${connector}`,
        `positions are in ${topic}, but were not copied to the worker's: ${messageOf(error)}`,
      )
    }
  }

  /** For good; with 0 what is not acknowledged is given up. */
  async close(timeoutMs?: number): Promise<void> {
    this.#isClosed = true
    await this.#release(timeoutMs)
  }

  async #release(timeoutMs?: number): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    const opened = await opening?.catch(() => undefined)
    await opened?.close(timeoutMs)
  }

  async #own<T>(call: (store: KafkaOffsetStore) => Promise<T>): Promise<T> {
    // A run that was cut off stores nothing more.
    if (this.#isClosed) throw this.#closedError()
    this.#opening ??= this.#open()
    const opening = this.#opening
    try {
      return await call((await opening).store)
    } catch (error) {
      // The next call begins anew: with the topic, or with a reader that has ended.
      if (this.#opening === opening) await this.#release()
      throw error
    }
  }

  #closedError(): ScamanderError {
    const message = `${this.#parts.topic}: its positions belong to a run that has ended`
    return new ScamanderError(CLUSTER_ERRORS.OFFSETS_LATE, message)
  }

  async #open(): Promise<Opened> {
    const { topic, client, worker, logger } = this.#parts
    await ensureOffsetsTopic(client, { name: topic, source: worker }, logger)
    const producer = new RecordProducer({ settings: client, logger })
    const follower = new TopicFollower({
      settings: client,
      topics: [topic],
      logger,
      onMessage: message => {
        const key = message.key()
        if (key !== null) store.applyRecord(key, message.value())
      },
      onFailure: error => logger.warn(`${topic} is read anew: ${error.message}`),
    })
    const store = new KafkaOffsetStore({
      name: topic,
      readToEnd: () => follower.readToEnd(topic, READ_TIMEOUT_MS, false),
      send: async (records: readonly ProducerRecord[]) => {
        const { failures } = await producer.send(records)
        if (failures[0] !== undefined) throw failures[0].error
      },
    })
    const close = async (timeoutMs?: number) => {
      await follower.close()
      await producer.close(timeoutMs)
    }
    try {
      await follower.open()
      return { store, close }
    } catch (error) {
      await close()
      throw error
    }
  }
}
