/**
 * Turns the classic KCQL sink's keys into the settings of the table sink: the connection through the
 * keys of the DataStax dialect, so that both mean the same, the tables as selections.
 * Called by `parseClassicKcqlSink` only, after every check passed.
 * Spec: cassandra-sink 10.3-10.5.
 */
import { assert } from '../../../base/assert.ts'
import { type ConfigEntry, type ConfigSource, parseConfig } from '../../../config/index.ts'
import type { KcqlInsert, KcqlText } from '../../../kcql/index.ts'
import { CODEC_DEFAULTS } from '../conversion/index.ts'
import { assembleSettings } from '../datastax/assemble.ts'
import { datastaxSinkConfig } from '../datastax/config.ts'
import { DRIVER } from '../datastax/connection-fields.ts'
import type {
  DatastaxSinkSettings,
  SelectionSettings,
  TableOrigin,
  TableSettings,
  TopicSettings,
} from '../datastax/settings.ts'
import { valueColumns } from './classic-columns.ts'
import type { ClassicSettings } from './classic-fields.ts'
import { Projection } from './projection.ts'
import { KCQL_KEY } from './shared-fields.ts'
import { insertsOf, placeIn } from './statement-checks.ts'

/** The settings that say how to reach the cluster. */
export type ClassicConnection = Pick<
  ClassicSettings,
  | 'contactPoints'
  | 'port'
  | 'localDc'
  | 'keyspace'
  | 'username'
  | 'password'
  | 'sslEnabled'
  | 'truststore'
  | 'truststorePassword'
  | 'keystore'
  | 'keystorePassword'
  | 'connectTimeoutMs'
  | 'readTimeoutMs'
  | 'threadpoolSize'
>

/** For messages about the connection. */
export const CLASSIC_KEY_NAMES: ReadonlyMap<string, string> = new Map([
  ['contactPoints', 'connect.cassandra.contact.points'],
  ['port', 'connect.cassandra.port'],
  ['loadBalancing.localDc', 'connect.cassandra.local.dc'],
  ['auth.username', 'connect.cassandra.username'],
  ['auth.password', 'connect.cassandra.password'],
  ['ssl.provider', 'connect.cassandra.ssl.enabled'],
  ['ssl.truststore.path', 'connect.cassandra.trust.store.path'],
  ['ssl.keystore.path', 'connect.cassandra.key.store.path'],
])

/** Stands for a data centre that is found out when the sink connects. */
const ANY_DC = 'first-contact'

export function assembleClassic(all: ClassicSettings): DatastaxSinkSettings {
  const base = connectionThrough(all)
  const { connection } = base
  // Only a delete statement may name a table without its keyspace.
  const sessionKeyspace = all.deleteEnabled ? all.keyspace : undefined
  return {
    ...base,
    connection: {
      ...connection,
      sessionKeyspace,
      localDc: all.localDc,
      keyNames: CLASSIC_KEY_NAMES,
    },
    topics: topicsOf(all),
    progress: all.progress,
  }
}

/** The connection, and the rest of such settings with its defaults. */
export function connectionThrough(all: ClassicConnection): DatastaxSinkSettings {
  const entries = new Map<string, ConfigEntry>()
  for (const [key, value] of Object.entries(datastaxKeys(all))) {
    if (value !== undefined) entries.set(key, { value, hidden: true })
  }
  const source: ConfigSource = { entries, lints: [] }
  const { settings } = parseConfig(datastaxSinkConfig, source)
  return assembleSettings(settings).settings
}

/** The connection in the words of the DataStax dialect. */
export function datastaxKeys(all: ClassicConnection): Record<string, string | undefined> {
  const hasLogin = all.username !== '' && !all.password.isEmpty
  return {
    contactPoints: all.contactPoints.join(','),
    port: String(all.port),
    'loadBalancing.localDc': all.localDc === '' ? ANY_DC : all.localDc,
    ...(all.threadpoolSize > 0 ? { maxConcurrentRequests: String(all.threadpoolSize) } : {}),
    ...(hasLogin
      ? { 'auth.username': all.username, 'auth.password': all.password.reveal().trim() }
      : {}),
    ...(all.sslEnabled ? tlsKeys(all) : {}),
    [`${DRIVER}basic.request.timeout`]: `${all.readTimeoutMs} milliseconds`,
    [`${DRIVER}advanced.connection.connect-timeout`]: `${all.connectTimeoutMs} milliseconds`,
    [`${DRIVER}basic.session-keyspace`]: all.keyspace,
  }
}

function tlsKeys(all: ClassicConnection): Record<string, string> {
  const filled = {
    'ssl.truststore.path': all.truststore,
    'ssl.truststore.password': all.truststorePassword,
    'ssl.keystore.path': all.keystore,
    'ssl.keystore.password': all.keystorePassword,
  }
  const given = Object.entries(filled).filter(([, secret]) => !secret.isEmpty)
  return {
    'ssl.provider': 'JDK',
    // The reference does not compare names either.
    'ssl.hostnameValidation': 'false',
    ...Object.fromEntries(given.map(([key, secret]) => [key, secret.reveal()])),
  }
}

function topicsOf(all: ClassicSettings): TopicSettings[] {
  const { kcql } = all
  assert(kcql !== undefined, 'checked before')
  const byTopic = new Map<string, TableSettings[]>()
  for (const statement of insertsOf(kcql)) {
    const { text } = statement.source
    byTopic.set(text, [...(byTopic.get(text) ?? []), tableOf(all, kcql, statement)])
  }
  return [...byTopic].map(([topic, tables]) => ({
    topic,
    codec: CODEC_DEFAULTS,
    rules: 'json',
    tables,
  }))
}

function tableOf(all: ClassicSettings, kcql: KcqlText, statement: KcqlInsert): TableSettings {
  const isUnset = all.defaultValue === 'UNSET'
  const projection = Projection.of(statement, valueColumns(statement))
  const selection: SelectionSettings = {
    projection,
    delete: all.deleteEnabled ? { cql: all.deleteStatement, fields: all.deleteFields } : undefined,
    ignoreTombstones: all.ignoreTombstones,
  }
  return {
    topic: statement.source.text,
    keyspace: all.keyspace,
    table: statement.target.text,
    mapping: { entries: [] },
    consistency: all.consistency === '' ? 'LOCAL_ONE' : all.consistency,
    ttlSeconds: statement.clauses.TTL?.value ?? -1,
    ttlTimeUnit: 'SECONDS',
    timestampTimeUnit: 'MICROSECONDS',
    nullToUnset: false,
    absentToUnset: isUnset,
    allowMissingFields: true,
    deletesEnabled: false,
    query: undefined,
    selection,
    origin: originOf(kcql, statement, projection),
  }
}

function originOf(kcql: KcqlText, statement: KcqlInsert, projection: Projection): TableOrigin {
  return {
    key: KCQL_KEY,
    keyspaceKey: 'connect.cassandra.key.space',
    place: name => {
      const found = projection.names?.find(one => one.name === name)
      return placeIn(kcql, found?.at.start ?? statement.target.at.start)
    },
  }
}
