/**
 * What every reader of a KCQL table works with: the table found, its columns chosen, statements
 * prepared, and its source partition. Made when the source opens.
 * Invariant: the primary key and the column of PK are always read, shown or not.
 * Spec: cassandra-sink 11.3, 11.5.
 */
import { assert } from '../../../base/assert.ts'
import { isScamanderError, ScamanderError } from '../../../base/scamander-error.ts'
import {
  CASSANDRA_ERRORS,
  type ColumnSchema,
  qualifiedName,
  quoteIdentifier,
  type ReadStatement,
  type TableSchema,
} from '../../../cassandra/index.ts'
import { CONSISTENCY, type CqlType } from '../../../cql/index.ts'
import type { SourcePartition } from '../../../flow/index.ts'
import { KCQL_KEY, placeIn } from '../../../sink/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { typeText } from '../cell-reader.ts'
import { QUERY_SOURCE_ERRORS } from '../errors.ts'
import { schemaNameOf } from '../row-shape.ts'
import { findColumn, findTable, isMissing } from '../table-name.ts'
import type { TableSession } from '../table-session.ts'
import type { TableWatch } from '../table-watch.ts'
import { RecordMaker, type ShownColumn } from './record-maker.ts'
import { BUCKET_COLUMN_KEY, type KcqlSourceSettings } from './source-config.ts'
import type { SourceStatement } from './source-plan.ts'

/** Of DSE Search: what is asked for. */
export const SEARCH_COLUMN = 'solr_query'

export interface TableQuery {
  readonly session: TableSession
  readonly settings: KcqlSourceSettings
  readonly statement: SourceStatement
  readonly table: TableSchema
  /** The column of PK; undefined in mode bulk. */
  readonly keyColumn: ColumnSchema | undefined
  /** Everything that is read, in order. */
  readonly columns: readonly ColumnSchema[]
  readonly shown: readonly ShownColumn[]
  readonly partition: SourcePartition
  readonly pageSize: number
  readonly logger: Logger
}

/** The table of a statement, wherever it is written. */
export async function findStatementTable(
  session: TableSession,
  settings: KcqlSourceSettings,
  statement: SourceStatement,
): Promise<TableSchema> {
  const [first = '', second] = statement.table.split('.')
  const [keyspace, table] = second === undefined ? [settings.keyspace, first] : [first, second]
  try {
    return await findTable(session.control, keyspace, table)
  } catch (error) {
    if (!isMissing(error)) throw error
    const { KEYSPACE_UNKNOWN, TABLE_UNKNOWN } = CASSANDRA_ERRORS
    const isKeyspace = error.code === KEYSPACE_UNKNOWN.code
    const place = placeText(settings, statement, statement.table)
    const where = isKeyspace && second === undefined ? 'connect.cassandra.key.space' : place
    const declaration = isKeyspace ? KEYSPACE_UNKNOWN : TABLE_UNKNOWN
    throw new ScamanderError(declaration, `${where}: ${error.message}`, { cause: error })
  }
}

export function toTableQuery(
  statement: SourceStatement,
  table: TableSchema,
  parts: Pick<TableQuery, 'session' | 'settings' | 'logger'>,
): TableQuery {
  const { settings } = parts
  const find = (name: string) => findColumn(table, name, placeText(settings, statement, name))
  const ignored = new Set(statement.ignored.map(name => find(name).name))
  const selected: ShownColumn[] =
    statement.columns === undefined
      ? allColumns(table, statement).map(column => ({ column, alias: column.name }))
      : statement.columns.map(({ name, alias }) => {
          const column = find(name)
          // A name that was written in another case shows as the column has it.
          return { column, alias: alias === name ? column.name : alias }
        })
  const shown = selected.filter(({ column }) => !ignored.has(column.name))
  const keyColumn = statement.keyColumn === undefined ? undefined : find(statement.keyColumn)
  for (const name of statement.withKey) {
    checkKey(name, { shown, find, table, where: placeText(settings, statement, name) })
  }
  if (statement.mode === 'bucket') checkBucketColumn(table, settings)
  if (statement.mode === 'search') checkSearch(statement, table, settings)
  const own = [...table.partitionKey, ...table.clusteringKey]
  const all = [...selected.map(one => one.column), ...(keyColumn ? [keyColumn] : []), ...own]
  return {
    ...parts,
    statement,
    table,
    keyColumn,
    columns: [...new Set(all)],
    shown,
    partition: partitionOf(statement),
    pageSize: Math.min(settings.fetchSize, settings.batchSize),
  }
}

/** The column that DSE Search adds is a way to ask, not data. */
function allColumns({ columns }: TableSchema, { mode }: SourceStatement): readonly ColumnSchema[] {
  return mode === 'search' ? columns.filter(one => one.name !== SEARCH_COLUMN) : columns
}

/** Found with a table that has a search index. */
function checkSearch(
  statement: SourceStatement,
  table: TableSchema,
  settings: KcqlSourceSettings,
): void {
  if (table.columns.some(one => one.name === SEARCH_COLUMN)) return
  const place = placeText(settings, statement, statement.table)
  const message = `${place}: INCREMENTALMODE DSESEARCHTIMESTAMP needs DSE Search: expected a table with a search index (column ${SEARCH_COLUMN}), found ${table.keyspace}.${table.name} without`
  throw new ScamanderError(QUERY_SOURCE_ERRORS.COLUMN, message)
}

/** Buckets are asked for by their texts. */
function checkBucketColumn(table: TableSchema, { bucketColumn }: KcqlSourceSettings): void {
  const { name, type } = findColumn(table, bucketColumn, BUCKET_COLUMN_KEY)
  if (type.kind === 'text' || type.kind === 'ascii') return
  const message = `${BUCKET_COLUMN_KEY}: expected a column of type text or ascii, found ${name} ${typeText(type)} in ${table.keyspace}.${table.name}`
  throw new ScamanderError(QUERY_SOURCE_ERRORS.COLUMN, message)
}

/** `connect.cassandra.kcql line 1:20`: where a name of the statement stands. */
export function placeText(
  { kcql }: Pick<KcqlSourceSettings, 'kcql'>,
  statement: SourceStatement,
  name: string,
): string {
  return kcql === undefined ? KCQL_KEY : placeIn(kcql, statement.places.get(name) ?? 0)
}

/** A name of WITHKEY is that of a shown column or its alias: a key is never shorter than asked. */
function checkKey(
  name: string,
  {
    shown,
    find,
    table,
    where,
  }: Pick<TableQuery, 'shown' | 'table'> & {
    readonly find: (name: string) => ColumnSchema
    readonly where: string
  },
): void {
  if (shown.some(one => one.alias === name || one.column.name === name)) return
  const { name: found } = find(name)
  if (shown.some(one => one.column.name === found)) return
  const message = `${where}: WITHKEY: expected a column that is selected, found ${found} of ${table.keyspace}.${table.name}`
  throw new ScamanderError(QUERY_SOURCE_ERRORS.COLUMN, message)
}

export function partitionOf(statement: SourceStatement): SourcePartition {
  return { 'connect.cassandra.assigned.tables': statement.table }
}

/** `SELECT … FROM …` with what follows. */
export async function prepareSelect(query: TableQuery, rest: string): Promise<ReadStatement> {
  const { session, table, columns, settings } = query
  const names = columns.map(column => quoteIdentifier(column.name)).join(', ')
  const from = qualifiedName(table.keyspace, table.name)
  const cql = `SELECT ${names} FROM ${from}${rest}`
  const level = settings.consistency === '' ? 'LOCAL_ONE' : settings.consistency
  try {
    return await session.prepare(cql, table.keyspace, CONSISTENCY[level])
  } catch (error) {
    if (!isScamanderError(error, 'config')) throw error
    const { statement } = query
    const place = placeText(settings, statement, statement.table)
    const message = `${place}: ${error.message}`
    throw new ScamanderError(CASSANDRA_ERRORS.STATEMENT_REFUSED, message, { cause: error })
  }
}

export function recordMaker(query: TableQuery, prepared: ReadStatement): RecordMaker {
  const { statement, shown, table, settings } = query
  return new RecordMaker({
    statement,
    prepared,
    shown,
    schemaName: schemaNameOf(table.keyspace, table.name),
    collectionsAsJson: settings.collectionsAsJson,
  })
}

/** The column of PK has a type that the mode can go by; asked before anything is prepared. */
export function checkKeyKind(query: TableQuery, kinds: readonly CqlType['kind'][]): void {
  const { keyColumn, table, statement, settings } = query
  if (keyColumn !== undefined && kinds.includes(keyColumn.type.kind)) return
  const found = keyColumn === undefined ? 'none' : `${keyColumn.name} ${typeText(keyColumn.type)}`
  const message = `${placeText(settings, statement, statement.keyColumn ?? '')}: PK: expected a column of type ${kinds.join(' or ')} for this mode, found ${found} in ${table.keyspace}.${table.name}`
  throw new ScamanderError(QUERY_SOURCE_ERRORS.COLUMN, message)
}

/** Where the column of PK is in the result: it is always read. */
export function keyIndex({ keyColumn }: TableQuery, prepared: ReadStatement): number {
  const index = prepared.columns.findIndex(column => column.name === keyColumn?.name)
  assert(index >= 0, 'the column of PK is read')
  return index
}

/** What readers share while the source is open. */
export interface ReaderContext {
  readonly watch: TableWatch
}
