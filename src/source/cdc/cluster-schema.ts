/**
 * The schema of a live cluster as rows for a SchemaCatalog, read over one connection to one node.
 * Called when an agent starts or meets an unknown table, and by `cdc dump --contact-point`.
 * Spec: commit-log 10.1.
 */
import type { LinkRow, NodeLink } from '../../cassandra/index.ts'
import { type SchemaRows, toOptions } from '../../commitlog/index.ts'
import type { CqlValue } from '../../cql/index.ts'

/** Columns of system tables are "dropped" at the end of time. */
const FOREVER_MS = 2n ** 53n

export async function fetchSchema(link: NodeLink): Promise<SchemaRows> {
  const select = (columns: string, table: string) =>
    link.rows(`SELECT ${columns} FROM system_schema.${table}`)
  const [tables, views, columns, dropped, types, keyspaces] = await Promise.all([
    select('*', 'tables'),
    select('*', 'views'),
    select('keyspace_name, table_name, column_name, kind, position, type', 'columns'),
    select('keyspace_name, table_name, column_name, kind, dropped_time, type', 'dropped_columns'),
    select('keyspace_name, type_name, field_names, field_types', 'types'),
    select('keyspace_name, replication, durable_writes', 'keyspaces'),
  ])
  return {
    tables: [
      ...tables.map(row => tableOf(row, text(row['table_name']))),
      ...views.map(row => tableOf(row, text(row['view_name']))),
    ],
    columns: columns.map(row => ({ ...placeOf(row), position: Number(row['position']) })),
    droppedColumns: dropped.map(row => {
      const time = row['dropped_time']
      const droppedAtMs = typeof time === 'bigint' && time < FOREVER_MS ? time : FOREVER_MS
      return { ...placeOf(row), droppedAtMs }
    }),
    types: types.map(row => ({
      ...{ keyspace: text(row['keyspace_name']), name: text(row['type_name']) },
      fieldNames: texts(row['field_names']),
      fieldTypes: texts(row['field_types']),
    })),
    keyspaces: keyspaces.map(row => ({
      keyspace: text(row['keyspace_name']),
      replication: toOptions((row['replication'] ?? []) as readonly CqlValue[]),
      durableWrites: row['durable_writes'] !== false,
    })),
  }
}

function tableOf(row: LinkRow, table: string) {
  return {
    ...{ keyspace: text(row['keyspace_name']), table, id: text(row['id']) },
    isCdc: row['cdc'] === true,
    isCounter: texts(row['flags']).includes('counter'),
  }
}

function placeOf(row: LinkRow) {
  return {
    ...{ keyspace: text(row['keyspace_name']), table: text(row['table_name']) },
    ...{ column: text(row['column_name']), kind: text(row['kind']), type: text(row['type']) },
  }
}

function text(value: CqlValue | undefined): string {
  return String(value ?? '')
}

function texts(value: CqlValue | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
