/**
 * Records that wait for one partition, in order. The producer pushes, takes a batch at a time, and
 * puts it back at the front when it must be sent again.
 * Invariant: at most one batch is out (`isSending`), so order survives retries.
 */
import { Backoff } from '../base/backoff.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { KAFKA_ERRORS } from './errors.ts'
import { type BatchRecord, encodeBatch } from './protocol/record-writer.ts'
import type { ConnectionSettings, ProducerSettings } from './settings.ts'

/** The records of one `send`. */
export interface Delivery {
  /** Called once per record: undefined is success. */
  settle(index: number, error: ScamanderError | undefined): void
}

export interface Pending {
  readonly record: BatchRecord
  readonly sizeBytes: number
  /** When `send` took it, by the monotonic clock. */
  readonly bornMs: number
  readonly delivery: Delivery
  /** Index within the delivery. */
  readonly index: number
}

export class ProduceQueue {
  readonly topic: string
  readonly partition: number
  isSending = false
  bytes = 0
  readonly #settings: ProducerSettings
  #items: Pending[] = []
  #batchBytesMax: number
  #retryAtMs = 0
  #backoff: Backoff | undefined
  #lastError: ScamanderError | undefined

  constructor(at: { topic: string; partition: number }, settings: ProducerSettings) {
    this.topic = at.topic
    this.partition = at.partition
    this.#settings = settings
    this.#batchBytesMax = Math.min(Math.max(1, settings.batchBytesMax), settings.requestBytesMax)
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /** When the first batch should be sent, by the monotonic clock. */
  get dueMs(): number {
    const first = this.#items[0]
    if (first === undefined) return Number.POSITIVE_INFINITY
    const lingerMs = this.bytes >= this.#batchBytesMax ? 0 : this.#settings.lingerMs
    return Math.max(first.bornMs + lingerMs, this.#retryAtMs)
  }

  /** Bytes of the next batch, about. */
  get nextBatchBytes(): number {
    return Math.min(this.bytes, this.#batchBytesMax)
  }

  /** Why the records could not be sent so far. */
  get lastError(): ScamanderError {
    const message = `record for ${this.topic}-${this.partition} not sent within delivery.timeout.ms`
    return this.#lastError ?? new ScamanderError(KAFKA_ERRORS.DISCONNECTED, message)
  }

  push(item: Pending): void {
    this.#items.push(item)
    this.bytes += item.sizeBytes
  }

  /** Takes the records of one batch, at least one; `isSending` is set. */
  takeBatch(): Pending[] {
    this.isSending = true
    let bytes = 0
    let count = 0
    for (const { sizeBytes } of this.#items) {
      if (count > 0 && bytes + sizeBytes > this.#batchBytesMax) break
      bytes += sizeBytes
      count += 1
    }
    return this.#take(count)
  }

  takeAll(): Pending[] {
    return this.#take(this.#items.length)
  }

  /** Records older than the delivery timeout; they stand at the front. */
  takeExpired(nowMs: number): Pending[] {
    const bornBefore = nowMs - this.#settings.deliveryTimeoutMs
    let count = 0
    while (count < this.#items.length && this.#items[count]!.bornMs < bornBefore) count += 1
    return count === 0 ? [] : this.#take(count)
  }

  encode(items: readonly Pending[]): Buffer {
    return encodeBatch(
      items.map(item => item.record),
      this.#settings.compression,
    )
  }

  putBack(
    items: readonly Pending[],
    why: { readonly delayMs: number; readonly nowMs: number; readonly error: ScamanderError },
  ): void {
    this.#items = [...items, ...this.#items]
    for (const { sizeBytes } of items) this.bytes += sizeBytes
    this.#retryAtMs = why.nowMs + why.delayMs
    this.#lastError = why.error
  }

  /** The broker takes only smaller batches of this topic. */
  halveBatch(items: readonly Pending[]): void {
    const bytes = items.reduce((sum, item) => sum + item.sizeBytes, 0)
    this.#batchBytesMax = Math.max(1, Math.floor(bytes / 2))
  }

  nextDelayMs(settings: ConnectionSettings): number {
    this.#backoff ??= new Backoff({
      baseMs: settings.retryBackoffMs,
      maxMs: settings.retryBackoffMsMax,
    })
    return this.#backoff.next()
  }

  noteSuccess(): void {
    this.#backoff?.reset()
    this.#lastError = undefined
  }

  #take(count: number): Pending[] {
    const taken = this.#items.splice(0, count)
    for (const { sizeBytes } of taken) this.bytes -= sizeBytes
    return taken
  }
}
