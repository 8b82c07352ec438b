/**
 * Which rows of the product database a run saw, one bit per row, so that an unchanged row costs no
 * write. Made when a task of a run opens; kept in memory only, because rows that are missing are told
 * at the end of a whole reading by one process.
 * Invariant: a row that was added after the start counts as seen; numbers of rows are never used again.
 * Spec: backlog-replication 2.9.
 */
export class SeenRows {
  /** The last row at the start. */
  readonly last: number
  readonly #bits: Uint32Array

  constructor(last: number) {
    this.last = last
    this.#bits = new Uint32Array((last >>> 5) + 1)
  }

  add(row: number): void {
    if (row <= this.last) this.#bits[row >>> 5]! |= 1 << (row & 31)
  }

  has(row: number): boolean {
    return row > this.last || (this.#bits[row >>> 5]! & (1 << (row & 31))) !== 0
  }
}
