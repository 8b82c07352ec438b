/**
 * Looks a table of the destination up, and whether it has rows; one that is not there is no error.
 * Used by plans and runs before they compare it with what a task wants.
 * Spec: backlog-replication 2.8.
 */
import { qualifiedName, type TableSchema } from '../cassandra/index.ts'

export async function findTable(
  control: {
    execute(cql: string, params?: readonly unknown[]): Promise<unknown[]>
    table(keyspace: string, table: string): Promise<TableSchema>
  },
  keyspace: string,
  table: string,
): Promise<TableSchema | undefined> {
  const rows = await control.execute(
    'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?',
    [keyspace, table],
  )
  return rows.length === 0 ? undefined : await control.table(keyspace, table)
}

/** One that cannot be looked into may have some. */
export async function hasRows(
  control: { execute(cql: string): Promise<unknown[]> },
  keyspace: string,
  table: string,
): Promise<boolean> {
  try {
    const cql = `SELECT * FROM ${qualifiedName(keyspace, table)} LIMIT 1`
    return (await control.execute(cql)).length > 0
  } catch {
    // Writing needs no right to read.
    return true
  }
}
