/**
 * The table of a token-range source and the statement that reads it, found on a cluster. What does
 * not fit is told with the key of the configuration that names it.
 * Used when the source plans, when it opens, and by the check of its configuration.
 * Spec: cassandra-sink 11.8.
 */
import { assert } from '../../../base/assert.ts'
import { isScamanderError, ScamanderError } from '../../../base/scamander-error.ts'
import {
  CASSANDRA_ERRORS,
  type ReadStatement,
  type SchemaLink,
  type TableSchema,
} from '../../../cassandra/index.ts'
import { CONSISTENCY } from '../../../cql/index.ts'
import { findTable, isMissing } from '../table-name.ts'
import { checkingSession, type TableSession } from '../table-session.ts'
import { type TokenRangeSettings, tableOf } from './scan-config.ts'
import { defaultQuery, fitQuery, readQuery } from './scan-query.ts'

export async function findScanTable(
  control: Pick<TableSession['control'], 'table'>,
  settings: TokenRangeSettings,
): Promise<TableSchema> {
  const { keyspace, table } = tableOf(settings)
  try {
    return await findTable(control, keyspace, table)
  } catch (error) {
    if (!isMissing(error)) throw error
    const isKeyspace = error.code === CASSANDRA_ERRORS.KEYSPACE_UNKNOWN.code
    const key = isKeyspace ? keyspaceKey(settings) : tableKey(settings)
    const declaration = isKeyspace
      ? CASSANDRA_ERRORS.KEYSPACE_UNKNOWN
      : CASSANDRA_ERRORS.TABLE_UNKNOWN
    throw new ScamanderError(declaration, `${key}: ${error.message}`, { cause: error })
  }
}

function keyspaceKey({ query }: TokenRangeSettings): string {
  const isInQuery = query !== '' && tableOf({ query, keyspace: '', table: '' }).keyspace !== ''
  return isInQuery ? 'query' : 'keyspace'
}

function tableKey({ query }: TokenRangeSettings): string {
  return query === '' ? 'table.name.format' : 'query'
}

/** The statement, and what had to be changed in a query that was given. */
export async function prepareScan(
  session: Pick<TableSession, 'prepare'>,
  settings: TokenRangeSettings,
  table: TableSchema,
): Promise<{ readonly statement: ReadStatement; readonly note: string | undefined }> {
  const { cql, note } = queryOf(settings, table)
  const consistency = CONSISTENCY[settings.driverConsistency]
  try {
    return { statement: await session.prepare(cql, table.keyspace, consistency), note }
  } catch (error) {
    if (!isScamanderError(error, 'config')) throw error
    const message = `${tableKey(settings)}: ${error.message}`
    throw new ScamanderError(CASSANDRA_ERRORS.STATEMENT_REFUSED, message, { cause: error })
  }
}

/** Finds and prepares as a task would and reads nothing; throws what is wrong. */
export async function tryScan(settings: TokenRangeSettings, link: SchemaLink): Promise<void> {
  const session = checkingSession(link)
  const table = await findScanTable(session.control, settings)
  await prepareScan(session, settings, table)
}

function queryOf(settings: TokenRangeSettings, table: TableSchema) {
  if (settings.query === '') return { cql: defaultQuery(table), note: undefined }
  const read = readQuery(settings.query)
  assert(!('problem' in read), 'the query was checked')
  return fitQuery(read, table)
}
