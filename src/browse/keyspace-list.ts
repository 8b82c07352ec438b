/**
 * Keyspaces with their tables, and what one table is made of. Called for the tree and the tab Schema.
 * Read from the servers at each call: a table that was made a moment ago is there.
 * Invariant: a figure that the servers do not know is null, never 0.
 * Spec: ui 5.7.
 */
import type { DataTableInfo, KeyspaceInfo, TableColumnInfo } from '../api-v1-data.ts'
import { isScamanderError } from '../base/scamander-error.ts'
import {
  CASSANDRA_ERRORS,
  type ControlSession,
  qualifiedName,
  type Row,
} from '../cassandra/index.ts'
import { formatCqlType } from '../cql/index.ts'

const SYSTEM = /^system(_|$)|^dse(_|$)/

export async function listKeyspaces(control: ControlSession): Promise<KeyspaceInfo[]> {
  const [keyspaces, tables] = await Promise.all([
    control.execute('SELECT keyspace_name FROM system_schema.keyspaces'),
    control.execute('SELECT keyspace_name, table_name FROM system_schema.tables'),
  ])
  const byKeyspace = Map.groupBy(tables, row => String(row['keyspace_name']))
  return keyspaces
    .map(row => String(row['keyspace_name']))
    .sort()
    .map(name => ({
      name,
      isSystem: SYSTEM.test(name),
      tables: (byKeyspace.get(name) ?? []).map(row => String(row['table_name'])).sort(),
    }))
}

export async function describeTable(
  control: ControlSession,
  keyspace: string,
  table: string,
): Promise<Omit<DataTableInfo, 'isReadOnly'>> {
  const [schema, orders, ddl, partitions] = await Promise.all([
    control.table(keyspace, table),
    clusteringOrders(control, keyspace, table),
    statementOf(control, keyspace, table),
    countPartitions(control, keyspace, table),
  ])
  const columns = schema.columns.map(
    ({ name, type, kind }): TableColumnInfo => ({
      ...{ name, kind, type: formatCqlType(type) },
      order: kind === 'clustering' ? (orders.get(name) ?? 'asc') : null,
    }),
  )
  return { keyspace, name: schema.name, columns, ddl, partitions }
}

async function clusteringOrders(
  control: ControlSession,
  keyspace: string,
  table: string,
): Promise<Map<string, 'asc' | 'desc'>> {
  const rows = await control.execute(
    'SELECT column_name, clustering_order FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?',
    [keyspace, table],
  )
  const order = (row: Row) => (row['clustering_order'] === 'desc' ? 'desc' : 'asc')
  return new Map(rows.map(row => [String(row['column_name']), order(row)]))
}

/** Cassandra 4 and newer describe themselves. */
async function statementOf(
  control: ControlSession,
  keyspace: string,
  table: string,
): Promise<string | null> {
  try {
    const rows = await control.execute(`DESCRIBE TABLE ${qualifiedName(keyspace, table)}`)
    const text = rows[0]?.['create_statement']
    return typeof text === 'string' ? text : null
  } catch (error) {
    // Older servers do not know the statement.
    if (isScamanderError(error) && error.kind !== 'disconnected') return null
    throw error
  }
}

/** Of the ranges of the node that answers, times the nodes: an estimate that servers renew now and then. */
async function countPartitions(
  control: ControlSession,
  keyspace: string,
  table: string,
): Promise<string | null> {
  try {
    const rows = await control.execute(
      'SELECT partitions_count FROM system.size_estimates WHERE keyspace_name = ? AND table_name = ?',
      [keyspace, table],
    )
    if (rows.length === 0) return null
    const sum = rows.reduce((all, row) => all + BigInt(String(row['partitions_count'])), 0n)
    return String(sum * BigInt(Math.max(1, control.localNodes.length)))
  } catch (error) {
    if (isScamanderError(error) && error.code === CASSANDRA_ERRORS.CONNECTION_LOST.code) throw error
    return null
  }
}
