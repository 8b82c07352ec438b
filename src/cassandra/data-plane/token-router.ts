/**
 * Finds the replica set of a token by binary search over the ring, without bigint.
 * Built from the control plane's ring for one keyspace; replaced when the topology changes.
 * Invariant: boundaries ascend; the range after the last boundary wraps to the first.
 */
export interface RingTable {
  /** Upper ends (inclusive) of the ranges, ascending, as high and low 32-bit halves. */
  readonly tokenHigh: Int32Array
  readonly tokenLow: Int32Array
  /** Index into `replicaSets` per range. */
  readonly replicaSetOfRange: Int32Array
  readonly replicaSetCount: number
}

export class TokenRouter {
  readonly replicaSetCount: number
  readonly #ring: RingTable

  constructor(ring: RingTable) {
    this.#ring = ring
    this.replicaSetCount = Math.max(1, ring.replicaSetCount)
  }

  /** Index of the replica set that owns the token; -1 for an empty ring. */
  replicaSetOf(high: number, low: number): number {
    const { tokenHigh, tokenLow, replicaSetOfRange } = this.#ring
    const count = tokenHigh.length
    if (count === 0) return -1
    const unsignedLow = low >>> 0
    let from = 0
    let to = count
    while (from < to) {
      const middle = (from + to) >>> 1
      const middleHigh = tokenHigh[middle]!
      const isBelow =
        middleHigh < high || (middleHigh === high && tokenLow[middle]! >>> 0 < unsignedLow)
      if (isBelow) from = middle + 1
      else to = middle
    }
    return replicaSetOfRange[from === count ? 0 : from]!
  }
}
