/**
 * The keys of the classic KCQL dialect that a source has as well: how to reach the cluster, what to
 * do with errors, the KCQL text itself. The declarations are the sink's own.
 * Used by the KCQL source; the other thing that sources take from the sink room.
 * Spec: cassandra-sink 10.4, 11.2.
 */
import type { CassandraConnectionSettings } from '../../../cassandra/index.ts'
import type { Settings } from '../../../config/index.ts'
import { toConnectionSettings } from '../connection-settings.ts'
import { CLASSIC_KEY_NAMES, connectionThrough } from './assemble-classic.ts'
import { classicFields } from './classic-fields.ts'

export { aliasCheck } from './alias-checks.ts'
export { KCQL_KEY } from './shared-fields.ts'
export { insertsOf, placeIn, reportAt } from './statement-checks.ts'

const {
  kcql: _kcql,
  threadpoolSize,
  fetchSize: _fetchSize,
  defaultValue: _defaultValue,
  deleteEnabled: _deleteEnabled,
  deleteStatement: _deleteStatement,
  deleteFields: _deleteFields,
  ignoreTombstones: _ignoreTombstones,
  oldSource: _oldSource,
  oldImport: _oldImport,
  ...connectionFields
} = classicFields

export const kcqlSourceFields = connectionFields
export type KcqlSourceConnection = Settings<typeof kcqlSourceFields>

/** Loads key stores; errors name the keys of the DataStax dialect that these stand for. */
export async function toKcqlSourceConnection(
  settings: KcqlSourceConnection,
  sessionName: string,
): Promise<CassandraConnectionSettings> {
  const all = { ...settings, threadpoolSize: threadpoolSize.defaultValue }
  const { connection, auth, ssl, cloud } = connectionThrough(all)
  // Queries name their keyspace: one that is not there is told when its table is looked for.
  const own = {
    sessionKeyspace: undefined,
    localDc: settings.localDc,
    keyNames: CLASSIC_KEY_NAMES,
  }
  const parts = { connection: { ...connection, ...own }, auth, ssl, cloud }
  return await toConnectionSettings(parts, sessionName)
}
