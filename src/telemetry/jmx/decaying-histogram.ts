/**
 * How large things are, with the last five minutes weighing most: percentiles, mean, extremes.
 * Values are counted in buckets, exactly below 128 and within 0.8 % above, so that memory is bounded
 * (14 KB at most) and an observation costs a few additions. A later observation weighs more by
 * e^(0.015 per second), which is how the replaced products forget.
 * Invariants: `Count` counts every observation; weights are scaled down before they overflow; when
 * nothing is observed nothing is forgotten.
 * Spec: cassandra-sink 8.
 */
import type { Clock } from '../../base/clock.ts'
import type { Bean, BeanAttributes } from './bean.ts'

const EXACT_BELOW = 128
const BUCKETS_PER_DOUBLING = EXACT_BELOW / 2
const VALUE_MAX = 2 ** 31 - 1
const DECAY_PER_MS = 0.015 / 1_000
/** The weight of an observation is as old as this at most. */
const WEIGHT_AGE_MS = 1_000
const RESCALE_MS = 3_600_000
/** Extremes older than about ten minutes are not shown. */
const NEGLIGIBLE = Math.exp(-DECAY_PER_MS * 600_000)

const PERCENTILES = [
  ['50thPercentile', 0.5],
  ['75thPercentile', 0.75],
  ['95thPercentile', 0.95],
  ['98thPercentile', 0.98],
  ['99thPercentile', 0.99],
  ['999thPercentile', 0.999],
] as const

export class DecayingHistogram implements Bean {
  readonly #clock: Clock
  readonly #valueMax: number
  /** Grown to the largest value seen. */
  #weights = new Float64Array(EXACT_BELOW)
  #count = 0
  #sum = 0
  #weight = 1
  #weighedMs: number
  /** When a weight was 1. */
  #landmarkMs: number

  /** Values above `valueMax` count as that. */
  constructor(clock: Clock, valueMax = VALUE_MAX) {
    this.#clock = clock
    this.#valueMax = Math.min(valueMax, VALUE_MAX)
    this.#landmarkMs = clock.monotonicMs()
    this.#weighedMs = this.#landmarkMs
  }

  /** `count` equal whole numbers from 0. `nowMs` is monotonic, of callers that know it already. */
  observe(value: number, count = 1, nowMs = this.#clock.monotonicMs()): void {
    if (nowMs - this.#weighedMs > WEIGHT_AGE_MS) this.#weigh(nowMs)
    const known = Math.min(value, this.#valueMax)
    const bucket = bucketOf(known)
    if (bucket >= this.#weights.length) this.#grow(bucket)
    const weight = count * this.#weight
    this.#weights[bucket]! += weight
    this.#sum += known * weight
    this.#count += count
  }

  attributes(): BeanAttributes {
    return this.attributesIn(1)
  }

  /** All but the count in another unit: values divided by `divisor`. */
  attributesIn(divisor: number): BeanAttributes {
    const total = this.#weights.reduce((sum, weight) => sum + weight, 0)
    const mean = total === 0 ? 0 : this.#sum / total
    const [min, max] = this.#extremes()
    const percentiles = PERCENTILES.map(([name, quantile]) => {
      return [name, this.#valueAt(quantile * total) / divisor] as const
    })
    return {
      Count: this.#count,
      Min: min / divisor,
      Max: max / divisor,
      Mean: mean / divisor,
      StdDev: this.#deviation(mean, total) / divisor,
      ...Object.fromEntries(percentiles),
    }
  }

  #extremes(): readonly [min: number, max: number] {
    const least = this.#weight * NEGLIGIBLE
    const min = this.#weights.findIndex(weight => weight >= least)
    const max = this.#weights.findLastIndex(weight => weight >= least)
    return min < 0 ? [0, 0] : [middleOf(min), middleOf(max)]
  }

  #valueAt(rank: number): number {
    let sum = 0
    let last = 0
    for (let i = 0; i < this.#weights.length; i++) {
      const weight = this.#weights[i]!
      if (weight === 0) continue
      last = i
      sum += weight
      if (sum >= rank) break
    }
    return middleOf(last)
  }

  #deviation(mean: number, total: number): number {
    if (total === 0) return 0
    const squares = this.#weights.reduce(
      (sum, weight, i) => sum + weight * (middleOf(i) - mean) ** 2,
      0,
    )
    return Math.sqrt(squares / total)
  }

  #weigh(nowMs: number): void {
    if (nowMs - this.#landmarkMs >= RESCALE_MS) this.#rescale(nowMs)
    this.#weight = Math.exp(DECAY_PER_MS * (nowMs - this.#landmarkMs))
    this.#weighedMs = nowMs
  }

  #rescale(nowMs: number): void {
    const factor = Math.exp(-DECAY_PER_MS * (nowMs - this.#landmarkMs))
    for (let i = 0; i < this.#weights.length; i++) this.#weights[i]! *= factor
    this.#sum *= factor
    this.#landmarkMs = nowMs
  }

  #grow(bucket: number): void {
    const weights = new Float64Array(bucket + BUCKETS_PER_DOUBLING)
    weights.set(this.#weights)
    this.#weights = weights
  }
}

/** 64 buckets for each doubling: the top seven bits of the value choose. */
function bucketOf(value: number): number {
  if (value < EXACT_BELOW) return value | 0
  const shift = 25 - Math.clz32(value)
  return shift * BUCKETS_PER_DOUBLING + (value >>> shift)
}

function middleOf(bucket: number): number {
  if (bucket < EXACT_BELOW) return bucket
  const shift = Math.floor(bucket / BUCKETS_PER_DOUBLING) - 1
  const width = 2 ** shift
  return (bucket - shift * BUCKETS_PER_DOUBLING) * width + (width - 1) / 2
}
