/**
 * Finds a table and its columns by the names of a configuration, where case may or may not count.
 * Used by both query sources when they plan and when they open.
 * Invariant: an exact name wins; else the name in lower case, as CQL has it without quotes.
 */
import { isScamanderError, ScamanderError } from '../../base/scamander-error.ts'
import {
  CASSANDRA_ERRORS,
  type ColumnSchema,
  type ControlSession,
  nearestName,
  type TableSchema,
} from '../../cassandra/index.ts'
import { QUERY_SOURCE_ERRORS } from './errors.ts'

export async function findTable(
  control: Pick<ControlSession, 'table'>,
  keyspace: string,
  table: string,
): Promise<TableSchema> {
  const lower = [keyspace.toLowerCase(), table.toLowerCase()] as const
  try {
    return await control.table(keyspace, table)
  } catch (error) {
    const isExact = lower[0] === keyspace && lower[1] === table
    if (isExact || !isMissing(error)) throw error
    try {
      return await control.table(...lower)
    } catch {
      throw error
    }
  }
}

/** `where` says whose column it is, for messages. */
export function findColumn(table: TableSchema, name: string, where: string): ColumnSchema {
  const found =
    table.columns.find(column => column.name === name) ??
    table.columns.find(column => column.name === name.toLowerCase())
  if (found !== undefined) return found
  const known = table.columns.map(column => column.name).join(', ')
  const message = `${where}: expected a column of ${table.keyspace}.${table.name} (${known}), found ${name}${hintFor(name, table)}`
  throw new ScamanderError(QUERY_SOURCE_ERRORS.COLUMN, message)
}

function hintFor(name: string, { columns }: TableSchema): string {
  const near = nearestName(
    name,
    columns.map(column => column.name),
  )
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** The keyspace or the table is not there. */
export function isMissing(error: unknown): error is ScamanderError {
  if (!isScamanderError(error)) return false
  const { KEYSPACE_UNKNOWN, TABLE_UNKNOWN } = CASSANDRA_ERRORS
  return error.code === KEYSPACE_UNKNOWN.code || error.code === TABLE_UNKNOWN.code
}
