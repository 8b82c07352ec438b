/**
 * Follows schema changes in the order of the log: DDL is logged as mutations of system_schema.
 * Called by SchemaCatalog for each update of such a table. The partition is the keyspace, rows are
 * clustered by table (and column) or by type.
 * Rows are merged: an ALTER may carry some columns only. Deletions of a keyspace, a table or a column
 * take their rows away; the tables built from them stay known by id.
 * Spec: commit-log, section 10.3.
 */
import type { CqlValue } from '../../cql/index.ts'
import { CELL_FLAG, type Mutation, type PartitionUpdate, ROW_KIND } from '../mutation.ts'
import { readCellValue, readClustering, readPartitionKey } from '../mutation-values.ts'
import { childOf, type KeyspaceRows } from './schema-rows.ts'

/** Live cells of a row by column name. */
type Cells = ReadonlyMap<string, CqlValue>

interface Follower {
  set(rows: KeyspaceRows, name: readonly string[], cells: Cells, keyspace: string): void
  /** `name` is empty for all, one name for a table or type, two for a column. */
  remove(rows: KeyspaceRows, name: readonly string[]): void
}

const tables: Follower = {
  set(rows, [table], cells, keyspace) {
    const before = rows.tables.get(table!)
    const id = cells.get('id') ?? before?.id
    if (typeof id !== 'string') return
    const flags = cells.get('flags')
    rows.tables.set(table!, {
      ...{ keyspace, table: table!, id },
      isCdc: cells.has('cdc') ? cells.get('cdc') === true : (before?.isCdc ?? false),
      isCounter: Array.isArray(flags) ? flags.includes('counter') : (before?.isCounter ?? false),
    })
  },
  remove: (rows, [table]) => forget(rows.tables, table),
}

const columns: Follower = {
  set(rows, [table, column], cells, keyspace) {
    const all = childOf(rows.columns, table!)
    const before = all.get(column!)
    all.set(column!, {
      ...{ keyspace, table: table!, column: column! },
      kind: textOf(cells, 'kind') ?? before?.kind ?? 'regular',
      position: Number(cells.get('position') ?? before?.position ?? -1),
      type: textOf(cells, 'type') ?? before?.type ?? 'blob',
    })
  },
  remove: (rows, name) => forgetChild(rows.columns, name),
}

const dropped: Follower = {
  set(rows, [table, column], cells, keyspace) {
    const all = childOf(rows.dropped, table!)
    const before = all.get(column!)
    const time = cells.get('dropped_time')
    all.set(column!, {
      ...{ keyspace, table: table!, column: column! },
      kind: textOf(cells, 'kind') ?? before?.kind ?? 'regular',
      type: textOf(cells, 'type') ?? before?.type ?? 'blob',
      droppedAtMs: typeof time === 'bigint' ? time : (before?.droppedAtMs ?? 0n),
    })
  },
  remove: (rows, name) => forgetChild(rows.dropped, name),
}

const types: Follower = {
  set(rows, [name], cells, keyspace) {
    const before = rows.types.get(name!)
    rows.types.set(name!, {
      ...{ keyspace, name: name! },
      fieldNames: textsOf(cells, 'field_names') ?? before?.fieldNames ?? [],
      fieldTypes: textsOf(cells, 'field_types') ?? before?.fieldTypes ?? [],
    })
  },
  remove: (rows, [name]) => forget(rows.types, name),
}

const keyspaces: Follower = {
  set(rows, _name, cells, keyspace) {
    const { replication = {}, durableWrites = true } = rows.keyspace ?? {}
    const options = cells.get('replication')
    const isDurable = cells.get('durable_writes')
    rows.keyspace = {
      keyspace,
      replication: Array.isArray(options) ? toOptions(options) : replication,
      durableWrites: typeof isDurable === 'boolean' ? isDurable : durableWrites,
    }
  },
  remove(rows) {
    rows.keyspace = undefined
  },
}

/** A map as its codec gives it; sorted, so that equal options look the same. */
export function toOptions(pairs: readonly CqlValue[]): Record<string, string> {
  const texts = pairs.map(pair => (pair as readonly CqlValue[]).map(String) as [string, string])
  return Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const FOLLOWERS: Readonly<Record<string, Follower>> = {
  tables,
  views: tables,
  columns,
  dropped_columns: dropped,
  types,
  keyspaces,
}

/** Takes one update over; the keyspace it changed, undefined when it is of no interest. */
export function applySchemaUpdate(
  mutation: Mutation,
  update: PartitionUpdate,
  rowsOf: (keyspace: string) => KeyspaceRows,
): string | undefined {
  const follower = FOLLOWERS[update.table.schema.name]
  if (follower === undefined) return undefined
  const keyspace = String(readPartitionKey(mutation, update)[0])
  const rows = rowsOf(keyspace)
  if (update.deletion !== undefined) follower.remove(rows, [])
  for (let row = update.rowStart; row < update.rowEnd; row++) {
    const name = readClustering(mutation, update, row).map(String)
    if (mutation.rowKind(row) === ROW_KIND.marker) {
      // DDL deletes whole prefixes, whose start and end are the same.
      follower.remove(rows, name)
      continue
    }
    if (mutation.rowDeletion(row) !== undefined) follower.remove(rows, name)
    const cells = liveCells(mutation, update, row)
    if (cells.size > 0) follower.set(rows, name, cells, keyspace)
  }
  return keyspace
}

function liveCells(mutation: Mutation, update: PartitionUpdate, row: number): Cells {
  const cells = new Map<string, CqlValue>()
  for (let cell = mutation.cellStart(row); cell < mutation.cellEnd(row); cell++) {
    const column = mutation.columnOf(update, cell)
    if (column.isComplex) continue
    const isDeleted = (mutation.cellFlags(cell) & CELL_FLAG.deleted) !== 0
    cells.set(column.name, isDeleted ? null : readCellValue(mutation, update, cell))
  }
  return cells
}

function forget<V>(map: Map<string, V>, name: string | undefined): void {
  if (name === undefined) map.clear()
  else map.delete(name)
}

function forgetChild<V>(
  map: Map<string, Map<string, V>>,
  [table, column]: readonly string[],
): void {
  if (table === undefined || column === undefined) forget(map, table)
  else map.get(table)?.delete(column)
}

function textOf(cells: Cells, name: string): string | undefined {
  const value = cells.get(name)
  return typeof value === 'string' ? value : undefined
}

function textsOf(cells: Cells, name: string): string[] | undefined {
  const value = cells.get(name)
  return Array.isArray(value) ? value.map(String) : undefined
}
