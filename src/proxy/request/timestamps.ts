/**
 * Write timestamps for statements that came without one. One generator per thread.
 * Invariant: strictly increasing microseconds, never behind the wall clock.
 * Spec: live-migration 2.6.
 */
export class TimestampGenerator {
  readonly #nowMs: () => number
  #last = 0

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs
  }

  /** Microseconds since the epoch; a safe integer until the year 2255. */
  next(): number {
    this.#last = Math.max(this.#last + 1, this.#nowMs() * 1000)
    return this.#last
  }
}
