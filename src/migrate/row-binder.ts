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
import { type TimedElement, writeElements } from './element-times.ts'
import { KeyToken } from './key-token.ts'
import { type BinderOptions, type RowMoment, RowTimes } from './row-times.ts'
import type { PlanColumn, TablePlan } from './table-plan.ts'
import type { TargetStatements } from './target-statements.ts'

const UNSET = -2

export class RowBinder {
  readonly #plan: TablePlan
  readonly #statements: TargetStatements
  readonly #options: BinderOptions
  readonly #times: RowTimes
  readonly #token: KeyToken

  constructor(plan: TablePlan, statements: TargetStatements, options: BinderOptions) {
    this.#plan = plan
    this.#statements = statements
    this.#options = options
    this.#times = new RowTimes(options, Math.max(plan.regulars.length, plan.statics.length))
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
    const before = batch.count
    const { keys, partitionKeyCount, statics } = this.#plan
    const hasClustering = keys.length > partitionKeyCount
    // A partition that has static cells and no rows comes as one row without a clustering key.
    const isStaticOnly = hasClustering && cursor.lengths[partitionKeyCount]! < 0
    if (statics.length > 0 && row.isPartitionStart) this.#bindStatics(cursor, batch, row)
    if (!isStaticOnly) this.#bindRegulars(cursor, batch, row)
    return batch.count - before
  }

  #bindRegulars(
    cursor: CellCursor,
    batch: RowBatch,
    { index, moment }: { readonly index: number; readonly moment: RowMoment },
  ): void {
    const { regulars, hasConversions } = this.#plan
    const times = this.#times
    const { groups } = times
    times.assign(cursor, regulars, moment)
    const marker = groups.marker()
    const { hasOver } = times
    // All of it ran out since it was read: the row is gone at the source as well.
    if (marker < 0 && hasOver) return
    const isPlain = groups.count <= 1 && times.mixed.length === 0 && !hasConversions
    if (isPlain && !hasOver) this.#copyRow(cursor, batch, index)
    else {
      this.#writeInsert(cursor, batch, { index, group: marker })
      for (let group = 0; group < groups.count; group++) {
        if (group !== marker && times.hasCells(group)) {
          this.#writeUpdate(cursor, batch, { index, group })
        }
      }
      this.#writeMixed(cursor, batch, index)
    }
  }

  #bindStatics(
    cursor: CellCursor,
    batch: RowBatch,
    { index, moment }: { readonly index: number; readonly moment: RowMoment },
  ): void {
    const { statics, keys, partitionKeyCount } = this.#plan
    const statement = this.#statements.statics!
    this.#times.assign(cursor, statics, moment)
    for (let group = 0; group < this.#times.groups.count; group++) {
      if (!this.#times.hasCells(group)) continue
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
    this.#writeUsing(arena, this.#times.groups.marker())
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
    const groups = this.#times.groups
    for (const { column, elements } of this.#times.mixed) {
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
      if (group >= 0 && this.#times.groupOf(i) === group)
        this.#writeCell(arena, cursor, columns[i]!)
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
    const groups = this.#times.groups
    if (timestamp) {
      arena.writeInt32(8)
      arena.writeInt32(group < 0 ? this.#times.backdateHigh : groups.high[group]!)
      arena.writeInt32(group < 0 ? this.#times.backdateLow : groups.low[group]!)
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
