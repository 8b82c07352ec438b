/**
 * Makes a statement stale when its table changes in any way, so that the sink opens it anew: where
 * columns are found by name, a column that was added is a column to write.
 * Called when such a table is opened. Prepared statements that no longer fit are found elsewhere.
 * Invariant: holds no statement; a listener leaves with its statement or after it fired.
 */
import type { WriteStatement } from '../../cassandra/index.ts'
import type { TableSession } from './opened-table.ts'

export function staleOnTableChange(
  { control }: TableSession,
  statement: WriteStatement,
  of: { keyspace: string; table: string },
): void {
  const ref = new WeakRef(statement)
  const leave = control.onSchemaChange(({ change, keyspace, table }) => {
    const watched = ref.deref()
    const concerns = change === 'unknown' || (keyspace === of.keyspace && table === of.table)
    if (watched !== undefined && !concerns) return
    if (watched !== undefined) watched.isStale = true
    leave()
  })
}
