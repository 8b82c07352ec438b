/**
 * Gives every cell of a row its write time and TTL: of its own, of its elements, of the row, or the
 * backdated one; and so its group, which is one statement. Reused for every row by the row binder.
 * Invariant: after `assign`, every cell that is to be written has a group, is among `mixed`, or is
 * over because its TTL ran out since it was read.
 * Spec: live-migration 3.4.
 */
import { type CellCursor, int32At } from '../cql/index.ts'
import { CellGroups } from './cell-groups.ts'
import { readElements, type TimedElement, ttlAt } from './element-times.ts'
import type { PlanColumn } from './table-plan.ts'
import type { UsingClause } from './target-statements.ts'

export interface BinderOptions {
  readonly using: UsingClause
  /** Microseconds, of what has no readable time. */
  readonly backdateUs: bigint
  /** Cells keep their own time; else all get the backdated one. */
  readonly isTimed: boolean
  readonly collectionTimestamp: 'row-max' | 'backdate'
  /** `max`: the whole row gets its largest time and TTL. @default cells */
  readonly rowTimestamp?: 'cells' | 'max'
}

/** What the binder has to know of the moment. */
export interface RowMoment {
  /** Seconds since the page was read: TTLs have run on. */
  readonly elapsedSeconds: number
  /** Added to the write time of lists that are not frozen. */
  readonly listShiftUs: number
  /** Lists older than that have never been written to the target: they keep their time. 0n: none. */
  readonly listsNewBeforeUs: bigint
}

const NO_GROUP = -1
const OVER = -2
/** The cell gets the time of the row: it tells none. */
const OF_ROW = -3
/** Its elements have different times and go one group at a time. */
const MIXED = -4

/** A collection whose elements go one group at a time. */
export interface MixedCell {
  readonly column: PlanColumn
  readonly elements: readonly TimedElement[]
}

export class RowTimes {
  readonly groups = new CellGroups()
  readonly mixed: MixedCell[] = []
  readonly backdateHigh: number
  readonly backdateLow: number
  readonly #options: BinderOptions
  readonly #groupOf: Int32Array
  #count = 0
  /** The largest time of lists, before the shift. */
  #listTime: bigint | undefined
  #moment: RowMoment = { elapsedSeconds: 0, listShiftUs: 0, listsNewBeforeUs: 0n }

  /** For at most that many columns. */
  constructor(options: BinderOptions, columnsMax: number) {
    this.#options = options
    this.#groupOf = new Int32Array(columnsMax)
    this.backdateHigh = Number(BigInt.asIntN(32, options.backdateUs >> 32n))
    this.backdateLow = Number(BigInt.asIntN(32, options.backdateUs))
  }

  /** The group of the column at that place, negative when it has none. */
  groupOf(index: number): number {
    return this.#groupOf[index]!
  }

  /** Some cell's TTL ran out since it was read. */
  get hasOver(): boolean {
    for (let i = 0; i < this.#count; i++) if (this.#groupOf[i] === OVER) return true
    return false
  }

  /** Some cell is in the group, mixed ones apart. */
  hasCells(group: number): boolean {
    for (let i = 0; i < this.#count; i++) if (this.#groupOf[i] === group) return true
    return false
  }

  /** Gives every cell of the columns its group. */
  assign(cursor: CellCursor, columns: readonly PlanColumn[], moment: RowMoment): void {
    this.#moment = moment
    this.#count = columns.length
    this.groups.reset()
    this.mixed.length = 0
    this.#listTime = undefined
    let hasLate = false
    for (let i = 0; i < columns.length; i++) {
      const group = this.#groupOfCell(cursor, columns[i]!)
      this.#groupOf[i] = group
      if (group === OF_ROW) hasLate = true
    }
    if (hasLate) this.#groupLate(columns)
    if (this.#options.rowTimestamp === 'max') this.#makeOne(columns)
  }

  /** One group for all cells. A list goes with it, so no two attempts may write the row at one time. */
  #makeOne(columns: readonly PlanColumn[]): void {
    const { groups } = this
    let time = this.#listTime
    let ttl = -1
    const take = (one: bigint | undefined, left: number) => {
      if (one !== undefined && (time === undefined || one > time)) time = one
      if (ttl !== 0 && (left === 0 || left > ttl)) ttl = left
    }
    for (let i = 0; i < columns.length; i++) {
      const group = this.#groupOf[i]!
      if (group < 0) continue
      const own = { high: groups.high[group]!, low: groups.low[group]! }
      take(columns[i]!.shape === 'list' ? undefined : toTime(own), groups.ttl[group]!)
    }
    for (const { elements } of this.mixed) for (const one of elements) take(toTime(one), one.ttl)
    if (time === undefined) return
    groups.reset()
    this.mixed.length = 0
    const row = this.#listTime === undefined ? this.#groupAt(time, ttl) : this.#shifted(time, ttl)
    for (let i = 0; i < columns.length; i++) {
      const group = this.#groupOf[i]!
      if (group >= 0 || group === MIXED) this.#groupOf[i] = row
    }
  }

  #groupOfCell(cursor: CellCursor, column: PlanColumn): number {
    const { lengths, starts, bytes } = cursor
    if (lengths[column.index]! < 0) return NO_GROUP
    const { timestamp, ttl } = this.#options.using
    if (!timestamp && !ttl) return this.groups.find(0, 0, 0)
    const isTimed = column.timeIndex >= 0 || column.ttlIndex >= 0
    if (!isTimed) return OF_ROW
    if (column.shape !== 'simple') return this.#groupOfElements(cursor, column)
    const rest = column.ttlIndex < 0 ? 0 : this.#ttlLeft(cursor, column.ttlIndex)
    if (rest < 0) return OVER
    if (!this.#options.isTimed || column.timeIndex < 0) {
      return this.groups.find(this.backdateHigh, this.backdateLow, rest)
    }
    const at = starts[column.timeIndex]!
    return this.groups.find(int32At(bytes, at), int32At(bytes, at + 4), rest)
  }

  /** Seconds; 0: no end; -1: over. */
  #ttlLeft(cursor: CellCursor, ttlIndex: number): number {
    const ttl = ttlAt(cursor.bytes, cursor.starts[ttlIndex]!, cursor.lengths[ttlIndex]!)
    return this.#runOn(ttl)
  }

  #runOn(ttl: number): number {
    if (ttl === 0) return 0
    const left = ttl - this.#moment.elapsedSeconds
    return left <= 0 ? -1 : left
  }

  #groupOfElements(cursor: CellCursor, column: PlanColumn): number {
    const cellAt = (index: number) =>
      index < 0
        ? { start: 0, length: 0 }
        : { start: cursor.starts[index]!, length: cursor.lengths[index]! }
    const found = readElements(cursor.bytes, {
      shape: column.shape,
      value: cellAt(column.index),
      times: cellAt(column.timeIndex),
      ttls: cellAt(column.ttlIndex),
    })
    const elements: TimedElement[] = []
    for (const one of found) {
      const ttl = this.#runOn(one.ttl)
      if (ttl < 0) continue
      const isTimed = this.#options.isTimed && column.timeIndex >= 0
      const high = isTimed ? one.high : this.backdateHigh
      const low = isTimed ? one.low : this.backdateLow
      elements.push({ start: one.start, end: one.end, high, low, ttl })
    }
    if (elements.length === 0) return OVER
    if (column.shape === 'list') return this.#groupOfList(elements)
    const first = elements[0]!
    const isSame = (one: TimedElement) =>
      one.low === first.low && one.high === first.high && one.ttl === first.ttl
    if (elements.length === found.length && elements.every(isSame)) {
      return this.groups.find(first.high, first.low, first.ttl)
    }
    for (const one of elements) this.groups.find(one.high, one.low, one.ttl)
    this.mixed.push({ column, elements })
    return MIXED
  }

  /** A list is written whole, at the time of its youngest element plus the shift. */
  #groupOfList(elements: readonly TimedElement[]): number {
    let time = toTime(elements[0]!)
    let ttl = elements[0]!.ttl
    for (const one of elements) {
      const other = toTime(one)
      if (other > time) time = other
      if (one.ttl === 0 || (ttl !== 0 && one.ttl > ttl)) ttl = one.ttl
    }
    return this.#shifted(time, ttl)
  }

  /** Cells without a time of their own: that of the youngest cell, else the backdated one. */
  #groupLate(columns: readonly PlanColumn[]): void {
    const groups = this.groups
    const latest = this.#options.collectionTimestamp === 'row-max' ? groups.latest() : NO_GROUP
    const group = latest >= 0 ? latest : groups.find(this.backdateHigh, this.backdateLow, 0)
    for (let i = 0; i < columns.length; i++) {
      if (this.#groupOf[i] !== OF_ROW) continue
      if (columns[i]!.shape !== 'list') this.#groupOf[i] = group
      else {
        const time = { high: groups.high[group]!, low: groups.low[group]! }
        this.#groupOf[i] = this.#shifted(toTime(time), groups.ttl[group]!)
      }
    }
  }

  /** The group of a list, which no two attempts write at one time. */
  #shifted(time: bigint, ttl: number): number {
    const { listShiftUs, listsNewBeforeUs } = this.#moment
    if (this.#listTime === undefined || time > this.#listTime) this.#listTime = time
    return this.#groupAt(time < listsNewBeforeUs ? time : time + BigInt(listShiftUs), ttl)
  }

  #groupAt(time: bigint, ttl: number): number {
    const high = Number(BigInt.asIntN(32, time >> 32n))
    return this.groups.find(high, Number(BigInt.asIntN(32, time)), ttl)
  }
}

function toTime({ high, low }: { readonly high: number; readonly low: number }): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0)
}
