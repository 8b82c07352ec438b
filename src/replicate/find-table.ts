/**
 * Looks a table of the destination up; one that is not there is no error.
 * Used by plans and runs before they compare it with what a task wants.
 * Spec: backlog-replication 2.8.
 */
import type { TableSchema } from '../cassandra/index.ts'

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
