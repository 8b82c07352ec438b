/**
 * How often and how long the group shared its work anew, as one worker sees it. Told by the events of
 * its membership, read by the metrics.
 * Invariant: a round counts when it gave an assignment; one that came without a beginning counts as
 * immediate.
 * Spec: connect-rest 19 (connect-worker-rebalance-metrics).
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import type { RebalanceNumbers } from '../metric-names.ts'

export class RebalanceWatch {
  readonly #clock: Clock
  #beganMs: number | undefined
  #endedMs: number
  #completed = 0
  #epoch = 0
  #sumMs = 0
  #maxMs = 0

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
    this.#endedMs = clock.monotonicMs()
  }

  began(): void {
    this.#beganMs ??= this.#clock.monotonicMs()
  }

  ended(generation: number): void {
    const nowMs = this.#clock.monotonicMs()
    const tookMs = nowMs - (this.#beganMs ?? nowMs)
    this.#beganMs = undefined
    this.#endedMs = nowMs
    this.#epoch = generation
    this.#completed += 1
    this.#sumMs += tookMs
    this.#maxMs = Math.max(this.#maxMs, tookMs)
  }

  get numbers(): RebalanceNumbers {
    return {
      isRebalancing: this.#beganMs !== undefined,
      epoch: this.#epoch,
      completed: this.#completed,
      averageMs: this.#completed === 0 ? 0 : this.#sumMs / this.#completed,
      maxMs: this.#maxMs,
      sinceLastMs: this.#clock.monotonicMs() - this.#endedMs,
    }
  }
}
