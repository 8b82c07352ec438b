/**
 * Which rows of the product database a run saw, one bit per row, so that an unchanged row costs no
 * write. Made when a task of a run opens; kept in memory only, because rows that are missing are told
 * at the end of a whole reading by one process.
 * Invariant: a row that was added after the start counts as seen; numbers of rows are never used again.
 * Only pages with a row that was seen take memory.
 * Spec: backlog-replication 2.9.
 */
/** Rows of one page of bits, eight kilobytes; numbers of rows are larger than 32 bits. */
const PAGE_ROWS = 65_536

export class SeenRows {
  /** The last row at the start. */
  readonly last: number
  readonly #pages = new Map<number, Uint32Array>()

  constructor(last: number) {
    this.last = last
  }

  add(row: number): void {
    if (row > this.last) return
    const at = Math.floor(row / PAGE_ROWS)
    let page = this.#pages.get(at)
    if (page === undefined) {
      page = new Uint32Array(PAGE_ROWS / 32)
      this.#pages.set(at, page)
    }
    const bit = row % PAGE_ROWS
    page[bit >>> 5]! |= 1 << (bit & 31)
  }

  has(row: number): boolean {
    if (row > this.last) return true
    const page = this.#pages.get(Math.floor(row / PAGE_ROWS))
    const bit = row % PAGE_ROWS
    return page !== undefined && (page[bit >>> 5]! & (1 << (bit & 31))) !== 0
  }
}
