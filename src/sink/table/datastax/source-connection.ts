/**
 * The keys of the DataStax dialect that say how to reach a cluster, for sources of that dialect:
 * the sink's own declarations without what only writing needs.
 * Used by the token-range source; the one thing that sources take from the sink room.
 * Spec: cassandra-sink 3.1-3.3, 3.7, 11.8.
 */
import type { CassandraConnectionSettings } from '../../../cassandra/index.ts'
import type { CheckContext, Settings } from '../../../config/index.ts'
import { toConnectionSettings } from '../connection-settings.ts'
import { authOf, connectionOf, sslOf } from './assemble.ts'
import {
  checkAuth,
  checkCloud,
  checkContact,
  checkReconnect,
  checkSsl,
  type GlobalSettings,
  isCloud,
} from './checks.ts'
import { connectionFields } from './connection-fields.ts'
import { driverFields } from './driver-fields.ts'
import { securityFields } from './security-fields.ts'

const {
  maxConcurrentRequests,
  maxRecordsInBatch,
  ignoreErrors,
  errorAttemptsMax,
  jmx,
  jmxDomain,
  highestLatencySeconds,
  batchBy,
  compatStrict,
  compat: _compat,
  ...readingFields
} = connectionFields

// The source has a page size of its own, to which the driver's option is an alias.
const { pageSize, ...otherDriverFields } = driverFields

export const datastaxSourceFields = { ...readingFields, ...securityFields, ...otherDriverFields }
export type DatastaxSourceSettings = Settings<typeof datastaxSourceFields>

/** What the sink's rules and assembly ask for beside. */
const WRITING = {
  maxConcurrentRequests: maxConcurrentRequests.defaultValue,
  maxRecordsInBatch: maxRecordsInBatch.defaultValue,
  ignoreErrors: ignoreErrors.defaultValue,
  errorAttemptsMax: errorAttemptsMax.defaultValue,
  jmx: jmx.defaultValue,
  jmxDomain: jmxDomain.defaultValue,
  highestLatencySeconds: highestLatencySeconds.defaultValue,
  batchBy: batchBy.defaultValue,
  compatStrict: compatStrict.defaultValue,
  compat: [],
  pageSize: pageSize.defaultValue,
}

const CHECKS = [checkContact, checkAuth, checkSsl, checkCloud, checkReconnect]

export function datastaxSourceChecks(
  settings: DatastaxSourceSettings,
  context: CheckContext,
): void {
  for (const check of CHECKS) check(withWriting(settings), context)
}

/** Loads key stores and bundles; errors name the configuration key. */
export async function toDatastaxSourceConnection(
  settings: DatastaxSourceSettings,
  sessionName: string,
): Promise<CassandraConnectionSettings> {
  const all = withWriting(settings)
  const cloud = isCloud(all) ? { bundle: all.bundle } : undefined
  const parts = { connection: connectionOf(all), auth: authOf(all), ssl: sslOf(all), cloud }
  return await toConnectionSettings(parts, sessionName)
}

function withWriting(settings: DatastaxSourceSettings): GlobalSettings {
  return { ...settings, ...WRITING }
}
