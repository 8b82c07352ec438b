/**
 * The bucket texts of a time window, for tables whose partitions are buckets of time.
 * Pure. Invariant: every instant of the window lies in one of the buckets.
 * Spec: cassandra-sink 11.3 (BUCKETTIMESERIES).
 */
import type { SimpleDateFormat } from '../../../base/java-time/simple-date-format.ts'

export const BUCKET_UNITS = ['DAY', 'HOUR', 'MINUTE', 'SECOND'] as const
export type BucketUnit = (typeof BUCKET_UNITS)[number]

const UNIT_MS: Readonly<Record<BucketUnit, number>> = {
  DAY: 86_400_000,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1_000,
}

/** More are not asked for in one query: the window is read in steps. */
export const BUCKETS_MAX = 10_000
/** More steps are not made: the first lower bound is too far away. */
const STEPS_MAX = 200

/** Reading from there to now would take too many queries. */
export function isTooFar(lowerMs: number, nowMs: number, unit: BucketUnit): boolean {
  return (nowMs - lowerMs) / UNIT_MS[unit] > STEPS_MAX * BUCKETS_MAX
}

/** For messages: how far away a first bound may be. */
export function reachOf(unit: BucketUnit): string {
  return `${(STEPS_MAX * BUCKETS_MAX).toLocaleString('en-US')} buckets (${unit})`
}

/**
 * The window, cut to what one query may ask for: after a long silence the rest of it is another's.
 */
export function cutToBuckets<T extends { readonly lowerMs: number; readonly upperMs: number }>(
  window: T,
  unit: BucketUnit,
): T {
  const upperMs = Math.min(window.upperMs, window.lowerMs + (BUCKETS_MAX - 1) * UNIT_MS[unit])
  return { ...window, upperMs }
}

/** format(lower), then lower plus 1..k whole units, then format(upper); none twice. */
export function bucketsOf(
  window: { readonly lowerMs: number; readonly upperMs: number },
  unit: BucketUnit,
  format: SimpleDateFormat,
): string[] | undefined {
  const { lowerMs, upperMs } = window
  const units = Math.floor((upperMs - lowerMs) / UNIT_MS[unit])
  if (units > BUCKETS_MAX) return undefined
  const buckets = new Set<string>()
  for (let i = 0; i <= units; i++) buckets.add(format.format(lowerMs + i * UNIT_MS[unit]))
  buckets.add(format.format(upperMs))
  return [...buckets]
}
