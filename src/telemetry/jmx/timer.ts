/**
 * How often something happens and how long it takes: a meter and a histogram in one bean, times in
 * milliseconds, rates per second.
 * Invariant: times are kept in whole microseconds; those above the highest count as the highest.
 * Spec: cassandra-sink 3.1 (metricsHighestLatency), 8.
 */
import type { Clock } from '../../base/clock.ts'
import type { Bean, BeanAttributes } from './bean.ts'
import { DecayingHistogram } from './decaying-histogram.ts'
import { Meter } from './meter.ts'

const MICROS_PER_MS = 1_000

export class Timer implements Bean {
  readonly #meter: Meter
  readonly #histogram: DecayingHistogram

  constructor(clock: Clock, highestMs: number) {
    this.#meter = new Meter(clock)
    this.#histogram = new DecayingHistogram(clock, highestMs * MICROS_PER_MS)
  }

  /** `nowMs` is monotonic: when it ended. */
  observe(durationMs: number, nowMs: number): void {
    this.#meter.mark(1, nowMs)
    this.#histogram.observe(Math.round(durationMs * MICROS_PER_MS), 1, nowMs)
  }

  attributes(): BeanAttributes {
    return { ...this.#histogram.attributesIn(MICROS_PER_MS), ...this.#meter.attributes() }
  }
}
