/**
 * Reads the schema of one table from system_schema, types resolved, user-defined types included.
 * Called by the control session on demand; nothing is cached here.
 * Invariant: a missing keyspace or table is a `config` error that tells the nearest name.
 */
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { type CqlType, parseCqlType } from '../../cql/index.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { ColumnKind, ColumnSchema, TableSchema } from '../topology.ts'
import { suggest } from './suggestion.ts'

export type Row = Readonly<Record<string, unknown>>
export type Query = (cql: string, params?: readonly unknown[]) => Promise<Row[]>

const KIND_ORDER: readonly ColumnKind[] = ['partition_key', 'clustering', 'static', 'regular']

/** Names without quotes, case kept. */
export async function readTable(
  query: Query,
  keyspace: string,
  table: string,
): Promise<TableSchema> {
  const rows = await query(
    'SELECT column_name, type, kind, position FROM system_schema.columns' +
      ' WHERE keyspace_name = ? AND table_name = ?',
    [keyspace, table],
  )
  if (rows.length === 0) throw await missing(query, keyspace, table)
  const lookup = await readUserTypes(query, keyspace)
  const columns = rows
    .filter(row => row['type'] !== 'empty') // placeholder of compact tables
    .map(row => toColumn(row, `${keyspace}.${table}`, lookup))
    .sort(compareColumns)
  return {
    keyspace,
    name: table,
    columns,
    partitionKey: columns.filter(column => column.kind === 'partition_key'),
    clusteringKey: columns.filter(column => column.kind === 'clustering'),
    isCounter: columns.some(column => column.type.kind === 'counter'),
  }
}

type UserTypes = (name: string, keyspace: string | undefined) => CqlType | undefined

/** Types may use each other; each is parsed when it is first needed. */
async function readUserTypes(query: Query, keyspace: string): Promise<UserTypes> {
  const rows = await query(
    'SELECT type_name, field_names, field_types FROM system_schema.types WHERE keyspace_name = ?',
    [keyspace],
  )
  const raw = new Map(rows.map(row => [String(row['type_name']), row]))
  const parsed = new Map<string, CqlType>()
  const lookup: UserTypes = (name, from) => {
    if (from !== undefined && from !== keyspace) return undefined
    const known = parsed.get(name)
    const row = raw.get(name)
    if (known !== undefined || row === undefined) return known
    const types = row['field_types'] as string[]
    const fields = (row['field_names'] as string[]).map((field, i) => ({
      name: field,
      type: parseCqlType(types[i]!, lookup),
    }))
    const type: CqlType = { kind: 'udt', keyspace, name, fields, frozen: false }
    parsed.set(name, type)
    return type
  }
  return lookup
}

function toColumn(row: Row, table: string, lookup: UserTypes): ColumnSchema {
  const name = String(row['column_name'])
  try {
    return {
      name,
      type: parseCqlType(String(row['type']), lookup),
      kind: row['kind'] as ColumnKind,
      position: Number(row['position']),
    }
  } catch (cause) {
    throw new ScamanderError(
      CASSANDRA_ERRORS.SCHEMA_UNREADABLE,
      `expected a known type of column ${name} of ${table}, found ${row['type']}: ${messageOf(cause)}`,
      { cause },
    )
  }
}

function compareColumns(a: ColumnSchema, b: ColumnSchema): number {
  const kinds = KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind)
  if (kinds !== 0) return kinds
  return a.position - b.position || (a.name < b.name ? -1 : 1)
}

async function missing(query: Query, keyspace: string, table: string): Promise<ScamanderError> {
  const tables = await query(
    'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?',
    [keyspace],
  )
  if (tables.length > 0 || (await hasKeyspace(query, keyspace))) {
    const names = tables.map(row => String(row['table_name']))
    return new ScamanderError(
      CASSANDRA_ERRORS.TABLE_UNKNOWN,
      `expected table "${table}" in keyspace "${keyspace}", found none${suggest(table, names)}`,
    )
  }
  return await missingKeyspace(query, keyspace)
}

async function hasKeyspace(query: Query, keyspace: string): Promise<boolean> {
  const cql = 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?'
  return (await query(cql, [keyspace])).length > 0
}

/** The error for a keyspace that does not exist. */
export async function missingKeyspace(query: Query, keyspace: string): Promise<ScamanderError> {
  const rows = await query('SELECT keyspace_name FROM system_schema.keyspaces')
  const names = rows
    .map(row => String(row['keyspace_name']))
    .filter(name => name === keyspace.toLowerCase() || !/^system(_|$)/.test(name))
  return new ScamanderError(
    CASSANDRA_ERRORS.KEYSPACE_UNKNOWN,
    `expected keyspace "${keyspace}", found none of that name${suggest(keyspace, names)}`,
  )
}

/** The column, or the error that a mapping shows. */
export function requireColumn(table: TableSchema, name: string): ColumnSchema {
  const column = table.columns.find(one => one.name === name)
  if (column !== undefined) return column
  const names = table.columns.map(one => one.name)
  throw new ScamanderError(
    CASSANDRA_ERRORS.COLUMN_UNKNOWN,
    `expected column "${name}" in table ${table.keyspace}.${table.name}, found none${suggest(name, names)}`,
  )
}
