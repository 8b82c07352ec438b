/**
 * Counters, gauges and histograms of one thread as plain numbers, and their snapshot for another
 * thread. A series is found once and kept; feeding it is an addition.
 * Invariant: a snapshot is data only (it is posted between threads); merging adds series of equal
 * name and labels, and takes the larger of two maxima.
 */
import type { MetricDescriptor } from '../../telemetry/index.ts'

export interface SeriesHandle {
  add(amount?: number): void
  set(value: number): void
  /** Seconds. */
  observe(value: number): void
}

export interface SeriesSnapshot {
  readonly name: string
  readonly labels: readonly string[]
  value: number
  /** Of observations: how many, their sum is `value`. */
  count: number
  max: number
  /** Per bucket, not cumulated. */
  readonly buckets: number[]
}

class Series implements SeriesHandle {
  readonly snapshot: SeriesSnapshot
  readonly #bounds: readonly number[]

  constructor(descriptor: MetricDescriptor, labels: readonly string[]) {
    this.#bounds = descriptor.buckets ?? []
    const buckets = new Array<number>(this.#bounds.length).fill(0)
    this.snapshot = { name: descriptor.name, labels, value: 0, count: 0, max: 0, buckets }
  }

  add(amount = 1): void {
    this.snapshot.value += amount
  }

  set(value: number): void {
    this.snapshot.value = value
  }

  observe(value: number): void {
    const { snapshot } = this
    snapshot.value += value
    snapshot.count += 1
    if (value > snapshot.max) snapshot.max = value
    const bounds = this.#bounds
    for (let i = 0; i < bounds.length; i++) {
      if (value <= bounds[i]!) {
        snapshot.buckets[i]! += 1
        return
      }
    }
  }
}

export class Meters {
  /** Requests received. */
  requests = 0
  readonly #series = new Map<string, Series>()

  series(descriptor: MetricDescriptor, ...labels: readonly string[]): SeriesHandle {
    const key = keyOf(descriptor.name, labels)
    let series = this.#series.get(key)
    if (series === undefined) {
      series = new Series(descriptor, labels)
      this.#series.set(key, series)
    }
    return series
  }

  snapshot(): SeriesSnapshot[] {
    return [...this.#series.values()].map(one => one.snapshot)
  }
}

/** The sum of the snapshots of several threads. */
export function mergeSnapshots(
  snapshots: readonly (readonly SeriesSnapshot[])[],
): SeriesSnapshot[] {
  const merged = new Map<string, SeriesSnapshot>()
  for (const one of snapshots.flat()) {
    const key = keyOf(one.name, one.labels)
    const known = merged.get(key)
    if (known === undefined) merged.set(key, { ...one, buckets: [...one.buckets] })
    else {
      known.value += one.value
      known.count += one.count
      known.max = Math.max(known.max, one.max)
      one.buckets.forEach((count, i) => {
        known.buckets[i] = (known.buckets[i] ?? 0) + count
      })
    }
  }
  return [...merged.values()]
}

function keyOf(name: string, labels: readonly string[]): string {
  return `${name}\u0000${labels.join('\u0000')}`
}
