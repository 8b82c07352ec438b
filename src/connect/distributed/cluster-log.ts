/**
 * The three internal topics as one worker knows them: configurations, states and positions, read
 * from their beginning and followed; and the producer for states and positions.
 * Owned by the distributed worker. Configurations are written by the leader alone (leader.ts).
 * Invariants: `configOffset` counts what `config` was told; records of unknown form are passed over;
 * restart and logger records of the past are not acted upon.
 * Spec: connect-rest 17, 18.3 (1).
 */
import type { ScamanderError } from '../../base/scamander-error.ts'
import type { RawMessage } from '../../flow/index.ts'
import { type KafkaClientSettings, RecordProducer, TopicFollower } from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { type ConfigRecord, decodeConfigRecord } from './config-records.ts'
import { ConfigState } from './config-state.ts'
import { KafkaOffsetStore } from './kafka-offset-store.ts'
import { LogProducer } from './log-producer.ts'
import { StatusBoard } from './status-board.ts'
import { decodeStatusRecord, type StatusRecord } from './status-records.ts'
import { StatusWriter } from './status-writer.ts'

export interface ClusterTopics {
  readonly config: string
  readonly offset: string
  readonly status: string
}

export interface ClusterLogEvents {
  /** Some records of configurations arrived, together. Not called for those read by `open`. */
  configChanged(records: readonly ConfigRecord[]): void
  /** By whomever it was written. */
  statusRead(record: StatusRecord): void
  failed(error: ScamanderError): void
}

const OPEN_TIMEOUT_MS = 60_000
const READ_TIMEOUT_MS = 30_000

export class ClusterLog {
  readonly config = new ConfigState()
  readonly board = new StatusBoard()
  readonly offsets: KafkaOffsetStore
  readonly #topics: ClusterTopics
  readonly #events: ClusterLogEvents
  readonly #follower: TopicFollower
  readonly #producer: LogProducer
  readonly #statuses: StatusWriter
  #configOffset = 0
  #isOpen = false
  #arrived: ConfigRecord[] = []

  constructor(parts: {
    readonly settings: KafkaClientSettings
    readonly topics: ClusterTopics
    readonly events: ClusterLogEvents
    readonly logger: Logger
  }) {
    const { settings, topics, events, logger } = parts
    this.#topics = topics
    this.#events = events
    const producer = new LogProducer(() => new RecordProducer({ settings, logger }), logger)
    this.#producer = producer
    this.#statuses = new StatusWriter({
      topic: topics.status,
      send: records => producer.send(records),
      logger,
    })
    this.offsets = new KafkaOffsetStore({
      name: topics.offset,
      readToEnd: () => this.#follower.readToEnd(topics.offset, READ_TIMEOUT_MS, false),
      send: records => producer.sendPositions(records),
    })
    this.#follower = new TopicFollower({
      settings,
      topics: [topics.config, topics.offset, topics.status],
      logger,
      onMessage: message => this.#onMessage(message),
      onFailure: error => events.failed(error),
    })
  }

  /** Resolves when all three topics were read to their ends. */
  async open(): Promise<void> {
    await this.#follower.open()
    const { config, offset, status } = this.#topics
    const names = [config, offset, status]
    await Promise.all(names.map(name => this.#follower.readToEnd(name, OPEN_TIMEOUT_MS)))
    this.#arrived = []
    this.#isOpen = true
  }

  /** Offset behind the last record of configurations that was read. */
  get configOffset(): number {
    return this.#configOffset
  }

  /**
   * Reads the configurations to their end, or to what a writer just wrote, which the end may not
   * show yet; throws `retriable` when that takes too long.
   */
  async catchUp(timeoutMs: number, endOffset?: number): Promise<void> {
    const { config } = this.#topics
    if (endOffset === undefined) await this.#follower.readToEnd(config, timeoutMs)
    else await this.#follower.readTo(config, endOffset, timeoutMs)
    this.#configOffset = Math.max(this.#configOffset, this.#follower.position(config))
    this.#tell()
  }

  /** Written soon; of several states of one unit at least the last is. */
  putStatus(record: StatusRecord): void {
    this.board.apply(record)
    this.#statuses.put(record)
  }

  /**
   * Positions that wait to be written fail, and so do all that follow until the answer is called:
   * whoever has the work now may have stored later ones. States are written again.
   */
  discardWrites(): () => void {
    return this.#producer.discard()
  }

  /** Writes the states that wait, and ends. */
  async close(): Promise<void> {
    await this.#statuses.close()
    await this.#follower.close()
    await this.#producer.close()
  }

  #onMessage(message: RawMessage): void {
    const key = message.key()
    if (message.topic === this.#topics.config) this.#configOffset = message.offset + 1
    if (key === null) return
    const value = message.value()
    switch (message.topic) {
      case this.#topics.config:
        this.#onConfig(decodeConfigRecord(key, value))
        break
      case this.#topics.status:
        this.#onStatus(decodeStatusRecord(key, value))
        break
      default:
        this.offsets.applyRecord(key, value)
    }
  }

  #onConfig(record: ConfigRecord | undefined): void {
    if (record === undefined) return
    this.config.apply(record)
    // Records of one transaction come together; they are told together.
    if (this.#arrived.length === 0) setImmediate(() => this.#tell())
    this.#arrived.push(record)
  }

  /** What this worker itself will write once more is not undone by its own older record. */
  #onStatus(record: StatusRecord | undefined): void {
    if (record === undefined || this.#statuses.isNewer(record)) return
    this.board.apply(record)
    this.#events.statusRead(record)
  }

  #tell(): void {
    if (!this.#isOpen || this.#arrived.length === 0) return
    const records = this.#arrived
    this.#arrived = []
    this.#events.configChanged(records)
  }
}
