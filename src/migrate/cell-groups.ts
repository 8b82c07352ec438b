/**
 * The distinct pairs of write time and TTL of one row, and which cell has which: as few statements
 * as the row needs. Reused for every row; no object per cell.
 * Times are the eight bytes of the server as two halves, so that no bigint is made per cell.
 * The group that makes the row (its marker) is the one that lives longest, of several the oldest.
 * Spec: live-migration 3.4, rules 1 to 3.
 */
const GROUPS_INITIAL = 16

export class CellGroups {
  count = 0
  high = new Int32Array(GROUPS_INITIAL)
  low = new Int32Array(GROUPS_INITIAL)
  /** Seconds; 0: no end. */
  ttl = new Int32Array(GROUPS_INITIAL)

  reset(): void {
    this.count = 0
  }

  /** The number of the group with these times, made when it is new. */
  find(high: number, low: number, ttl: number): number {
    const { count } = this
    for (let i = 0; i < count; i++) {
      if (this.low[i] === low && this.high[i] === high && this.ttl[i] === ttl) return i
    }
    if (count === this.high.length) this.#grow()
    this.high[count] = high
    this.low[count] = low
    this.ttl[count] = ttl
    this.count = count + 1
    return count
  }

  /** The group for the row's marker; -1 without groups. */
  marker(): number {
    let best = this.count > 0 ? 0 : -1
    for (let i = 1; i < this.count; i++) if (this.#outlives(i, best)) best = i
    return best
  }

  /** The group with the largest time; -1 without groups. */
  latest(): number {
    let best = this.count > 0 ? 0 : -1
    for (let i = 1; i < this.count; i++) if (this.isBefore(best, i)) best = i
    return best
  }

  isBefore(a: number, b: number): boolean {
    const highA = this.high[a]!
    const highB = this.high[b]!
    return highA < highB || (highA === highB && this.low[a]! >>> 0 < this.low[b]! >>> 0)
  }

  #outlives(a: number, b: number): boolean {
    const ttlA = this.ttl[a]! === 0 ? Number.POSITIVE_INFINITY : this.ttl[a]!
    const ttlB = this.ttl[b]! === 0 ? Number.POSITIVE_INFINITY : this.ttl[b]!
    return ttlA === ttlB ? this.isBefore(a, b) : ttlA > ttlB
  }

  #grow(): void {
    const size = this.high.length * 2
    this.high = grown(this.high, size)
    this.low = grown(this.low, size)
    this.ttl = grown(this.ttl, size)
  }
}

function grown(from: Int32Array<ArrayBuffer>, size: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(size)
  to.set(from)
  return to
}
