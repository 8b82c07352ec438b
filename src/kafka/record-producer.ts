/**
 * Writes records to topics: dead letters, states and what sources give. Records gather per partition
 * for the linger time, travel one request per broker at a time, and are tried again until their
 * delivery timeout. `send` takes many records and resolves once, with the failures only.
 * Invariants: order within a partition is kept, also over retries; buffered bytes are bounded (then
 * `send` waits); a record is counted exactly once, as acknowledged or as failed; an idempotent
 * producer writes no record twice however often a request is repeated.
 * Spec: Kafka producer semantics; connect-rest 10, 13.
 */
import { type Clock, systemClock } from '../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { Logger, MetricRegistry, Series } from '../telemetry/index.ts'
import { fromKafkaCode, kafkaNameOf, toKafkaError } from './classify.ts'
import { Cluster, type KafkaConnection } from './cluster.ts'
import { KAFKA_ERRORS } from './errors.ts'
import { KAFKA_METRICS, type MetricLabels } from './metrics.ts'
import { type Delivery, type Pending, type ProduceBatch, ProduceQueue } from './produce-queue.ts'
import type { ProducerRecord } from './producer-record.ts'
import { ProducerSession } from './producer-session.ts'
import { partitionOfKey } from './protocol/murmur2.ts'
import { type ProducedPartition, sendProduce } from './protocol/produce.ts'
import { recordBytesMax } from './protocol/record-writer.ts'
import type { KafkaClientSettings, ProducerSettings } from './settings.ts'

export interface SendFailure {
  /** Index into the records given to `send`. */
  readonly index: number
  readonly error: ScamanderError
}

export interface SendOutcome {
  /** Ascending by index; all other records are acknowledged. */
  readonly failures: readonly SendFailure[]
}

export interface RecordProducerOptions {
  readonly settings: KafkaClientSettings
  readonly logger: Logger
  readonly metrics?: { readonly registry: MetricRegistry; readonly labels: MetricLabels }
  readonly clock?: Clock
}

/** Counts the records of one `send` until all are settled. */
class SendDelivery implements Delivery {
  readonly #done = Promise.withResolvers<SendOutcome>()
  readonly #failures: SendFailure[] = []
  #left: number

  constructor(count: number) {
    this.#left = count
  }

  get outcome(): Promise<SendOutcome> {
    return this.#done.promise
  }

  settle(index: number, error: ScamanderError | undefined): void {
    if (error !== undefined) this.#failures.push({ index, error })
    this.#left -= 1
    if (this.#left > 0) return
    this.#done.resolve({ failures: this.#failures.sort((a, b) => a.index - b.index) })
  }
}

const BATCH_OVERHEAD_BYTES = 128
const TOPIC_AGE_MS = 60_000
const ABORT_TIMEOUT_MS = 5_000

export class RecordProducer {
  readonly #cluster: Cluster
  readonly #session: ProducerSession
  readonly #settings: ProducerSettings
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #produced: Series | undefined
  readonly #failed: Series | undefined
  readonly #outgoing: Series | undefined
  readonly #stopCollecting: (() => void) | undefined
  readonly #queues = new Map<string, ProduceQueue>()
  readonly #topics = new Map<string, { leaders: number[]; readAtMs: number }>()
  readonly #sticky = new Map<string, { partition: number; bytes: number }>()
  readonly #busyBrokers = new Set<number>()
  #bufferedBytes = 0
  #lastEnqueued: Promise<void> = Promise.resolve()
  #roomWaiters: (() => void)[] = []
  #timer: { readonly atMs: number; readonly abort: AbortController } | undefined
  #isRefreshing = false
  #isClosed = false

  constructor(options: RecordProducerOptions) {
    const { settings, logger, metrics } = options
    this.#clock = options.clock ?? systemClock
    this.#cluster = new Cluster(settings.connection, { clock: this.#clock })
    this.#settings = settings.producer
    this.#session = new ProducerSession(this.#cluster, settings.producer, logger)
    this.#logger = logger
    if (metrics === undefined) return
    const { connector, task } = metrics.labels
    this.#produced = metrics.registry.series(KAFKA_METRICS.producedRecords, connector, task)
    this.#failed = metrics.registry.series(KAFKA_METRICS.produceFailures, connector, task)
    const ofClient = [settings.connection.clientId, connector, task]
    this.#outgoing = metrics.registry.series(KAFKA_METRICS.clientOutgoing, ...ofClient)
    const connections = metrics.registry.series(KAFKA_METRICS.producerConnections, ...ofClient)
    this.#stopCollecting = metrics.registry.onCollect(() =>
      connections.set(this.#cluster.connectionCount),
    )
  }

  /** Checks that a broker answers. With a transactional id: everybody else who has it is fenced. */
  async open(): Promise<void> {
    await this.#cluster.retry('read metadata', () => this.#cluster.fetchView([]))
    await this.#session.open()
  }

  /** All records since the last commit become visible at once; every `send` must have resolved. */
  async commit(): Promise<void> {
    await this.#session.commit()
  }

  /** Resolves when every record was acknowledged or given up; rejects only when closed. */
  async send(records: readonly ProducerRecord[]): Promise<SendOutcome> {
    if (this.#isClosed) throw closedError()
    if (records.length === 0) return { failures: [] }
    const delivery = new SendDelivery(records.length)
    // One after the other: a call that waits for room must not be overtaken within a partition.
    this.#lastEnqueued = this.#lastEnqueued.then(() => this.#enqueueAll(records, delivery))
    const outcome = await delivery.outcome
    this.#produced?.add(records.length - outcome.failures.length)
    this.#failed?.add(outcome.failures.length)
    return outcome
  }

  /** Never rejects: a record that cannot wait is settled as failed. */
  async #enqueueAll(records: readonly ProducerRecord[], delivery: Delivery): Promise<void> {
    for (let index = 0; index < records.length; index++) {
      const record = records[index]!
      try {
        if (this.#cluster.isClosed) throw closedError()
        const item = this.#toPending(record, { delivery, index })
        // Awaited only where there is something to wait for: a promise per record would cost most.
        if (!this.#topics.has(record.topic)) await this.#readTopic(record.topic)
        if (!this.#hasRoom(item.sizeBytes)) await this.#waitForRoom(item.sizeBytes)
        this.#enqueue(record, item)
      } catch (error) {
        delivery.settle(index, toKafkaError(error, `produce to ${record.topic}`))
      }
    }
    this.#schedule(this.#settings.lingerMs)
  }

  /** Sends what waits, and ends; records that are not acknowledged in time fail. */
  async close(timeoutMs = 30_000): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const untilMs = this.#clock.monotonicMs() + timeoutMs
    while (this.#bufferedBytes > 0 && this.#clock.monotonicMs() < untilMs) {
      this.#drain()
      await this.#clock.sleep(5)
    }
    this.#timer?.abort.abort()
    this.#stopCollecting?.()
    if (timeoutMs > 0) await this.#abortTransaction(Math.min(ABORT_TIMEOUT_MS, timeoutMs))
    const closing = this.#cluster.close()
    for (const queue of this.#queues.values()) this.#settleAll(queue.takeAll(), closedError())
    await closing
  }

  /** Else readers wait for what never comes, until the coordinator finds the transaction late. */
  async #abortTransaction(timeoutMs: number): Promise<void> {
    const limit = new AbortController()
    const late = this.#clock.sleep(timeoutMs, limit.signal)
    const aborted = this.#session.abort().catch(error => {
      this.#logger.debug(`a transaction was left to the coordinator: ${messageOf(error)}`)
    })
    await Promise.race([aborted, late])
    limit.abort()
  }

  #toPending(
    record: ProducerRecord,
    to: { readonly delivery: Delivery; readonly index: number },
  ): Pending {
    const { key, value, headers, topic } = record
    const timestampMs = record.timestampMs ?? this.#clock.nowMs()
    const full = { key, value, headers, timestampMs }
    const sizeBytes = recordBytesMax(full)
    const { requestBytesMax, bufferBytesMax } = this.#settings
    if (sizeBytes + BATCH_OVERHEAD_BYTES > Math.min(requestBytesMax, bufferBytesMax)) {
      const message = `record of ${sizeBytes} bytes for ${topic} is larger than max.request.size`
      throw new ScamanderError(KAFKA_ERRORS.RECORD_REFUSED, message)
    }
    const { delivery, index } = to
    return { record: full, sizeBytes, bornMs: this.#clock.monotonicMs(), delivery, index }
  }

  #enqueue(record: ProducerRecord, item: Pending): void {
    const { topic } = record
    const count = this.#topics.get(topic)?.leaders.length ?? 0
    const partition = record.partition ?? this.#choosePartition(record, item, count)
    if (partition < 0 || partition >= count) {
      const message = `${topic} has ${count} partitions, found partition ${partition}`
      throw new ScamanderError(KAFKA_ERRORS.REFUSED, message)
    }
    this.#bufferedBytes += item.sizeBytes
    const queue = this.#queue(topic, partition)
    queue.push(item)
    this.#schedule(queue.bytes >= this.#settings.batchBytesMax ? 0 : this.#settings.lingerMs)
  }

  #hasRoom(sizeBytes: number): boolean {
    return this.#bufferedBytes + sizeBytes <= this.#settings.bufferBytesMax
  }

  #queue(topic: string, partition: number): ProduceQueue {
    const name = `${partition} ${topic}`
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = new ProduceQueue({ topic, partition }, this.#settings)
      this.#queues.set(name, queue)
    }
    return queue
  }

  /** By hash or key where there is one; else one partition until a batch is full, then another. */
  #choosePartition(record: ProducerRecord, item: Pending, count: number): number {
    const { topic, key, partitionHash } = record
    if (partitionHash !== undefined) return partitionHash % count
    if (key !== null) return partitionOfKey(key, count)
    const now = this.#sticky.get(topic)
    const bytes = (now?.bytes ?? 0) + item.sizeBytes
    if (now !== undefined && bytes <= this.#settings.batchBytesMax && now.partition < count) {
      now.bytes = bytes
      return now.partition
    }
    const step = count > 1 ? 1 + Math.floor(Math.random() * (count - 1)) : 0
    const start = now?.partition ?? Math.floor(Math.random() * count)
    const partition = (start + step) % count
    this.#sticky.set(topic, { partition, bytes: 0 })
    return partition
  }

  async #waitForRoom(sizeBytes: number): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + this.#settings.blockMsMax
    this.#schedule(0)
    while (!this.#hasRoom(sizeBytes)) {
      const leftMs = untilMs - this.#clock.monotonicMs()
      if (leftMs <= 0 || this.#isClosed) {
        const message = `no room in ${this.#settings.bufferBytesMax} bytes of buffer.memory`
        throw new ScamanderError(KAFKA_ERRORS.BUFFER_FULL, message)
      }
      const room = Promise.withResolvers<void>()
      this.#roomWaiters.push(room.resolve)
      const limit = new AbortController()
      await Promise.race([room.promise, this.#clock.sleep(leftMs, limit.signal)])
      limit.abort()
    }
  }

  async #readTopic(topic: string): Promise<number[]> {
    return await this.#cluster.retry(
      `read metadata of ${topic}`,
      async () => {
        const view = await this.#cluster.fetchView([topic], true)
        const found = view.topics.get(topic)
        if (found === undefined || found.partitions.length === 0) {
          throw new ScamanderError(KAFKA_ERRORS.RETRIABLE, `topic ${topic} does not exist`)
        }
        const leaders = found.partitions.map(partition => partition.leader)
        this.#topics.set(topic, { leaders, readAtMs: this.#clock.monotonicMs() })
        return leaders
      },
      this.#settings.blockMsMax,
    )
  }

  /** Calls `#drain` in `ms`, or earlier when that was planned. */
  #schedule(ms: number): void {
    const atMs = this.#clock.monotonicMs() + ms
    if (this.#timer !== undefined && this.#timer.atMs <= atMs) return
    this.#timer?.abort.abort()
    const abort = new AbortController()
    this.#timer = { atMs, abort }
    void this.#clock.sleep(ms, abort.signal).then(() => {
      if (abort.signal.aborted) return
      this.#timer = undefined
      this.#drain()
    })
  }

  /** Starts a request to every broker that is idle and has batches that are due. */
  #drain(): void {
    const nowMs = this.#clock.monotonicMs()
    const due = new Map<number, ProduceQueue[]>()
    let nextMs = Number.POSITIVE_INFINITY
    for (const queue of this.#queues.values()) {
      const expired = queue.isSending ? undefined : queue.takeExpired(nowMs)
      if (expired?.isInDoubt === true) this.#session.renew()
      if (expired !== undefined) this.#settleAll(expired.items, queue.lastError)
      const dueMs = this.#isClosed ? Math.min(nowMs, queue.dueMs) : queue.dueMs
      if (queue.isSending || queue.isEmpty) continue
      if (dueMs > nowMs) {
        nextMs = Math.min(nextMs, dueMs)
        continue
      }
      const leader = this.#topics.get(queue.topic)?.leaders[queue.partition] ?? -1
      if (leader < 0 || !this.#cluster.hasBroker(leader)) {
        this.#refresh()
        nextMs = Math.min(nextMs, nowMs + this.#cluster.settings.retryBackoffMs)
      } else if (!this.#busyBrokers.has(leader)) {
        const queues = due.get(leader)
        if (queues === undefined) due.set(leader, [queue])
        else queues.push(queue)
      }
    }
    for (const [broker, queues] of due) {
      this.#busyBrokers.add(broker)
      void this.#request(broker, queues)
    }
    if (Number.isFinite(nextMs)) this.#schedule(Math.max(1, nextMs - nowMs))
  }

  /** One request with a batch of each queue, as far as the size allows. Never rejects. */
  async #request(broker: number, due: readonly ProduceQueue[]): Promise<void> {
    const queues = this.#reserve(due)
    let sent: { queue: ProduceQueue; batch: ProduceBatch }[] = []
    try {
      const identity = await this.#session.prepare(queues)
      // A producer that closed meanwhile has taken everything out.
      const full = queues.filter(queue => !queue.isEmpty)
      sent = full.map(queue => ({ queue, batch: queue.takeBatch(identity) }))
      if (sent.length === 0) return
      const connection = await this.#cluster.connectionTo(broker, 'control')
      const results = await this.#produce(connection, sent)
      const { acks } = this.#settings
      for (const { queue, batch } of sent) {
        const { topic, partition } = queue
        const result = results.find(r => r.topic === topic && r.partition === partition)
        const doing = `produce to ${topic}`
        // Without acks there is no answer; with them a partition that is missing was not confirmed.
        const isSilent = result === undefined && acks !== 0
        const code = result?.errorCode ?? 0
        const error = isSilent
          ? new ScamanderError(KAFKA_ERRORS.RETRIABLE, doing)
          : code === 0
            ? undefined
            : fromKafkaCode(code, doing)
        await this.#onResult(queue, batch, error)
      }
    } catch (error) {
      const failure = toKafkaError(error, `produce to broker ${broker}`)
      if (sent.length === 0) for (const queue of queues) this.#onUnsent(queue, failure)
      for (const { queue, batch } of sent) await this.#onResult(queue, batch, failure)
    } finally {
      this.#busyBrokers.delete(broker)
      this.#schedule(0)
    }
  }

  /** What fits into one request; nobody else takes of these queues meanwhile. */
  #reserve(due: readonly ProduceQueue[]): ProduceQueue[] {
    const queues: ProduceQueue[] = []
    let sizeBytes = 0
    for (const queue of due) {
      sizeBytes += queue.nextBatchBytes
      if (queues.length > 0 && sizeBytes > this.#settings.requestBytesMax) break
      queue.isSending = true
      queues.push(queue)
    }
    return queues
  }

  async #produce(
    connection: KafkaConnection,
    sent: readonly { readonly queue: ProduceQueue; readonly batch: ProduceBatch }[],
  ): Promise<ProducedPartition[]> {
    const batches = sent.map(({ queue: { topic, partition }, batch }) => ({
      topic,
      partition,
      batch: batch.bytes,
    }))
    this.#outgoing?.add(batches.reduce((sum, { batch }) => sum + batch.length, 0))
    const { transactionalId } = this.#session
    return await sendProduce(connection, batches, {
      acks: this.#settings.acks,
      timeoutMs: this.#cluster.settings.requestTimeoutMs,
      ...(transactionalId === undefined ? {} : { transactionalId }),
    })
  }

  /** There was no number for its batch, or no place in the transaction. */
  #onUnsent(queue: ProduceQueue, error: ScamanderError): void {
    queue.isSending = false
    // A transaction that was aborted stays so: whoever began it does its work again.
    if (error.code === KAFKA_ERRORS.TRANSACTION_LATE.code || !isPassing(error)) {
      this.#session.renew()
      this.#settleAll(queue.takeAll(), error)
    } else {
      const delayMs = queue.nextDelayMs(this.#cluster.settings)
      queue.delay({ delayMs, nowMs: this.#clock.monotonicMs(), error })
    }
  }

  async #onResult(
    queue: ProduceQueue,
    batch: ProduceBatch,
    error: ScamanderError | undefined,
  ): Promise<void> {
    const { items } = batch
    const name = error === undefined ? undefined : kafkaNameOf(error)
    // The answer to an earlier attempt was lost: the records are there.
    if (error === undefined || (name === 'DUPLICATE_SEQUENCE_NUMBER' && batch.identity)) {
      queue.isSending = false
      queue.noteSuccess(batch)
      this.#settleAll(items, undefined)
      return
    }
    const nowMs = this.#clock.monotonicMs()
    const isTooLarge = name === 'MESSAGE_TOO_LARGE' && items.length > 1
    const isForgotten = FORGOTTEN_NAMES.has(name ?? '') && batch.identity?.isTransactional === false
    if (isTooLarge || isForgotten) {
      if (isForgotten) this.#session.renew()
      queue.putBack(items, { delayMs: 0, nowMs, error })
      if (isTooLarge) queue.halveBatch(items)
    } else if (isPassing(error)) {
      const { topic } = queue
      this.#logger.debug('produce failed, trying again', { topic, error: error.message })
      queue.repeat(batch, { delayMs: queue.nextDelayMs(this.#cluster.settings), nowMs, error })
      this.#refresh()
    } else {
      // An attempt before this one may have written it: its number is not given to another batch.
      this.#session.renew()
      const isOurs = batch.identity?.isTransactional === true
      this.#settleAll(items, isOurs ? await this.#session.judge(error) : error)
    }
    queue.isSending = false
  }

  #settleAll(items: readonly Pending[], error: ScamanderError | undefined): void {
    if (items.length === 0) return
    for (const item of items) {
      this.#bufferedBytes -= item.sizeBytes
      item.delivery.settle(item.index, error)
    }
    const waiters = this.#roomWaiters
    this.#roomWaiters = []
    for (const wake of waiters) wake()
  }

  /** Reads the leaders of all topics in use again, in the background. */
  #refresh(): void {
    if (this.#isRefreshing || this.#cluster.isClosed) return
    this.#isRefreshing = true
    const nowMs = this.#clock.monotonicMs()
    for (const [topic, { readAtMs }] of this.#topics) {
      const isIdle = [...this.#queues.values()].every(
        queue => queue.topic !== topic || queue.isEmpty,
      )
      if (isIdle && nowMs - readAtMs > TOPIC_AGE_MS) this.#topics.delete(topic)
    }
    void this.#readLeaders().finally(() => {
      this.#isRefreshing = false
      this.#schedule(0)
    })
  }

  async #readLeaders(): Promise<void> {
    try {
      const view = await this.#cluster.fetchView([...this.#topics.keys()])
      for (const [topic, { partitions }] of view.topics) {
        const leaders = partitions.map(partition => partition.leader)
        this.#topics.set(topic, { leaders, readAtMs: this.#clock.monotonicMs() })
      }
    } catch (error) {
      if (!isScamanderError(error)) throw error
      this.#logger.debug('metadata not read, trying again', { error: error.message })
    }
    await this.#cluster.sleep(this.#cluster.settings.retryBackoffMs)
  }
}

/** The broker does not know the producer any more: its records are older than the topic keeps them. */
const FORGOTTEN_NAMES = new Set(['UNKNOWN_PRODUCER_ID', 'OUT_OF_ORDER_SEQUENCE_NUMBER'])

function isPassing({ kind }: ScamanderError): boolean {
  return kind === 'retriable' || kind === 'disconnected'
}

function closedError(): ScamanderError {
  return new ScamanderError(KAFKA_ERRORS.CLOSED, 'the producer is closed')
}
