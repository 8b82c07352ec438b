/**
 * Rows of a system table as lists of cells: read from an answer, changed, selected from, written.
 * Used for the few rows of system.local and system.peers only.
 * Invariant: a row has one cell per column, in the order of `columns`.
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import {
  CellCursor,
  type ColumnSpec,
  formatUuid,
  parseInet,
  type RowsResult,
  rowsOf,
  UNSET,
} from '../../cql/index.ts'
import type { BoundValues } from './bound-values.ts'
import type { Condition, SelectedColumn, SystemSelect } from './system-select.ts'

export type Cell = Buffer | null

export interface SystemTable {
  readonly columns: readonly ColumnSpec[]
  readonly rows: Cell[][]
}

/** Copies the cells of an answer. */
export function toSystemTable(result: RowsResult): SystemTable {
  const columns = result.metadata.columns ?? []
  const cursor = new CellCursor(columns.length)
  cursor.reset(result)
  const rows: Cell[][] = []
  while (cursor.nextRow()) {
    rows.push(
      columns.map((_, i) => {
        const start = cursor.starts[i]!
        const length = cursor.lengths[i]!
        return length < 0 ? null : Buffer.from(cursor.bytes.subarray(start, start + length))
      }),
    )
  }
  return { columns, rows }
}

export function indexOf(table: SystemTable, name: string): number {
  return table.columns.findIndex(column => column.name === name)
}

/** Applies the client's selection; a column that does not exist is named in the error. */
export function select(
  table: SystemTable,
  wanted: SystemSelect,
  values: BoundValues,
): RowsResult | string {
  const unknown = [...wanted.conditions, ...(wanted.columns ?? [])].find(
    one => !('isCount' in one && one.isCount) && indexOf(table, one.column) < 0,
  )
  if (unknown !== undefined) return `Undefined column name ${unknown.column}`
  const found = table.rows.filter(row =>
    wanted.conditions.every(condition => matches(table, row, { condition, values })),
  )
  const isCount = wanted.columns?.some(one => one.isCount) === true
  const limited = isCount ? found : found.slice(0, wanted.limit)
  return isCount ? countRows(table, wanted.columns!, limited) : project(table, wanted, limited)
}

function project(table: SystemTable, wanted: SystemSelect, rows: readonly Cell[][]): RowsResult {
  const picked = wanted.columns?.map(one => ({ index: indexOf(table, one.column), one }))
  const columns =
    picked?.map(({ index, one }) => renamed(table.columns[index]!, one.alias)) ?? table.columns
  const cells =
    picked === undefined ? rows : rows.map(row => picked.map(({ index }) => row[index]!))
  return rowsOf(new ByteWriter(4096), { columnCount: columns.length, columns }, cells)
}

/** With count(*) other columns show the first row, as the server does. */
function countRows(
  table: SystemTable,
  wanted: readonly SelectedColumn[],
  rows: readonly Cell[][],
): RowsResult {
  const { keyspace, table: name } = table.columns[0]!
  const count = Buffer.alloc(8)
  count.writeBigInt64BE(BigInt(rows.length))
  const columns = wanted.map(one =>
    one.isCount
      ? { keyspace, table: name, name: one.alias ?? 'count', type: { kind: 'bigint' as const } }
      : renamed(table.columns[indexOf(table, one.column)]!, one.alias),
  )
  const row = wanted.map(one =>
    one.isCount ? count : (rows[0]?.[indexOf(table, one.column)] ?? null),
  )
  return rowsOf(new ByteWriter(1024), { columnCount: columns.length, columns }, [row])
}

function renamed(column: ColumnSpec, alias: string | undefined): ColumnSpec {
  return alias === undefined ? column : { ...column, name: alias }
}

function matches(
  table: SystemTable,
  row: readonly Cell[],
  { condition, values }: { condition: Condition; values: BoundValues },
): boolean {
  const index = indexOf(table, condition.column)
  const cell = row[index]
  const kind = table.columns[index]!.type.kind
  if (cell === undefined || cell === null) return false
  if (condition.literal !== undefined) return isLiteral(cell, kind, condition.literal)
  const value =
    values.named.get(condition.variableName ?? '') ?? values.positional[condition.variable]
  return value !== undefined && value !== null && value !== UNSET && cell.equals(value as Buffer)
}

function isLiteral(cell: Buffer, kind: string, literal: string): boolean {
  if (kind === 'inet') return parseInet(literal)?.equals(cell) === true
  if (kind === 'uuid' || kind === 'timeuuid') return formatUuid(cell, 0) === literal.toLowerCase()
  return cell.toString() === literal
}
