/**
 * Compares a token range of both clusters by two scans in token order: equal pages by one comparison
 * of bytes, equal rows by another, and everything else is put aside by its key. What is put aside is
 * looked at again, row by row, by the second look; a scan alone never declares a difference.
 * Invariants: every row of either side was compared or put aside; memory is bounded by a few pages and
 * by the keys put aside.
 * Spec: live-migration 4.2.
 */
import { CellCursor } from '../cql/index.ts'
import type { RowComparer } from './compare-rows.ts'
import { convertPage } from './convert-page.ts'
import { KeyToken } from './key-token.ts'
import type { PageReader } from './page-stream.ts'
import { cellsOf, type RowCells } from './row-cells.ts'
import type { TablePlan } from './table-plan.ts'

export interface ScanParts {
  readonly plan: TablePlan
  readonly comparer: RowComparer
  readonly source: PageReader
  readonly target: PageReader
  /** Resolves when there is room for more keys. */
  readonly putAside: (keys: RowCells) => Promise<void> | undefined
  readonly onEqual: (rows: number) => void
  readonly onRead: (rows: number) => void
}

/** Keys of one partition waiting for their counterpart, before they are put aside. */
const WAITING_MAX = 5_000

export async function scanRange(parts: ScanParts): Promise<void> {
  await new RangeScan(parts).run()
}

class Side {
  readonly cursor: CellCursor
  readonly #pages: PageReader
  readonly #plan: TablePlan
  readonly #isSource: boolean
  readonly #token: KeyToken
  /** The cursor stands on a row. */
  hasRow = false
  /** The cursor stands before the first row of a page. */
  isFresh = false
  rowCount = 0
  tokenHigh = 0
  tokenLow = 0
  pageBytes: Buffer = Buffer.alloc(0)
  pageStart = 0
  pageEnd = 0

  constructor(pages: PageReader, plan: TablePlan, isSource: boolean) {
    this.#pages = pages
    this.#plan = plan
    this.#isSource = isSource
    this.cursor = new CellCursor(plan.selectors.length)
    this.#token = new KeyToken(plan.partitionKeyCount)
  }

  /** The next page with rows; false after the last. */
  async nextPage(): Promise<boolean> {
    for (;;) {
      const page = await this.#pages.read()
      if (page === undefined) return false
      if (page.rows.rowCount === 0) continue
      const rows = this.#isSource ? convertPage(this.#plan, page.rows) : page.rows
      this.cursor.reset(rows)
      this.rowCount = rows.rowCount
      this.pageBytes = rows.bytes
      this.pageStart = rows.rowsStart
      this.pageEnd = rows.rowsEnd
      this.isFresh = true
      return true
    }
  }

  /** Moves within the page; false at its end. */
  nextRow(): boolean {
    this.isFresh = false
    this.hasRow = this.cursor.nextRow()
    return this.hasRow
  }

  computeToken(): void {
    const { high, low } = this.#token.ofRow(this.cursor)
    this.tokenHigh = high
    this.tokenLow = low >>> 0
  }

  /** Where the cells of the whole key end. */
  keyEnd(): number {
    const last = this.#plan.keys.length - 1
    return this.cursor.starts[last]! + Math.max(0, this.cursor.lengths[last]!)
  }
}

class RangeScan {
  readonly #parts: ScanParts
  readonly #source: Side
  readonly #target: Side
  /** Rows of the current partition without counterpart so far, by key. */
  readonly #waiting = {
    source: new Map<string, RowCells>(),
    target: new Map<string, RowCells>(),
  }

  constructor(parts: ScanParts) {
    this.#parts = parts
    this.#source = new Side(parts.source, parts.plan, true)
    this.#target = new Side(parts.target, parts.plan, false)
  }

  async run(): Promise<void> {
    const [source, target] = [this.#source, this.#target]
    let [hasSource, hasTarget] = await Promise.all([this.#load(source), this.#load(target)])
    while (hasSource && hasTarget) {
      if (source.isFresh && target.isFresh && this.#isSamePage()) {
        this.#parts.onEqual(source.rowCount)
        ;[hasSource, hasTarget] = await Promise.all([this.#load(source), this.#load(target)])
        continue
      }
      if (source.isFresh) source.nextRow()
      if (target.isFresh) target.nextRow()
      await this.#mergeRows()
      if (!source.hasRow) hasSource = await this.#load(source)
      if (!target.hasRow) hasTarget = await this.#load(target)
    }
    while (hasSource) hasSource = await this.#takeRest('source', source)
    while (hasTarget) hasTarget = await this.#takeRest('target', target)
    await this.#flush()
  }

  async #load(side: Side): Promise<boolean> {
    side.hasRow = false
    if (!(await side.nextPage())) return false
    if (side === this.#source) this.#parts.onRead(side.rowCount)
    return true
  }

  #isSamePage(): boolean {
    const [a, b] = [this.#source, this.#target]
    if (a.rowCount !== b.rowCount || a.pageEnd - a.pageStart !== b.pageEnd - b.pageStart)
      return false
    return a.pageBytes.compare(b.pageBytes, b.pageStart, b.pageEnd, a.pageStart, a.pageEnd) === 0
  }

  /** Goes on until one of the pages ends. */
  async #mergeRows(): Promise<void> {
    const [source, target] = [this.#source, this.#target]
    while (source.hasRow && target.hasRow) {
      const order = this.#compareKeys()
      const room = this.#step(order)
      if (room !== undefined) await room
    }
  }

  /** 0: the same key; -1 and 1: the source, the target is behind; 2: one partition, other rows. */
  #compareKeys(): number {
    const [source, target] = [this.#source, this.#target]
    if (isSame(source, target, source.keyEnd(), target.keyEnd())) return 0
    source.computeToken()
    target.computeToken()
    if (source.tokenHigh !== target.tokenHigh) return source.tokenHigh < target.tokenHigh ? -1 : 1
    if (source.tokenLow !== target.tokenLow) return source.tokenLow < target.tokenLow ? -1 : 1
    return 2
  }

  #step(order: number): Promise<void> | undefined {
    const [source, target] = [this.#source, this.#target]
    if (order === 0) {
      const room = this.#compareRows()
      source.nextRow()
      target.nextRow()
      return room
    }
    if (order < 0) return this.#await('source', source)
    if (order === 1) return this.#await('target', target)
    const rooms = [this.#await('source', source), this.#await('target', target)]
    return rooms.some(room => room !== undefined)
      ? Promise.all(rooms).then(() => undefined)
      : undefined
  }

  #compareRows(): Promise<void> | undefined {
    const [source, target] = [this.#source, this.#target]
    if (isSame(source, target, source.cursor.rowEnd, target.cursor.rowEnd)) {
      this.#parts.onEqual(1)
      return undefined
    }
    const cells = cellsOf(source.cursor)
    return this.#judge(cells, cellsOf(target.cursor))
  }

  #judge(source: RowCells, target: RowCells): Promise<void> | undefined {
    if (this.#parts.comparer.compare(source, target).length === 0) {
      this.#parts.onEqual(1)
      return undefined
    }
    return this.#put(source)
  }

  /** The row waits for its counterpart within the partition, and the side goes on. */
  #await(name: 'source' | 'target', side: Side): Promise<void> | undefined {
    const other = name === 'source' ? this.#waiting.target : this.#waiting.source
    const own = this.#waiting[name]
    const cells = cellsOf(side.cursor)
    const key = side.cursor.bytes.latin1Slice(side.cursor.rowStart, side.keyEnd())
    side.nextRow()
    const found = other.get(key)
    if (found === undefined) own.set(key, cells)
    else {
      other.delete(key)
      return name === 'source' ? this.#judge(cells, found) : this.#judge(found, cells)
    }
    return own.size + other.size > WAITING_MAX ? this.#flush() : undefined
  }

  /** Puts aside what still waits: the second look finds out why. */
  async #flush(): Promise<void> {
    for (const waiting of [this.#waiting.source, this.#waiting.target]) {
      const rows = [...waiting.values()]
      waiting.clear()
      for (const row of rows) await this.#put(row)
    }
  }

  /** The other side has ended, but some of its rows may still wait. */
  async #takeRest(name: 'source' | 'target', side: Side): Promise<boolean> {
    if (side.isFresh) side.nextRow()
    while (side.hasRow) {
      const room = this.#await(name, side)
      if (room !== undefined) await room
    }
    return await this.#load(side)
  }

  #put(row: RowCells): Promise<void> | undefined {
    return this.#parts.putAside(row.slice(0, this.#parts.plan.keys.length))
  }
}

function isSame(a: Side, b: Side, endA: number, endB: number): boolean {
  const [startA, startB] = [a.cursor.rowStart, b.cursor.rowStart]
  if (endA - startA !== endB - startB) return false
  return a.cursor.bytes.compare(b.cursor.bytes, startB, endB, startA, endA) === 0
}
