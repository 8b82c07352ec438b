/**
 * Splits the ring of Murmur3 tokens into the units of a copy: ranges that are closed on both ends,
 * disjoint, and together exactly what was asked for. Pure; called when a run is planned.
 * Invariant: neighbouring ranges touch without overlap: one ends where the next begins minus one.
 * Spec: live-migration 3.1.
 */
export interface TokenRange {
  /** First token. */
  readonly start: bigint
  /** Last token. */
  readonly end: bigint
}

export const TOKEN_MIN = -(2n ** 63n)
export const TOKEN_MAX = 2n ** 63n - 1n
export const FULL_RING: TokenRange = { start: TOKEN_MIN, end: TOKEN_MAX }

/** `count` ranges of equal size, in order; fewer when there are not so many tokens. */
export function splitRange(range: TokenRange, count: number): TokenRange[] {
  const size = range.end - range.start + 1n
  const parts = size < BigInt(count) ? size : BigInt(count)
  const out: TokenRange[] = []
  for (let i = 0n; i < parts; i++) {
    const start = range.start + (size * i) / parts
    out.push({ start, end: range.start + (size * (i + 1n)) / parts - 1n })
  }
  return out
}

/** The first `percent` of each range, at least one token of it. */
export function sampleRanges(ranges: readonly TokenRange[], percent: number): TokenRange[] {
  if (percent >= 100) return [...ranges]
  const share = BigInt(Math.round(percent * 1_000_000))
  return ranges.map(({ start, end }) => {
    const size = ((end - start + 1n) * share) / 100_000_000n
    return { start, end: size < 1n ? start : start + size - 1n }
  })
}

/** In random order, so that the load spreads over the nodes. */
export function shuffle<T>(items: readonly T[], random: () => number = Math.random): T[] {
  const out = [...items]
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const one = out[i]!
    out[i] = out[j]!
    out[j] = one
  }
  return out
}
