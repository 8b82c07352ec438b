/**
 * Speculative executions: an idempotent write that got no answer within a delay goes to one more
 * node, and the first answer counts. Made by the dispatcher when the driver option asks for it.
 * One timer for all writes: they are kept in the order in which they come due.
 * Invariant: a write is held here at most one delay longer than it is under way.
 * Spec: cassandra-sink 3.7 (advanced.speculative-execution-policy).
 */
import type { SpeculativeSettings } from '../settings.ts'
import type { InFlightWrite } from './in-flight-write.ts'

interface Due {
  readonly write: InFlightWrite
  /** Executions started when it was entered. */
  readonly executions: number
  readonly atMs: number
}

export class Speculation {
  readonly #settings: SpeculativeSettings
  readonly #send: (write: InFlightWrite) => boolean
  #due: Due[] = []
  #timer: NodeJS.Timeout | undefined

  /** `send` starts one more execution elsewhere, or tells false. */
  constructor(settings: SpeculativeSettings, send: (write: InFlightWrite) => boolean) {
    this.#settings = settings
    this.#send = send
  }

  /** Watches a write that was just sent; those that are not idempotent are left alone. */
  add(write: InFlightWrite): void {
    const { statements } = write.delivery.batch
    if (!write.rows.every(row => statements[row]!.isIdempotent)) return
    this.#enter(write, 1)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#due = []
  }

  #enter(write: InFlightWrite, executions: number): void {
    const { executionsMax, delayMs } = this.#settings
    if (executions >= executionsMax) return
    this.#due.push({ write, executions, atMs: performance.now() + delayMs })
    if (this.#due.length === 1) this.#schedule(delayMs)
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => this.#onDue(), delayMs)
  }

  #onDue(): void {
    const nowMs = performance.now()
    const rest = this.#due.findIndex(one => one.atMs > nowMs)
    const due = this.#due.splice(0, rest < 0 ? this.#due.length : rest)
    const next = this.#due[0]
    for (const { write, executions } of due) {
      if (write.isFinished || write.pending === 0) continue
      if (this.#send(write)) this.#enter(write, executions + 1)
    }
    // Entering into an empty list has started the timer already.
    if (next !== undefined) this.#schedule(Math.max(1, next.atMs - nowMs))
  }
}
