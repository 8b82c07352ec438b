/**
 * Counts of a histogram's buckets: what came between two readings, several added up, quantiles.
 * Used for figures over a span of time. The last count is of values beyond all bounds.
 * Invariant: without counts there is no quantile; beyond the last bound it is that bound.
 */
export function difference(now: readonly number[], before: readonly number[]): number[] {
  const isNew = now.some((count, i) => count < (before[i] ?? 0))
  return now.map((count, i) => (isNew ? count : count - (before[i] ?? 0)))
}

export function sumOf(all: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...all.map(one => one.length))
  return Array.from({ length }, (_, i) => all.reduce((sum, one) => sum + (one[i] ?? 0), 0))
}

/** Even within a bucket. */
export function quantile(
  bounds: readonly number[],
  counts: readonly number[],
  part: number,
): number | null {
  const total = counts.reduce((sum, one) => sum + one, 0)
  if (total === 0) return null
  const wanted = total * part
  let below = 0
  for (const [i, count] of counts.entries()) {
    if (below + count >= wanted && count > 0) {
      const from = bounds[i - 1] ?? 0
      const to = bounds[i] ?? from
      return from + (to - from) * ((wanted - below) / count)
    }
    below += count
  }
  return bounds.at(-1) ?? null
}
