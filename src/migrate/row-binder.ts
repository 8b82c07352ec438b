/**
 * Turns a row of the source into the statements of the target: appended to a row batch as bound
 * values, ready for the write session. One binder per range under way; nothing is decoded unless a
 * column is converted.
 * A row whose cells share write time and TTL, as most do, is one INSERT, its cells copied in one run.
 * Invariants: null is bound as unset, so the copy makes no tombstones; a row with nothing but its key
 * is written too; a cell never gets another time than the plan says.
 * Spec: live-migration 3.3, 3.4.
 */
import type { ByteWriter } from '../base/byte-writer.ts'
import type { RowBatch, WriteStatement } from '../cassandra/index.ts'
import { type CellCursor, int32At } from '../cql/index.ts'
import { CellGroups } from './cell-groups.ts'
import { readElements, type TimedElement, ttlAt, writeElements } from './element-times.ts'
import { KeyToken } from './key-token.ts'
import type { PlanColumn, TablePlan } from './table-plan.ts'
import type { TargetStatements, UsingClause } from './target-statements.ts'

export interface BinderOptions {
  readonly using: UsingClause
  /** Microseconds, of what has no readable time. */
  readonly backdateUs: bigint
  /** Cells keep their own time; else all get the backdated one. */
  readonly isTimed: boolean
  readonly collectionTimestamp: 'row-max' | 'backdate'
}

/** What the binder has to know of the moment. */
export interface RowMoment {
  /** Seconds since the page was read: TTLs have run on. */
  readonly elapsedSeconds: number
  /** Added to the write time of lists that are not frozen. */
  readonly listShiftUs: number
}

const UNSET = -2
const NO_GROUP = -1
const SKIPPED = -2
/** The cell gets the time of the row: it tells none. */
const OF_ROW = -3
/** Its elements have different times and go one group at a time. */
const MIXED = -4

export class RowBinder {
  readonly #plan: TablePlan
  readonly #statements: TargetStatements
  readonly #options: BinderOptions
  readonly #groups = new CellGroups()
  readonly #groupOf: Int32Array
  readonly #mixed: { column: PlanColumn; elements: TimedElement[] }[] = []
  readonly #backdateHigh: number
  readonly #backdateLow: number
  readonly #token: KeyToken
  #moment: RowMoment = { elapsedSeconds: 0, listShiftUs: 0 }

  constructor(plan: TablePlan, statements: TargetStatements, options: BinderOptions) {
    this.#plan = plan
    this.#statements = statements
    this.#options = options
    this.#groupOf = new Int32Array(Math.max(plan.regulars.length, plan.statics.length))
    this.#backdateHigh = Number(BigInt.asIntN(32, options.backdateUs >> 32n))
    this.#backdateLow = Number(BigInt.asIntN(32, options.backdateUs))
    this.#token = new KeyToken(plan.partitionKeyCount)
  }

  /** Adds the statements of the cursor's row; returns how many. */
  bind(
    cursor: CellCursor,
    batch: RowBatch,
    row: {
      readonly index: number
      /** First of its partition: its static cells are written too. */
      readonly isPartitionStart: boolean
      readonly moment: RowMoment
    },
  ): number {
    this.#moment = row.moment
    const before = batch.count
    const { keys, partitionKeyCount, statics } = this.#plan
    const hasClustering = keys.length > partitionKeyCount
    // A partition that has static cells and no rows comes as one row without a clustering key.
    const isStaticOnly = hasClustering && cursor.lengths[partitionKeyCount]! < 0
    if (statics.length > 0 && row.isPartitionStart) this.#bindStatics(cursor, batch, row.index)
    if (!isStaticOnly) this.#bindRegulars(cursor, batch, row.index)
    return batch.count - before
  }

  #bindRegulars(cursor: CellCursor, batch: RowBatch, index: number): void {
    const { regulars, hasConversions } = this.#plan
    const groups = this.#groups
    this.#group(cursor, regulars)
    const marker = groups.marker()
    const isPlain = groups.count <= 1 && this.#mixed.length === 0 && !hasConversions
    if (isPlain && !this.#hasSkipped(regulars.length)) this.#copyRow(cursor, batch, index)
    else {
      this.#writeInsert(cursor, batch, { index, group: marker })
      for (let group = 0; group < groups.count; group++) {
        if (group !== marker && this.#hasCells(group, regulars.length)) {
          this.#writeUpdate(cursor, batch, { index, group })
        }
      }
      this.#writeMixed(cursor, batch, index)
    }
  }

  #bindStatics(cursor: CellCursor, batch: RowBatch, index: number): void {
    const { statics, keys, partitionKeyCount } = this.#plan
    const statement = this.#statements.statics!
    this.#group(cursor, statics)
    for (let group = 0; group < this.#groups.count; group++) {
      if (!this.#hasCells(group, statics.length)) continue
      const { arena } = batch
      const start = arena.position
      arena.writeInt16(statement.variables.length)
      for (let i = 0; i < partitionKeyCount; i++) this.#writeCell(arena, cursor, keys[i]!)
      this.#writeGroup(arena, cursor, { columns: statics, group })
      this.#writeUsing(arena, group)
      this.#add(cursor, batch, { statement, index, start })
    }
    this.#writeMixed(cursor, batch, index)
  }

  /** Gives every cell of the columns its group. */
  #group(cursor: CellCursor, columns: readonly PlanColumn[]): void {
    const groups = this.#groups
    groups.reset()
    this.#mixed.length = 0
    let hasLate = false
    for (let i = 0; i < columns.length; i++) {
      const group = this.#groupOfCell(cursor, columns[i]!)
      this.#groupOf[i] = group
      if (group === OF_ROW) hasLate = true
    }
    if (hasLate) this.#groupLate(columns)
  }

  #groupOfCell(cursor: CellCursor, column: PlanColumn): number {
    const { lengths, starts, bytes } = cursor
    if (lengths[column.index]! < 0) return NO_GROUP
    const { timestamp, ttl } = this.#options.using
    if (!timestamp && !ttl) return this.#groups.find(0, 0, 0)
    const isTimed = column.timeIndex >= 0 || column.ttlIndex >= 0
    if (!isTimed) return OF_ROW
    if (column.shape !== 'simple') return this.#groupOfElements(cursor, column)
    const rest = column.ttlIndex < 0 ? 0 : this.#ttlLeft(cursor, column.ttlIndex)
    if (rest < 0) return SKIPPED
    if (!this.#options.isTimed || column.timeIndex < 0) {
      return this.#groups.find(this.#backdateHigh, this.#backdateLow, rest)
    }
    const at = starts[column.timeIndex]!
    return this.#groups.find(int32At(bytes, at), int32At(bytes, at + 4), rest)
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
      const high = isTimed ? one.high : this.#backdateHigh
      const low = isTimed ? one.low : this.#backdateLow
      elements.push({ start: one.start, end: one.end, high, low, ttl })
    }
    if (elements.length === 0) return SKIPPED
    if (column.shape === 'list') return this.#groupOfList(elements)
    const first = elements[0]!
    const isSame = (one: TimedElement) =>
      one.low === first.low && one.high === first.high && one.ttl === first.ttl
    if (elements.length === found.length && elements.every(isSame)) {
      return this.#groups.find(first.high, first.low, first.ttl)
    }
    for (const one of elements) this.#groups.find(one.high, one.low, one.ttl)
    this.#mixed.push({ column, elements })
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
    const groups = this.#groups
    const latest = this.#options.collectionTimestamp === 'row-max' ? groups.latest() : NO_GROUP
    const group = latest >= 0 ? latest : groups.find(this.#backdateHigh, this.#backdateLow, 0)
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
    const shifted = time + BigInt(this.#moment.listShiftUs)
    const high = Number(BigInt.asIntN(32, shifted >> 32n))
    return this.#groups.find(high, Number(BigInt.asIntN(32, shifted)), ttl)
  }

  #hasSkipped(count: number): boolean {
    for (let i = 0; i < count; i++) if (this.#groupOf[i] === SKIPPED) return true
    return false
  }

  #hasCells(group: number, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.#groupOf[i] === group) return true
    return false
  }

  /** The cells of keys and regular columns as they lie in the page, nulls made unset. */
  #copyRow(cursor: CellCursor, batch: RowBatch, index: number): void {
    const { arena } = batch
    const { starts, lengths } = cursor
    const { keys, regulars } = this.#plan
    const statement = this.#statements.insert
    const start = arena.position
    arena.writeInt16(statement.variables.length)
    const first = keys.length
    const last = first + regulars.length - 1
    const end = last < first ? endOf(cursor, first - 1) : endOf(cursor, last)
    const shift = arena.position - cursor.rowStart
    arena.writeBytes(cursor.bytes, cursor.rowStart, end)
    // The length -1 of a null becomes -2 by its last byte.
    for (let i = first; i <= last; i++) {
      if (lengths[i]! < 0) arena.bytes[starts[i]! - 1 + shift] = 0xfe
    }
    this.#writeUsing(arena, this.#groups.marker())
    this.#add(cursor, batch, { statement, index, start })
  }

  #writeInsert(
    cursor: CellCursor,
    batch: RowBatch,
    { index, group }: { readonly index: number; readonly group: number },
  ): void {
    const { keys, regulars } = this.#plan
    const statement = this.#statements.insert
    const { arena } = batch
    const start = arena.position
    arena.writeInt16(statement.variables.length)
    for (const column of keys) this.#writeCell(arena, cursor, column)
    this.#writeGroup(arena, cursor, { columns: regulars, group })
    this.#writeUsing(arena, group)
    this.#add(cursor, batch, { statement, index, start })
  }

  #writeUpdate(
    cursor: CellCursor,
    batch: RowBatch,
    { index, group }: { readonly index: number; readonly group: number },
  ): void {
    const { keys, regulars } = this.#plan
    const statement = this.#statements.update!
    const { arena } = batch
    const start = arena.position
    arena.writeInt16(statement.variables.length)
    this.#writeUsing(arena, group)
    this.#writeGroup(arena, cursor, { columns: regulars, group })
    for (const column of keys) this.#writeCell(arena, cursor, column)
    this.#add(cursor, batch, { statement, index, start })
  }

  /** Collections and user-defined types whose elements have different times: a statement per time. */
  #writeMixed(cursor: CellCursor, batch: RowBatch, index: number): void {
    const groups = this.#groups
    for (const { column, elements } of this.#mixed) {
      for (let group = 0; group < groups.count; group++) {
        const own = elements.filter(
          one =>
            one.low === groups.low[group] &&
            one.high === groups.high[group] &&
            one.ttl === groups.ttl[group],
        )
        if (own.length > 0) this.#writeElements(cursor, batch, { column, own, group, index })
      }
    }
  }

  #writeElements(
    cursor: CellCursor,
    batch: RowBatch,
    part: {
      readonly column: PlanColumn
      readonly own: readonly TimedElement[]
      readonly group: number
      readonly index: number
    },
  ): void {
    const { keys, partitionKeyCount } = this.#plan
    const { column, own, group, index } = part
    const statement = this.#statements.elements.get(column)!
    const { arena } = batch
    const start = arena.position
    arena.writeInt16(statement.variables.length)
    this.#writeUsing(arena, group)
    if (column.shape === 'udt') writeFields(arena, cursor, column, own)
    else writeElements(arena, cursor.bytes, own)
    const keyCount = column.source.kind === 'static' ? partitionKeyCount : keys.length
    for (let i = 0; i < keyCount; i++) this.#writeCell(arena, cursor, keys[i]!)
    this.#add(cursor, batch, { statement, index, start })
  }

  #writeGroup(
    arena: ByteWriter,
    cursor: CellCursor,
    { columns, group }: { readonly columns: readonly PlanColumn[]; readonly group: number },
  ): void {
    for (let i = 0; i < columns.length; i++) {
      if (group >= 0 && this.#groupOf[i] === group) this.#writeCell(arena, cursor, columns[i]!)
      else arena.writeInt32(UNSET)
    }
  }

  #writeCell(arena: ByteWriter, cursor: CellCursor, column: PlanColumn): void {
    const start = cursor.starts[column.index]!
    const length = cursor.lengths[column.index]!
    if (column.convert === undefined || length < 0) {
      arena.writeBytes(cursor.bytes, start - 4, start + Math.max(0, length))
      return
    }
    const at = arena.position
    arena.writeInt32(0)
    column.convert(cursor.bytes, { start, length }, arena)
    arena.setInt32(at, arena.position - at - 4)
  }

  #writeUsing(arena: ByteWriter, group: number): void {
    const { timestamp, ttl } = this.#options.using
    const groups = this.#groups
    if (timestamp) {
      arena.writeInt32(8)
      arena.writeInt32(group < 0 ? this.#backdateHigh : groups.high[group]!)
      arena.writeInt32(group < 0 ? this.#backdateLow : groups.low[group]!)
    }
    if (ttl) {
      arena.writeInt32(4)
      arena.writeInt32(group < 0 ? 0 : groups.ttl[group]!)
    }
  }

  #add(
    cursor: CellCursor,
    batch: RowBatch,
    part: {
      readonly statement: WriteStatement
      readonly index: number
      readonly start: number
    },
  ): void {
    const row = batch.add(part.statement, part.index, part.start, 0)
    const token = this.#plan.hasConversions
      ? this.#token.ofBound(batch.arena.bytes, part)
      : this.#token.ofRow(cursor)
    batch.setToken(row, token.high, token.low)
  }
}

function endOf(cursor: CellCursor, index: number): number {
  return cursor.starts[index]! + Math.max(0, cursor.lengths[index]!)
}

function toTime({ high, low }: { readonly high: number; readonly low: number }): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0)
}

/** A value per field, unset where the field has another time. */
function writeFields(
  arena: ByteWriter,
  cursor: CellCursor,
  column: PlanColumn,
  own: readonly TimedElement[],
): void {
  const { type } = column.target
  if (type.kind !== 'udt') return
  let at = cursor.starts[column.index]!
  const end = at + cursor.lengths[column.index]!
  for (let i = 0; i < type.fields.length; i++) {
    const start = at
    const one = start < end ? own.find(element => element.start === start) : undefined
    if (one === undefined) arena.writeInt32(UNSET)
    else arena.writeBytes(cursor.bytes, one.start, one.end)
    if (start < end) at = start + 4 + Math.max(0, int32At(cursor.bytes, start))
  }
}
