/**
 * Rows of a snapshot as changes for a table in another cluster: every value with the write time and the
 * TTL that it has, elements of collections one by one where the server tells their times. Pure.
 * Used by TableCopies. Written twice, or before, between or behind captured changes, they lead to the
 * same rows: write times decide.
 * Invariants: nothing is removed, unless a collection must be written whole; what has no time of its own
 * (a row of nothing but its key, collections before 5.0) is older than the read of it.
 * Spec: cdc-replication 1.6, 5.
 */
import type { ColumnLayout } from '../../../commitlog/index.ts'
import type { CqlValue } from '../../../cql/index.ts'
import type { CellChange, ColumnChange, NamedValue, RowChange } from '../change.ts'
import type { KnownDefinition } from '../state/table-definition.ts'
import { layoutOf, partsOfRows, type RowPart } from './snapshot-events.ts'
import type { PartTimes, SnapshotCell } from './snapshot-query.ts'
import type { ReadChunk } from './snapshot-reader.ts'

export interface CopiedChange {
  readonly key: readonly NamedValue[]
  readonly change: RowChange
}

/** Clocks of nodes and workers may differ by so much. */
const SKEW_MICROS = 2_000_000n

export function toCopiedChanges(
  { table }: KnownDefinition,
  { rows }: Pick<ReadChunk, 'rows'>,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): CopiedChange[] {
  const columns = layoutOf(table)
  const untimed = BigInt(startMs) * 1000n - SKEW_MICROS
  const nowSeconds = Math.floor(endMs / 1000)
  return partsOfRows(rows).map(part => {
    const changes = part.cells.flatMap(cell => {
      const found = columnChange(columns.get(cell.column.name)!, cell, { untimed, nowSeconds })
      return found === undefined ? [] : [found]
    })
    return { key: part.key, change: rowChange(part, changes, { untimed, nowSeconds }) }
  })
}

interface Moment {
  readonly untimed: bigint
  readonly nowSeconds: number
}

/** The row lives as long as its last value does. */
function rowChange(
  { clustering, isStatic }: RowPart,
  columns: readonly ColumnChange[],
  { untimed, nowSeconds }: Moment,
): RowChange {
  const cells = columns.flatMap(one => one.cells)
  let timestamp: bigint | undefined
  for (const cell of cells) {
    if (timestamp === undefined || cell.timestamp > timestamp) timestamp = cell.timestamp
  }
  const isPassing = cells.length > 0 && cells.every(cell => cell.ttl > 0)
  const ttl = isPassing ? Math.max(...cells.map(cell => cell.ttl)) : 0
  return {
    op: isStatic ? 'update' : 'insert',
    ...{ isStatic, clustering, timestamp: isStatic ? undefined : (timestamp ?? untimed) },
    ...{ ttl, expiresAt: ttl === 0 ? 0 : nowSeconds + ttl, columns },
  }
}

function columnChange(
  column: ColumnLayout,
  { value, timestamp, ttl, parts }: SnapshotCell,
  { untimed, nowSeconds }: Moment,
): ColumnChange | undefined {
  if (value === null) return undefined
  if (!column.isComplex) {
    const times = { timestamp: timestamp ?? untimed, ttl }
    return { column, deletion: undefined, cells: [cellOf(null, value, times, nowSeconds)] }
  }
  const elements = elementsOf(column, value as readonly CqlValue[])
  const isTold = parts?.length === (value as readonly CqlValue[]).length
  if (isTold && column.type.kind !== 'list') {
    const cells = elements.flatMap(({ path, value: one, at }) => {
      const times = parts[at]!
      return times.timestamp === undefined
        ? []
        : [cellOf(path, one, { ...times, timestamp: times.timestamp }, nowSeconds)]
    })
    return { column, deletion: undefined, cells }
  }
  // As a whole: with the time of its newest element, and the longest TTL when all have one.
  const whole = timestamp ?? untimed
  const ttls = isTold ? parts.map(one => one.ttl) : [0]
  const times = { timestamp: whole, ttl: ttls.includes(0) ? 0 : Math.max(...ttls) }
  return {
    column,
    deletion: { timestamp: whole - 1n, ldt: nowSeconds },
    cells: elements.map(({ path, value: one }) => cellOf(path, one, times, nowSeconds)),
  }
}

function cellOf(
  path: CqlValue,
  value: CqlValue,
  { timestamp, ttl }: PartTimes & { readonly timestamp: bigint },
  nowSeconds: number,
): CellChange {
  const ldt = ttl === 0 ? 0 : nowSeconds + ttl
  return { timestamp, isDeleted: false, ldt, ttl, path, value, isEmpty: false, shards: undefined }
}

interface Element {
  readonly path: CqlValue
  readonly value: CqlValue
  /** Its place in the value. */
  readonly at: number
}

/** As cells of the log have them: set and map by key, UDT by the number of the field. */
function elementsOf({ type }: ColumnLayout, value: readonly CqlValue[]): Element[] {
  switch (type.kind) {
    case 'set':
      return value.map((path, at) => ({ path, value: null, at }))
    case 'map':
      return value.map((pair, at) => {
        const [path, one] = pair as unknown as readonly [CqlValue, CqlValue]
        return { path, value: one, at }
      })
    case 'udt':
      return value.flatMap((one, at) => (one === null ? [] : [{ path: at, value: one, at }]))
    default:
      return value.map((one, at) => ({ path: null, value: one, at }))
  }
}
