/**
 * How long an operation on a record that fails for a while is repeated, and the pauses between:
 * `errors.retry.timeout` and `errors.retry.delay.max.ms` as Kafka Connect reads them.
 * Used by sink and source tasks for conversions, which fail so when a schema registry does not
 * answer. Writes have limits of their own (error-policy.ts).
 * Invariant: no pause ends after the deadline, which counts from the first failure.
 * Spec: connect-rest 14.
 */
import type { Clock } from '../base/clock.ts'
import { isScamanderError, type ScamanderError } from '../base/scamander-error.ts'

export interface RetryPolicy {
  /** errors.retry.timeout; 0: no repetition, -1: for ever. */
  readonly timeoutMs: number
  /** errors.retry.delay.max.ms */
  readonly delayMaxMs: number
}

const DELAY_MS = 300
/** Beyond it every delay is over its limit, whatever that is. */
const DOUBLINGS_MAX = 40

/** Of one operation. */
export class RetryLimit {
  readonly #policy: RetryPolicy
  readonly #clock: Clock
  readonly #random: () => number
  #attempts = 0
  #deadlineMs: number | undefined

  constructor(policy: RetryPolicy, clock: Clock, random: () => number = Math.random) {
    this.#policy = policy
    this.#clock = clock
    this.#random = random
  }

  /** Called after a failure, waits; false: it is not repeated any more. */
  async again(error: ScamanderError, signal: AbortSignal): Promise<boolean> {
    const passes = isScamanderError(error, 'retriable') || isScamanderError(error, 'disconnected')
    if (!passes || signal.aborted) return false
    const delayMs = this.#next()
    if (delayMs === undefined) return false
    await this.#clock.sleep(delayMs, signal)
    return !signal.aborted
  }

  #next(): number | undefined {
    const { timeoutMs, delayMaxMs } = this.#policy
    const nowMs = this.#clock.monotonicMs()
    this.#deadlineMs ??= timeoutMs < 0 ? Number.POSITIVE_INFINITY : nowMs + timeoutMs
    if (nowMs >= this.#deadlineMs) return undefined
    const grownMs = DELAY_MS * 2 ** Math.min(this.#attempts, DOUBLINGS_MAX)
    this.#attempts += 1
    const delayMs = grownMs > delayMaxMs ? this.#random() * delayMaxMs : grownMs
    return Math.min(Math.max(1, delayMs), this.#deadlineMs - nowMs)
  }
}
