/**
 * Writes states to the topic of states, one at a time per unit: while Kafka is away only the newest
 * state of each unit waits. Owned by the cluster's log.
 * Invariants: states of one unit arrive in order; what waits is bounded by the number of units; a
 * failed write is repeated until a newer state replaces it or the writer closes.
 * Spec: connect-rest 4, 17 (status).
 */
import { Backoff } from '../../base/backoff.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/scamander-error.ts'
import type { ProducerRecord } from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { encodeStatusRecord, type StatusRecord } from './status-records.ts'

export interface StatusWriterParts {
  readonly topic: string
  readonly send: (records: readonly ProducerRecord[]) => Promise<void>
  readonly logger: Logger
  readonly clock?: Clock
}

const BACKOFF = { baseMs: 100, maxMs: 5_000 }
const CLOSE_TIMEOUT_MS = 3_000

export class StatusWriter {
  readonly #parts: StatusWriterParts
  readonly #clock: Clock
  readonly #waiting = new Map<string, StatusRecord>()
  readonly #sending = new Map<string, StatusRecord>()
  readonly #closing = new AbortController()
  #working: Promise<void> | undefined

  constructor(parts: StatusWriterParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
  }

  put(record: StatusRecord): void {
    this.#waiting.set(unitOf(record), record)
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
  }

  /** Whether this worker has something newer to say of that unit than the record. */
  isNewer(record: StatusRecord): boolean {
    const unit = unitOf(record)
    return this.#waiting.has(unit) || this.#sending.has(unit)
  }

  /** Waits a little for what is not written yet. */
  async close(): Promise<void> {
    const limit = new AbortController()
    const late = this.#clock.sleep(CLOSE_TIMEOUT_MS, limit.signal)
    await Promise.race([this.#working, late])
    limit.abort()
    this.#closing.abort()
  }

  async #work(): Promise<void> {
    const backoff = new Backoff(BACKOFF)
    while (this.#waiting.size > 0 && !this.#closing.signal.aborted) {
      for (const [unit, record] of this.#waiting) this.#sending.set(unit, record)
      this.#waiting.clear()
      const records = [...this.#sending.values()].map(one => this.#toRecord(one))
      try {
        await this.#parts.send(records)
        backoff.reset()
      } catch (error) {
        const text = `states were not written, trying again: ${messageOf(error)}`
        this.#parts.logger.warnLimited('states not written', text)
        for (const [unit, record] of this.#sending) {
          if (!this.#waiting.has(unit)) this.#waiting.set(unit, record)
        }
        await this.#clock.sleep(backoff.next(), this.#closing.signal)
      }
      this.#sending.clear()
    }
  }

  #toRecord(record: StatusRecord): ProducerRecord {
    const { key, value } = encodeStatusRecord(record)
    return { topic: this.#parts.topic, key, value, headers: [] }
  }
}

function unitOf(record: StatusRecord): string {
  return encodeStatusRecord(record).key.toString()
}
