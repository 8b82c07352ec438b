/**
 * A table of a source as tasks see it, whatever the source is, and the columns that a new task has.
 * Made from the Backlog catalogue or from a table of Cassandra.
 * Spec: backlog-replication 1.7, 2.5, 2.7.
 */
import type { ColumnSpec, KeyRole, SourceTableInfo, SourceType } from '../api-v1.ts'
import type { TableSchema } from '../cassandra/index.ts'
import { formatCqlType } from '../cql/index.ts'
import { CATALOGUE, type CatalogueTable } from '../source/index.ts'
import { cqlTypesFor, sourceTypeOf } from './cell-value.ts'

export interface SourceColumn {
  readonly name: string
  readonly type: SourceType
  readonly cql: string
}

export interface SourceTable {
  readonly name: string
  readonly columns: readonly SourceColumn[]
  readonly key: readonly string[]
  /** How many of the key make the partition key. */
  readonly partition: number
  readonly info: SourceTableInfo
  /** Of Backlog. */
  readonly catalogue?: CatalogueTable
}

export function backlogTables(): SourceTable[] {
  return CATALOGUE.map(toBacklogTable)
}

function toBacklogTable(table: CatalogueTable): SourceTable {
  const requests = {
    space: '1',
    project: 'one per project',
    repository: 'one per repository',
    issue: 'one per issue',
  }
  const info: SourceTableInfo = {
    ...{ name: table.name, kind: table.kind, key: table.key, method: table.method },
    ...(table.parent === undefined ? {} : { parent: table.parent }),
    checkColumn: table.check ?? null,
    requests:
      table.kind === 'derived'
        ? '0'
        : table.name === 'Issues'
          ? 'one per 90 issues'
          : requests[table.iteration],
    description:
      table.parent === undefined ? `GET ${table.path}` : `${table.member} of ${table.parent}`,
  }
  const columns = table.columns.map(one => ({
    name: one.name,
    type: one.type,
    cql: cqlTypesFor(one.type)[0]!,
  }))
  return {
    name: table.name,
    columns,
    key: table.key,
    partition: table.partition,
    info,
    catalogue: table,
  }
}

export function cassandraTable(schema: TableSchema): SourceTable {
  const key = [...schema.partitionKey, ...schema.clusteringKey].map(one => one.name)
  // What an earlier job noted of its own is no data.
  const own = schema.columns.filter(one => !one.name.startsWith('_sc_'))
  const columns = own.map(({ name, type }) => {
    const isPlain = cqlTypesFor(sourceTypeOf(type)).includes(formatCqlType(type))
    return {
      name,
      type: sourceTypeOf(type),
      cql: isPlain ? formatCqlType(type) : cqlTypesFor(sourceTypeOf(type))[0]!,
    }
  })
  const info: SourceTableInfo = {
    name: schema.name,
    kind: 'table',
    key,
    checkColumn: null,
    method: 'FULL-HASH',
    requests: 'a full scan',
    description: `${schema.keyspace}.${schema.name}`,
  }
  return { name: schema.name, columns, key, partition: schema.partitionKey.length, info }
}

export function toSnake(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}

export function defaultColumns(table: SourceTable): ColumnSpec[] {
  return table.columns.map(({ name, cql }) => {
    const place = table.key.indexOf(name)
    const key: KeyRole =
      place < 0 ? 'none' : place < table.partition ? 'partition' : 'clustering_asc'
    return { on: true, source: name, expression: null, name: toSnake(name), type: cql, key }
  })
}
