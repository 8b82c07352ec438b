/**
 * Records that wait for one partition, in order. The producer pushes, takes a batch at a time, and
 * gives it back when it must be sent again.
 * Invariants: at most one batch is out (`isSending`), so order survives retries; a batch whose answer
 * was lost goes out again as it was, with its number, so that the broker can tell it is the same.
 */
import { Backoff } from '../base/backoff.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { KAFKA_ERRORS } from './errors.ts'
import type { ProducerIdentity } from './producer-session.ts'
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

/** Records that are written as one. */
export interface ProduceBatch {
  readonly items: readonly Pending[]
  readonly bytes: Buffer
  /** Undefined: it has no number. */
  readonly identity: ProducerIdentity | undefined
}

export interface Expired {
  readonly items: readonly Pending[]
  /** Some may have been written, under a number that counts then. */
  readonly isInDoubt: boolean
}

/** Numbers of batches begin at 0 again behind it. */
const SEQUENCE_MAX = 2 ** 31

export class ProduceQueue {
  readonly topic: string
  readonly partition: number
  isSending = false
  bytes = 0
  readonly #settings: ProducerSettings
  #items: Pending[] = []
  /** Sent, and not answered: before all others. */
  #again: ProduceBatch | undefined
  #numberedBy: ProducerIdentity | undefined
  #sequence = 0
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
    return this.#items.length === 0 && this.#again === undefined
  }

  /** When the first batch should be sent, by the monotonic clock. */
  get dueMs(): number {
    if (this.#again !== undefined) return this.#retryAtMs
    const first = this.#items[0]
    if (first === undefined) return Number.POSITIVE_INFINITY
    const lingerMs = this.bytes >= this.#batchBytesMax ? 0 : this.#settings.lingerMs
    return Math.max(first.bornMs + lingerMs, this.#retryAtMs)
  }

  /** Bytes of the next batch, about. */
  get nextBatchBytes(): number {
    return this.#again?.bytes.length ?? Math.min(this.bytes, this.#batchBytesMax)
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

  /** The next batch, of at least one record; `isSending` is set. */
  takeBatch(identity: ProducerIdentity | undefined): ProduceBatch {
    this.isSending = true
    const again = this.#again
    if (again !== undefined) {
      this.#again = undefined
      this.bytes -= sizeOf(again.items)
      return again
    }
    if (this.#numberedBy !== identity) {
      this.#numberedBy = identity
      this.#sequence = 0
    }
    const items = this.#take(this.#batchCount())
    const records = items.map(item => item.record)
    const producer = identity && { ...identity, sequence: this.#sequence }
    return { items, bytes: encodeBatch(records, this.#settings.compression, producer), identity }
  }

  takeAll(): readonly Pending[] {
    const again = this.#takeAgain()
    return [...again, ...this.#take(this.#items.length)]
  }

  /** Records older than the delivery timeout; they stand at the front. A batch goes as a whole. */
  takeExpired(nowMs: number): Expired {
    const bornBefore = nowMs - this.#settings.deliveryTimeoutMs
    const again = this.#again
    const isAgainLate = again !== undefined && again.items[0]!.bornMs < bornBefore
    if (again !== undefined && !isAgainLate) return NOTHING
    let count = 0
    while (count < this.#items.length && this.#items[count]!.bornMs < bornBefore) count += 1
    if (count === 0 && !isAgainLate) return NOTHING
    const isInDoubt = again?.identity !== undefined
    return { items: [...this.#takeAgain(), ...this.#take(count)], isInDoubt }
  }

  /** The same batch goes out again: it may have been written. */
  repeat(
    batch: ProduceBatch,
    why: { readonly delayMs: number; readonly nowMs: number; readonly error: ScamanderError },
  ): void {
    this.#again = batch
    this.bytes += sizeOf(batch.items)
    this.delay(why)
  }

  /** Nothing was sent. */
  delay(why: {
    readonly delayMs: number
    readonly nowMs: number
    readonly error: ScamanderError
  }): void {
    this.#retryAtMs = why.nowMs + why.delayMs
    this.#lastError = why.error
  }

  /** They were not written: they may go out in other batches. */
  putBack(
    items: readonly Pending[],
    why: { readonly delayMs: number; readonly nowMs: number; readonly error: ScamanderError },
  ): void {
    this.#items = [...items, ...this.#items]
    this.bytes += sizeOf(items)
    this.delay(why)
  }

  /** The broker takes only smaller batches of this topic. */
  halveBatch(items: readonly Pending[]): void {
    this.#batchBytesMax = Math.max(1, Math.floor(sizeOf(items) / 2))
  }

  nextDelayMs(settings: ConnectionSettings): number {
    this.#backoff ??= new Backoff({
      baseMs: settings.retryBackoffMs,
      maxMs: settings.retryBackoffMsMax,
    })
    return this.#backoff.next()
  }

  noteSuccess({ items, identity }: ProduceBatch): void {
    this.#backoff?.reset()
    this.#lastError = undefined
    const isCounted = identity !== undefined && identity === this.#numberedBy
    if (isCounted) this.#sequence = (this.#sequence + items.length) % SEQUENCE_MAX
  }

  #batchCount(): number {
    let bytes = 0
    let count = 0
    for (const { sizeBytes } of this.#items) {
      if (count > 0 && bytes + sizeBytes > this.#batchBytesMax) break
      bytes += sizeBytes
      count += 1
    }
    return count
  }

  #takeAgain(): readonly Pending[] {
    const items = this.#again?.items ?? []
    this.#again = undefined
    this.bytes -= sizeOf(items)
    return items
  }

  #take(count: number): Pending[] {
    const taken = this.#items.splice(0, count)
    this.bytes -= sizeOf(taken)
    return taken
  }
}

const NOTHING: Expired = { items: [], isInDoubt: false }

function sizeOf(items: readonly Pending[]): number {
  let bytes = 0
  for (const { sizeBytes } of items) bytes += sizeBytes
  return bytes
}
