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
  /** Of a custom field: its name, the column that it is copied to, and whether the space still has it. */
  readonly field?: { readonly name: string; readonly column: string; readonly isGone: boolean }
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

/** Of a first load; a page has 100 rows at most. */
const REQUESTS: Readonly<Record<CatalogueTable['iteration'], string>> = {
  space: '1',
  project: 'one per project',
  directory: 'one per folder',
  repository: 'one per repository',
  'pull-request': 'one per pull request',
  issue: 'one per issue',
  wiki: 'one per wiki page',
  user: 'one per user',
}

function requestsOf(table: CatalogueTable): string {
  const { kind, name, detail, method, iteration, paging } = table
  if (detail !== undefined) return 'one per parent that has some'
  if (kind === 'derived') return '0'
  if (name === 'Issues') return 'one per 90 issues'
  if (method === 'LIST-DIFF') return 'one per wiki page'
  if (method === 'UPDATED-SORT') return 'two per project'
  return iteration === 'space' && paging === 'id' ? 'one per 100 rows' : REQUESTS[iteration]
}

function toBacklogTable(table: CatalogueTable): SourceTable {
  const info: SourceTableInfo = {
    ...{ name: table.name, kind: table.kind, key: table.key, method: table.method },
    ...(table.parent === undefined ? {} : { parent: table.parent }),
    checkColumn: table.check ?? null,
    requests: requestsOf(table),
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

/** `withFields`: custom fields are columns of their own. */
export function defaultColumns(table: SourceTable, withFields = false): ColumnSpec[] {
  return table.columns.map(({ name, cql, field }) => {
    const isOff = table.catalogue?.off?.includes(name) === true
    return {
      on: field === undefined ? !isOff : withFields && !field.isGone,
      source: name,
      expression: null,
      name: field?.column ?? toSnake(name),
      type: cql,
      key: keyRoleOf(table, name),
    }
  })
}

function keyRoleOf({ key, partition, catalogue }: SourceTable, name: string): KeyRole {
  const place = key.indexOf(name)
  if (place < 0) return 'none'
  if (place < partition) return 'partition'
  const isDescending = catalogue?.isDescending === true && place === key.length - 1
  return isDescending ? 'clustering_desc' : 'clustering_asc'
}
