/**
 * Exponential back-off with equal jitter, bounded above. Pure: the caller sleeps.
 * Used by reconnects, engine retries and rewinds.
 * Invariant: `baseMs <= next() <= maxMs`; `reset()` after every success.
 */
export interface BackoffOptions {
  readonly baseMs: number
  readonly maxMs: number
  /** Fraction of each delay that is random, 0..1. @default 0.2 */
  readonly jitter?: number
  readonly random?: () => number
}

export class Backoff {
  #attempt = 0
  readonly #options: Required<BackoffOptions>

  constructor(options: BackoffOptions) {
    this.#options = { jitter: 0.2, random: Math.random, ...options }
  }

  /** Attempts since the last reset. */
  get attempt(): number {
    return this.#attempt
  }

  /** Delay before the next attempt, milliseconds. */
  next(): number {
    const { baseMs, maxMs, jitter, random } = this.#options
    const full = Math.min(maxMs, baseMs * 2 ** Math.min(this.#attempt, 30))
    this.#attempt += 1
    return Math.max(baseMs, full * (1 - jitter * random()))
  }

  reset(): void {
    this.#attempt = 0
  }
}
