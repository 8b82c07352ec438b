/**
 * A monotonic clock that tests set. Used by tests of meters, histograms and timers only.
 * Invariant: time moves only by `advance` and `sleep`.
 * Starts away from zero, so that nothing works by the accident of a clock that does.
 */
import type { Clock } from '../../base/clock.ts'

const STARTED_MS = 1_234_567.5

export class TestClock implements Clock {
  #ms = STARTED_MS

  nowMs(): number {
    return this.#ms
  }

  monotonicMs(): number {
    return this.#ms
  }

  sleep(ms: number): Promise<void> {
    this.advance(ms)
    return Promise.resolve()
  }

  advance(ms: number): void {
    this.#ms += ms
  }
}
