/**
 * The tables that DDL and TRUNCATE are logged in, ready for the decoder.
 * Used by SchemaCatalog as its ground, so that a log can be read from its first record on.
 * Spec: commit-log, sections 9.5 and 10.1.
 */
import type { TableSchema } from '../table-schema.ts'
import { buildTable, KeyspaceRows } from './schema-rows.ts'
import { SYSTEM_TABLES } from './system-tables.ts'

export const SCHEMA_KEYSPACE = 'system_schema'

/** Built-in definitions by table id. */
export const SYSTEM_SCHEMA: ReadonlyMap<string, TableSchema> = parse(SYSTEM_TABLES)

/** True for the tables that `SchemaCatalog.apply` learns from. */
export function isSchemaTable(table: TableSchema): boolean {
  return table.keyspace === SCHEMA_KEYSPACE
}

/** True for the table whose updates tell of TRUNCATE; see `readTruncations`. */
export function isTruncationTable(table: TableSchema): boolean {
  return table.keyspace === 'system' && table.name === 'local'
}

function parse(text: string): Map<string, TableSchema> {
  const out = new Map<string, TableSchema>()
  let rows = new KeyspaceRows()
  let name: readonly [keyspace: string, table: string, id: string] = ['', '', '']
  const finish = () => {
    const [keyspace, table, id] = name
    if (id === '') return
    const row = { keyspace, table, id, isCdc: false, isCounter: false }
    out.set(id, buildTable(rows, row))
  }
  for (const line of text.split('\n').filter(one => one.trim() !== '')) {
    const words = line.trim().split(' ')
    if (line.startsWith('    ')) {
      addColumn(rows, name, words)
      continue
    }
    finish()
    rows = new KeyspaceRows()
    const [keyspace, table] = words[0]!.split('.')
    name = [keyspace!, table!, words[1]!]
  }
  finish()
  return out
}

/** `<column> <kind> [<position>] <type>` */
function addColumn(
  rows: KeyspaceRows,
  [keyspace, table]: readonly [string, string, string],
  [column, kind, ...rest]: readonly string[],
): void {
  const position = /^\d+$/.test(rest[0]!) ? Number(rest[0]) : -1
  const type = rest.slice(position < 0 ? 0 : 1).join(' ')
  const columns = rows.columns.get(table) ?? new Map()
  columns.set(column, { keyspace, table, column: column!, kind: kind!, position, type })
  rows.columns.set(table, columns)
}
