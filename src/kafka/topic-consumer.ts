/**
 * The Kafka source of the product: a member of a consumer group that hands out raw messages in
 * batches. Made by connect for each sink task; driven by the engine.
 * Invariants: in order within a partition; nothing is given out twice without a seek or a
 * rebalance; positions survive lost connections; a partition is given up only after the listener
 * finished with it (or the poll interval is over).
 * Spec: TopicSource in flow; connect-rest 13; cassandra-sink 7.
 */
import type {
  AssignmentListener,
  Batch,
  RawMessage,
  TopicPartition,
  TopicPosition,
  TopicSource,
  Unanswered,
} from '../flow/index.ts'
import type { Logger, MetricRegistry, Series } from '../telemetry/index.ts'
import { ConsumerSession } from './consumer-session.ts'
import { KAFKA_METRICS, type MetricLabels } from './metrics.ts'
import type { KafkaClientSettings } from './settings.ts'
import type { TopicSelection } from './subscription.ts'

export interface TopicConsumerOptions {
  readonly settings: KafkaClientSettings
  readonly selection: TopicSelection
  readonly logger: Logger
  readonly metrics?: { readonly registry: MetricRegistry; readonly labels: MetricLabels }
}

/** What a partition has left to read. */
export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  /** Next offset to be read, -1 while unknown. */
  readonly position: number
  /** -1 while unknown. */
  readonly highWatermark: number
  /** Messages between the two, -1 while unknown. */
  readonly lag: number
}

const EMPTY: Batch<RawMessage> = Object.freeze({ items: [], sizeBytes: 0 })

export class TopicConsumer implements TopicSource {
  /** Messages and their bytes handed out since the consumer was made. */
  readonly totals = { records: 0, bytes: 0 }
  readonly #options: TopicConsumerOptions
  readonly #metrics: ConsumerMetrics | undefined
  #session: ConsumerSession | undefined
  #isPaused = false

  constructor(options: TopicConsumerOptions) {
    this.#options = options
    this.#metrics = options.metrics && new ConsumerMetrics(this, options.metrics)
  }

  /** As the group knows it; empty: not in it now. */
  get memberId(): string {
    return this.#session?.member.memberId ?? ''
  }

  get clientId(): string {
    return this.#options.settings.connection.clientId
  }

  /** Connects and joins the group in the background; opening again starts afresh from the commits. */
  async open(listener: AssignmentListener, signal: AbortSignal): Promise<void> {
    await this.close()
    const { settings, selection, logger } = this.#options
    const session = new ConsumerSession({
      connection: settings.connection,
      consumer: settings.consumer,
      selection,
      listener,
      logger,
    })
    if (this.#isPaused) session.fetcher.pause()
    this.#session = session
    const abort = () => void session.close()
    signal.addEventListener('abort', abort, { once: true })
    try {
      await session.open()
      this.#metrics?.attach()
    } catch (error) {
      await this.close()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Waits up to the poll wait for messages; empty when there are none, or while paused. */
  async read(signal: AbortSignal): Promise<Batch<RawMessage>> {
    const session = this.#session
    if (session === undefined) return EMPTY
    session.noteRead()
    const { pollWaitMs } = this.#options.settings.consumer
    const items: RawMessage[] = []
    let sizeBytes = this.#isPaused ? 0 : session.take(items)
    if (items.length === 0) {
      await session.waitForData(pollWaitMs, signal)
      session.noteRead()
      sizeBytes = this.#isPaused || signal.aborted ? 0 : session.take(items)
    }
    if (items.length === 0) return EMPTY
    this.totals.records += items.length
    this.totals.bytes += sizeBytes
    this.#metrics?.update(items.length, sizeBytes)
    return { items, sizeBytes }
  }

  async commit(positions: readonly TopicPosition[]): Promise<void> {
    if (positions.length > 0) await this.#session?.commit(positions)
  }

  seek(position: TopicPosition): void {
    const session = this.#session
    session?.buffer(position)?.seek(position.offset)
    session?.fetcher.wake()
  }

  pause(partitions?: readonly TopicPartition[]): void {
    if (partitions !== undefined) this.#setPaused(partitions, true)
    else {
      this.#isPaused = true
      this.#session?.fetcher.pause()
    }
  }

  resume(partitions?: readonly TopicPartition[]): void {
    if (partitions !== undefined) this.#setPaused(partitions, false)
    else {
      this.#isPaused = false
      this.#session?.fetcher.resume()
    }
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    this.#metrics?.detach()
    await session?.close()
  }

  #setPaused(partitions: readonly TopicPartition[], isPaused: boolean): void {
    for (const one of partitions) {
      const buffer = this.#session?.buffer(one)
      if (buffer !== undefined) buffer.isPaused = isPaused
    }
    if (!isPaused) this.#session?.fetcher.wake()
  }

  /** The assigned partitions with their positions. */
  lags(): PartitionLag[] {
    const partitions = [...(this.#session?.partitions.values() ?? [])]
    return partitions.map(({ topic, partition, position, highWatermark, lag }) => ({
      topic,
      partition,
      position,
      highWatermark,
      lag,
    }))
  }

  /** What was asked of Kafka and has had no answer; undefined: nothing, or answers come. */
  unanswered(): Unanswered | undefined {
    const silent = this.#session?.unanswered()
    return silent && { server: 'Kafka', ...silent, inFlight: 0 }
  }

  /** Bytes received, assignments received; since `open`. */
  activity() {
    const session = this.#session
    return {
      fetchedBytes: session?.fetcher.bytesFetched.count ?? 0,
      rebalances: session?.member.rebalanceCount ?? 0,
      bufferedBytes: session?.budget.bytes ?? 0,
      connections: session?.connectionCount ?? 0,
    }
  }
}

class ConsumerMetrics {
  readonly #consumer: TopicConsumer
  readonly #registry: MetricRegistry
  readonly #records: Series
  readonly #bytes: Series
  readonly #fetched: Series
  readonly #rebalances: Series
  readonly #lag: Series
  readonly #assigned: Series
  readonly #incoming: Series
  readonly #connections: Series
  #seen = { fetchedBytes: 0, rebalances: 0 }
  #stop: (() => void) | undefined

  constructor(consumer: TopicConsumer, to: { registry: MetricRegistry; labels: MetricLabels }) {
    const { connector, task } = to.labels
    const series = (metric: keyof typeof KAFKA_METRICS) =>
      to.registry.series(KAFKA_METRICS[metric], connector, task)
    this.#consumer = consumer
    this.#registry = to.registry
    this.#records = series('consumedRecords')
    this.#bytes = series('consumedBytes')
    this.#fetched = series('fetchedBytes')
    this.#rebalances = series('rebalances')
    this.#lag = series('lagRecords')
    this.#assigned = series('assignedPartitions')
    const ofClient = [consumer.clientId, connector, task]
    this.#incoming = to.registry.series(KAFKA_METRICS.clientIncoming, ...ofClient)
    this.#connections = to.registry.series(KAFKA_METRICS.consumerConnections, ...ofClient)
  }

  attach(): void {
    this.#seen = { fetchedBytes: 0, rebalances: 0 }
    this.#stop ??= this.#registry.onCollect(() => this.#collect())
  }

  detach(): void {
    if (this.#stop === undefined) return
    this.#collect()
    this.#stop()
    this.#stop = undefined
  }

  update(records: number, bytes: number): void {
    this.#records.add(records)
    this.#bytes.add(bytes)
  }

  #collect(): void {
    const { fetchedBytes, rebalances, connections } = this.#consumer.activity()
    const fetched = Math.max(0, fetchedBytes - this.#seen.fetchedBytes)
    this.#fetched.add(fetched)
    this.#incoming.add(fetched)
    this.#connections.set(connections)
    this.#rebalances.add(Math.max(0, rebalances - this.#seen.rebalances))
    this.#seen = { fetchedBytes, rebalances }
    const lags = this.#consumer.lags()
    this.#assigned.set(lags.length)
    this.#lag.set(lags.reduce((sum, { lag }) => sum + Math.max(0, lag), 0))
  }
}
