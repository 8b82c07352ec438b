/**
 * Divides a token ring into ranges to be read one by one: the boundaries of the nodes are kept, so
 * that a range has one set of replicas, and wide ranges are divided further.
 * Called once per start of a token-range source, and by nothing else.
 * Invariants: the ranges (start, end] follow each other and cover every token that a row can have
 * exactly once; the first starts below all tokens, the last ends at the highest.
 * Spec: cassandra-sink 11.8.
 */

/** (start, end] */
export interface TokenRange {
  readonly start: bigint
  readonly end: bigint
}

/** The tokens that rows can have are (below, highest]. */
export interface TokenBounds {
  readonly below: bigint
  readonly highest: bigint
}

export const MURMUR3_BOUNDS: TokenBounds = { below: -(2n ** 63n), highest: 2n ** 63n - 1n }
export const RANDOM_BOUNDS: TokenBounds = { below: -1n, highest: 2n ** 127n }

/** At least `count` ranges, unless there are fewer tokens. `ends` are the tokens of the nodes. */
export function splitRing(
  bounds: TokenBounds,
  ends: readonly bigint[],
  count: number,
): TokenRange[] {
  const inside = ends.filter(end => end > bounds.below && end < bounds.highest)
  const sorted = [...new Set(inside)].sort((a, b) => (a < b ? -1 : 1))
  const whole = bounds.highest - bounds.below
  const ranges: TokenRange[] = []
  let start = bounds.below
  // The range that wraps around is divided where the ring begins anew.
  for (const end of [...sorted, bounds.highest]) {
    const share = (BigInt(count) * (end - start) + whole - 1n) / whole
    ranges.push(...divide({ start, end }, share))
    start = end
  }
  return ranges
}

function divide({ start, end }: TokenRange, count: bigint): TokenRange[] {
  const width = end - start
  const parts = count < 1n ? 1n : count > width ? width : count
  const ranges: TokenRange[] = []
  for (let i = 0n; i < parts; i++) {
    ranges.push({ start: start + (width * i) / parts, end: start + (width * (i + 1n)) / parts })
  }
  return ranges
}

/** As a task's configuration holds them. */
export function formatRanges(ranges: readonly TokenRange[]): string {
  return ranges.map(({ start, end }) => `${start}:${end}`).join(',')
}

/** Undefined when the text is none of ours. */
export function parseRanges(text: string): TokenRange[] | undefined {
  const ranges: TokenRange[] = []
  for (const part of text.split(',')) {
    const match = /^(-?\d{1,40}):(-?\d{1,40})$/.exec(part.trim())
    if (match === null) return undefined
    const range = { start: BigInt(match[1]!), end: BigInt(match[2]!) }
    if (range.start >= range.end) return undefined
    ranges.push(range)
  }
  return ranges
}

/** Neighbours together, each share as large as the next, give or take one. */
export function shareOut<T>(items: readonly T[], shares: number): T[][] {
  const count = Math.max(1, Math.min(shares, items.length))
  return Array.from({ length: count }, (_, i) =>
    items.slice(
      Math.floor((items.length * i) / count),
      Math.floor((items.length * (i + 1)) / count),
    ),
  )
}
