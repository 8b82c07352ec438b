/**
 * How often something happens: the count, the mean rate and rates of the last 1, 5 and 15 minutes,
 * per second, weighted exponentially over intervals of five seconds as dashboards of the replaced
 * products expect them.
 * No timers: intervals that passed are caught up with when something is counted or read.
 * Invariant: between two intervals a call costs a comparison and an addition.
 * Spec: cassandra-sink 8.
 */
import type { Clock } from '../../base/clock.ts'
import type { Bean, BeanAttributes } from './bean.ts'

const INTERVAL_MS = 5_000
const INTERVAL_SECONDS = INTERVAL_MS / 1_000

export class Meter implements Bean {
  readonly #clock: Clock
  readonly #startedMs: number
  readonly #rates = [new MovingRate(1), new MovingRate(5), new MovingRate(15)] as const
  #intervalMs: number
  #count = 0
  /** Counted since the last interval ended. */
  #uncounted = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedMs = clock.monotonicMs()
    this.#intervalMs = this.#startedMs
  }

  /** `nowMs` is monotonic; given by callers that know it already. */
  mark(count = 1, nowMs = this.#clock.monotonicMs()): void {
    if (nowMs - this.#intervalMs > INTERVAL_MS) this.#catchUp(nowMs)
    this.#count += count
    this.#uncounted += count
  }

  attributes(): BeanAttributes {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#intervalMs > INTERVAL_MS) this.#catchUp(nowMs)
    const seconds = (nowMs - this.#startedMs) / 1_000
    const [one, five, fifteen] = this.#rates
    return {
      Count: this.#count,
      MeanRate: this.#count === 0 || seconds === 0 ? 0 : this.#count / seconds,
      OneMinuteRate: one.perSecond,
      FiveMinuteRate: five.perSecond,
      FifteenMinuteRate: fifteen.perSecond,
    }
  }

  #catchUp(nowMs: number): void {
    const intervals = Math.floor((nowMs - this.#intervalMs) / INTERVAL_MS)
    this.#intervalMs += intervals * INTERVAL_MS
    for (const rate of this.#rates) rate.advance(this.#uncounted / INTERVAL_SECONDS, intervals)
    this.#uncounted = 0
  }
}

class MovingRate {
  perSecond = 0
  #isWarm = false
  readonly #alpha: number

  constructor(minutes: number) {
    this.#alpha = 1 - Math.exp(-INTERVAL_SECONDS / 60 / minutes)
  }

  /** The first of the intervals had that rate; in the others nothing happened. */
  advance(rate: number, intervals: number): void {
    if (this.#isWarm) this.perSecond += this.#alpha * (rate - this.perSecond)
    else this.perSecond = rate
    this.#isWarm = true
    this.perSecond *= (1 - this.#alpha) ** (intervals - 1)
  }
}
