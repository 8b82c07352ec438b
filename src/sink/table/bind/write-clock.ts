/**
 * Write times for rows that have none of their own: microseconds of this machine's clock, each
 * later than the one before. One per process, so that all sinks of a process agree.
 * Invariant: strictly growing, also when the clock is set back. Spec: cassandra-sink 10.3.
 */
export class WriteClock {
  readonly #nowMs: () => number
  #lastMicros = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  nextMicros(): number {
    this.#lastMicros = Math.max(this.#nowMs() * 1000, this.#lastMicros + 1)
    return this.#lastMicros
  }
}

export const processWriteClock = new WriteClock(Date.now)
