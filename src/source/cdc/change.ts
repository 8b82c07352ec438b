/**
 * The changes of one partition update, one object each: rows, range and partition deletions.
 * The ground of everything that leaves capture: lines of `cdc dump` and events of all formats.
 * Order: partition deletion, static row, then items as stored; a range stands at its end marker; a
 * row with a deletion and also data gives its deletion first.
 * Invariant: nothing refers to the mutation's bytes afterwards (blobs are copied).
 * Spec: cdc-replication 2.6, 3.1; commit-log 6.
 */
import {
  BOUND_KIND,
  CELL_FLAG,
  type ColumnLayout,
  type CounterShard,
  type Deletion,
  keyRanges,
  type Mutation,
  type PartitionUpdate,
  ROW_FLAG,
  ROW_KIND,
  readCellPath,
  readCellValue,
  readClustering,
  readCounterShards,
  undecodable,
} from '../../commitlog/index.ts'
import type { CqlType, CqlValue } from '../../cql/index.ts'

/** A value with its type; `isEmpty`: zero bytes, which many types have no value for. */
export interface NamedValue {
  readonly name: string
  readonly type: CqlType
  readonly value: CqlValue
  readonly isEmpty: boolean
}

export interface CellChange {
  readonly timestamp: bigint
  readonly isDeleted: boolean
  /** Seconds: of deletion, or of expiry when `ttl` is not 0. */
  readonly ldt: number
  readonly ttl: number
  /** Element, key, timeuuid or field index in a complex column, else null. */
  readonly path: CqlValue
  readonly value: CqlValue
  readonly isEmpty: boolean
  readonly shards: readonly CounterShard[] | undefined
}

export interface ColumnChange {
  readonly column: ColumnLayout
  /** Of a complex column: everything before it is gone. */
  readonly deletion: Deletion | undefined
  readonly cells: readonly CellChange[]
}

export interface Bound {
  readonly isInclusive: boolean
  readonly values: readonly NamedValue[]
}

export interface Range {
  /** Undefined: the start or end of the partition. */
  readonly start: Bound | undefined
  readonly end: Bound | undefined
}

interface Common {
  readonly isStatic: boolean
  readonly clustering: readonly NamedValue[]
  readonly timestamp: bigint | undefined
}

export interface RowChange extends Common {
  readonly op: 'insert' | 'update'
  /** Of the row's liveness; 0: none. */
  readonly ttl: number
  readonly expiresAt: number
  readonly columns: readonly ColumnChange[]
}

export interface DeleteChange extends Common {
  readonly op: 'delete_row' | 'delete_range' | 'delete_partition'
  readonly timestamp: bigint
  readonly ldt: number
  readonly isShadowable: boolean
  readonly range: Range | undefined
}

export type Change = RowChange | DeleteChange

export function isRowChange(change: Change): change is RowChange {
  return change.op === 'insert' || change.op === 'update'
}

/** The partition key of an update. */
export function readKey(mutation: Mutation, update: PartitionUpdate): NamedValue[] {
  const ranges = keyRanges(mutation, update)
  return update.table.partitionKey.map((column, i) => {
    const start = ranges[i * 2]!
    const length = ranges[i * 2 + 1]! - start
    const value = owned(column.codec.decode(mutation.bytes, start, length))
    return { name: column.name, type: column.type, value, isEmpty: length === 0 }
  })
}

/** All changes of an update, in order. */
export function readChanges(mutation: Mutation, update: PartitionUpdate): Change[] {
  const out: Change[] = []
  if (update.deletion !== undefined) {
    out.push(deleteOf('delete_partition', update.deletion, { clustering: [] }))
  }
  let open: { readonly bound: Bound | undefined } | undefined
  for (let row = update.rowStart; row < update.rowEnd; row++) {
    if (mutation.rowKind(row) !== ROW_KIND.marker) {
      addRow(out, mutation, update, row)
      continue
    }
    const kind = mutation.rowFlags(row)
    const isStart = kind === BOUND_KIND.inclusiveStart || kind === BOUND_KIND.exclusiveStart
    if (isStart === (open !== undefined)) {
      throw undecodable('expected a range tombstone with start and end, found one of them')
    }
    if (open !== undefined) {
      const end = boundOf(mutation, update, { row, isInclusive: END_INCLUSIVE.has(kind) })
      const range = { start: open.bound, end }
      const deletion = mutation.markerDeletion(row)
      out.push(deleteOf('delete_range', deletion, { clustering: [], range }))
    }
    const isOpen = isStart || BOUNDARIES.has(kind)
    open = isOpen
      ? { bound: boundOf(mutation, update, { row, isInclusive: START_INCLUSIVE.has(kind) }) }
      : undefined
  }
  if (open !== undefined) throw undecodable('expected the end of a range tombstone, found none')
  return out
}

const BOUNDARIES: ReadonlySet<number> = new Set([
  BOUND_KIND.exclusiveEndInclusiveStart,
  BOUND_KIND.inclusiveEndExclusiveStart,
])
const START_INCLUSIVE: ReadonlySet<number> = new Set([
  BOUND_KIND.inclusiveStart,
  BOUND_KIND.exclusiveEndInclusiveStart,
])
const END_INCLUSIVE: ReadonlySet<number> = new Set([
  BOUND_KIND.inclusiveEnd,
  BOUND_KIND.inclusiveEndExclusiveStart,
])

function boundOf(
  mutation: Mutation,
  update: PartitionUpdate,
  { row, isInclusive }: { readonly row: number; readonly isInclusive: boolean },
): Bound | undefined {
  const values = clusteringOf(mutation, update, row)
  return values.length === 0 ? undefined : { isInclusive, values }
}

function clusteringOf(mutation: Mutation, update: PartitionUpdate, row: number): NamedValue[] {
  return readClustering(mutation, update, row).map((value, i) => {
    const { name, type } = update.table.clusteringKey[i]!
    const start = mutation.clusteringStart(row, i)
    const isEmpty = start >= 0 && mutation.clusteringEnd(row, i) === start
    return { name, type, value: owned(value), isEmpty }
  })
}

function addRow(out: Change[], mutation: Mutation, update: PartitionUpdate, row: number): void {
  const isStatic = mutation.rowKind(row) === ROW_KIND.staticRow
  const clustering = isStatic ? [] : clusteringOf(mutation, update, row)
  const deletion = mutation.rowDeletion(row)
  if (deletion !== undefined) {
    const isShadowable = (mutation.rowFlags(row) & ROW_FLAG.shadowable) !== 0
    out.push(deleteOf('delete_row', deletion, { clustering, isShadowable }))
  }
  const timestamp = mutation.rowTimestamp(row)
  const columns = columnsOf(mutation, update, row)
  if (timestamp === undefined && columns.length === 0) return
  out.push({
    op: timestamp === undefined || isStatic ? 'update' : 'insert',
    ...{ isStatic, clustering, timestamp, columns },
    ttl: mutation.rowTtl(row),
    expiresAt: mutation.rowLdt(row),
  })
}

function deleteOf(
  op: DeleteChange['op'],
  { timestamp, ldt }: Deletion,
  more: { clustering: readonly NamedValue[]; isShadowable?: boolean; range?: Range },
): DeleteChange {
  const { clustering, isShadowable = false, range } = more
  return { op, isStatic: false, clustering, timestamp, ldt, isShadowable, range }
}

function columnsOf(mutation: Mutation, update: PartitionUpdate, row: number): ColumnChange[] {
  const out: ColumnChange[] = []
  const end = mutation.cellEnd(row)
  let cell = mutation.cellStart(row)
  while (cell < end) {
    const index = mutation.cellColumn(cell)
    const column = mutation.columnOf(update, cell)
    let deletion: Deletion | undefined
    const cells: CellChange[] = []
    for (; cell < end && mutation.cellColumn(cell) === index; cell++) {
      if ((mutation.cellFlags(cell) & CELL_FLAG.complexDeletion) === 0) {
        cells.push(cellOf(mutation, update, cell))
      } else {
        deletion = { timestamp: mutation.cellTimestamp(cell), ldt: mutation.cellLdt(cell) }
      }
    }
    out.push({ column, deletion, cells })
  }
  return out
}

function cellOf(mutation: Mutation, update: PartitionUpdate, cell: number): CellChange {
  const isDeleted = (mutation.cellFlags(cell) & CELL_FLAG.deleted) !== 0
  const start = mutation.valueStart(cell)
  const end = mutation.valueEnd(cell)
  const isCounter = mutation.columnOf(update, cell).type.kind === 'counter' && !isDeleted
  return {
    timestamp: mutation.cellTimestamp(cell),
    isDeleted,
    ldt: mutation.cellLdt(cell),
    ttl: mutation.cellTtl(cell),
    path: owned(readCellPath(mutation, update, cell)),
    value: owned(readCellValue(mutation, update, cell)),
    isEmpty: start >= 0 && start === end,
    shards: isCounter ? readCounterShards(mutation.bytes, start, end) : undefined,
  }
}

/** Blobs are views of the section, which is reused; everything else is a value of its own. */
function owned(value: CqlValue): CqlValue {
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  if (Array.isArray(value)) return value.map(one => owned(one as CqlValue))
  return value
}
