/**
 * Keeps a flow at so many units per second: rows or bytes. What was used is told afterwards, because
 * a page tells its size only when it is there; the next one waits until the debt is paid.
 * Invariant: over any longer time not more than the rate; a pause is never made up for by a burst of
 * more than a quarter of a second.
 */
import { type Clock, systemClock } from '../base/clock.ts'

const BURST_MS = 250

export class RateLimiter {
  readonly #perMs: number
  readonly #clock: Clock
  /** When everything used so far is paid for. */
  #paidAtMs: number

  constructor(perSecond: number, clock: Clock = systemClock) {
    this.#perMs = perSecond / 1000
    this.#clock = clock
    this.#paidAtMs = clock.monotonicMs()
  }

  use(count: number): void {
    const earliest = this.#clock.monotonicMs() - BURST_MS
    this.#paidAtMs = Math.max(this.#paidAtMs, earliest) + count / this.#perMs
  }

  /** Resolves when more may be used. */
  async wait(signal: AbortSignal): Promise<void> {
    for (;;) {
      const leftMs = this.#paidAtMs - this.#clock.monotonicMs()
      if (leftMs <= 0 || signal.aborted) return
      await this.#clock.sleep(leftMs, signal)
    }
  }
}

/** Rows and bytes of one side. */
export class Throttle {
  readonly #limits: readonly { readonly limiter: RateLimiter; readonly unit: 'rows' | 'bytes' }[]

  constructor(rowsPerSecond: number | undefined, mbPerSecond: number | undefined) {
    const rows = rowsPerSecond === undefined ? [] : [new RateLimiter(rowsPerSecond)]
    const bytes = mbPerSecond === undefined ? [] : [new RateLimiter(mbPerSecond * 1_000_000)]
    this.#limits = [
      ...rows.map(limiter => ({ limiter, unit: 'rows' as const })),
      ...bytes.map(limiter => ({ limiter, unit: 'bytes' as const })),
    ]
  }

  use(rows: number, bytes: number): void {
    for (const { limiter, unit } of this.#limits) limiter.use(unit === 'rows' ? rows : bytes)
  }

  async wait(signal: AbortSignal): Promise<void> {
    for (const { limiter } of this.#limits) await limiter.wait(signal)
  }
}
