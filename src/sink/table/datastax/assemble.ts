/**
 * Turns checked keys into the settings the sink works with: contact points joined, units
 * converted, effective providers chosen, topics and tables grouped.
 * Called by `parseDatastaxSink` only, after every check passed.
 * Spec: cassandra-sink 3.1-3.7.
 */
import { assert } from '../../../base/assert.ts'
import type { PatternValue, Secret, Settings } from '../../../config/index.ts'
import { effectiveAuth, effectiveSsl, type GlobalSettings, isCloud } from './checks.ts'
import { referenceBehaviour } from './compat.ts'
import { parseHostPort } from './contact-point.ts'
import type {
  AuthSettings,
  CodecTexts,
  ConnectionSettings,
  ConsistencyName,
  ContactPointSetting,
  DatastaxSinkSettings,
  DriverSettings,
  SslSettings,
  TableSettings,
  TimeUnit,
  TopicSettings,
} from './settings.ts'
import { tableFields } from './table-fields.ts'
import { groupTables, internalName, type TableGroup, tableKey } from './topics.ts'

type AllSettings = GlobalSettings & Settings<typeof tableFields>

export function assembleSettings(all: AllSettings): {
  settings: DatastaxSinkSettings
  notes: readonly string[]
} {
  const notes: string[] = []
  const rows = all.compat.map(({ parts, value }) => ({
    deviation: parts['deviation'] ?? '',
    mode: value ?? ('fixed' as const),
  }))
  const settings: DatastaxSinkSettings = {
    connection: connectionOf(all),
    auth: authOf(all),
    ssl: sslOf(all),
    cloud: isCloud(all) ? { bundle: all.bundle } : undefined,
    ignoreErrors: all.ignoreErrors,
    jmx: {
      enabled: all.jmx,
      domain: all.jmxDomain,
      highestLatencySeconds: all.highestLatencySeconds,
      sessionMetrics: all.jmx ? all.sessionMetrics : [],
      nodeMetrics: all.jmx ? all.nodeMetrics : [],
    },
    batchBy: all.batchBy,
    errorAttemptsMax: all.errorAttemptsMax,
    referenceBehaviour: referenceBehaviour(all.compatStrict, rows),
    topics: topicsOf(all, notes),
  }
  return { settings, notes }
}

export function connectionOf(all: GlobalSettings): ConnectionSettings {
  const isConstant = /Constant/.test(all.reconnectClass)
  return {
    contactPoints: isCloud(all) ? [] : contactPointsOf(all),
    localDc: all.localDc,
    maxConcurrentRequests: all.maxConcurrentRequests,
    maxRecordsInBatch: all.maxRecordsInBatch,
    requestTimeoutMs: all.queryTimeoutSeconds * 1000,
    poolLocalSize: all.poolLocalSize,
    poolRemoteSize: all.poolRemoteSize,
    compression: COMPRESSION[all.compression],
    protocolVersion: all.protocolVersion,
    connectTimeoutMs: all.connectTimeoutMs,
    initQueryTimeoutMs: all.initQueryTimeoutMs,
    maxRequestsPerConnection: all.maxRequestsPerConnection,
    heartbeatIntervalMs: all.heartbeatIntervalMs,
    heartbeatTimeoutMs: all.heartbeatTimeoutMs,
    maxFrameBytes: all.maxFrameBytes,
    reconnectBaseMs: all.reconnectBaseMs,
    reconnectMaxMs: isConstant ? all.reconnectBaseMs : all.reconnectMaxMs,
    sessionKeyspace: all.sessionKeyspace,
    applicationName: all.applicationName,
    applicationVersion: all.applicationVersion,
    driver: driverOf(all),
  }
}

const COMPRESSION = { None: 'none', LZ4: 'lz4', Snappy: 'snappy' } as const

/** The union of both keys; the driver's default when there is none. */
function contactPointsOf(all: GlobalSettings): readonly ContactPointSetting[] {
  const short = all.contactPoints.map(host => ({ host, port: all.port }))
  const long = all.driverContactPoints.map(parseHostPort).filter(point => point !== undefined)
  const joined = [...short, ...long]
  const seen = new Set<string>()
  const points = joined.filter(({ host, port }) => {
    const key = `${host}:${port}`
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
  return points.length > 0 ? points : [{ host: '127.0.0.1', port: 9042 }]
}

function driverOf(all: GlobalSettings): DriverSettings {
  return {
    consistency: all.driverConsistency,
    serialConsistency: all.serialConsistency === 'LOCAL_SERIAL' ? 'LOCAL_SERIAL' : 'SERIAL',
    defaultIdempotence: all.defaultIdempotence,
    pageSize: all.pageSize,
    retryPolicyClass: all.retryPolicyClass,
    speculative: {
      enabled: /ConstantSpeculativeExecutionPolicy$/.test(all.speculativeClass ?? ''),
      executionsMax: all.speculativeMax,
      delayMs: all.speculativeDelayMs,
    },
    socket: {
      tcpNoDelay: all.tcpNoDelay,
      keepAlive: all.keepAlive,
      reuseAddress: all.reuseAddress,
      lingerSeconds: all.lingerSeconds,
      receiveBufferBytes: all.receiveBufferBytes,
      sendBufferBytes: all.sendBufferBytes,
    },
    timestampGeneratorClass: all.timestampGeneratorClass,
    schemaEnabled: all.schemaEnabled,
    schemaRequestTimeoutMs: all.schemaRequestTimeoutMs,
    schemaRefreshedKeyspaces: all.schemaRefreshedKeyspaces,
    warnIfSetKeyspace: all.warnIfSetKeyspace,
  }
}

export function authOf(all: GlobalSettings): AuthSettings {
  const { password } = all
  const isGiven = all.username !== '' || !password.isEmpty
  const provider = effectiveAuth(all, isGiven)
  if (provider === 'PLAIN') return { provider, username: all.username, password }
  if (provider === 'None') return { provider }
  const { principal, gssapiService: service } = all
  return { provider, keyTab: filled(all.keyTab), principal, service }
}

export function sslOf(all: GlobalSettings): SslSettings | undefined {
  const provider = effectiveSsl(all)
  if (provider === 'None' || isCloud(all)) return undefined
  return {
    provider,
    hostnameValidation: all.hostnameValidation,
    cipherSuites: all.cipherSuites,
    keystore: filled(all.keystore),
    keystorePassword: filled(all.keystorePassword),
    truststore: filled(all.truststore),
    truststorePassword: filled(all.truststorePassword),
    keyCertChain: filled(all.keyCertChain),
    privateKey: filled(all.privateKey),
  }
}

function filled(secret: Secret): Secret | undefined {
  return secret.isEmpty ? undefined : secret
}

function topicsOf(all: AllSettings, notes: string[]): TopicSettings[] {
  const byTopic = new Map<string, TableSettings[]>()
  for (const group of groupTables(all)) {
    const tables = byTopic.get(group.topic) ?? []
    tables.push(tableOf(all, group, notes))
    byTopic.set(group.topic, tables)
  }
  return [...byTopic].map(([topic, tables]) => ({ topic, codec: codecOf(all, topic), tables }))
}

const CLOUD_TOO_LOW: readonly ConsistencyName[] = ['ANY', 'ONE', 'LOCAL_ONE']

function tableOf(all: AllSettings, group: TableGroup, notes: string[]): TableSettings {
  const { values } = group
  const { mapping } = values
  const keyspace = internalName(group.keyspace)
  const table = internalName(group.table)
  assert(mapping !== undefined && keyspace !== undefined && table !== undefined, 'checked before')
  const asked = values.consistencyLevel ?? tableFields.consistencyLevel.field.defaultValue
  const isRaised = isCloud(all) && CLOUD_TOO_LOW.includes(asked)
  if (isRaised) notes.push(`${tableKey(group)}: consistency ${asked} raised to LOCAL_QUORUM`)
  const ttlTimeUnit = values.ttlTimeUnit ?? tableFields.ttlTimeUnit.field.defaultValue
  return {
    topic: group.topic,
    keyspace,
    table,
    mapping,
    consistency: isRaised ? 'LOCAL_QUORUM' : asked,
    ttlSeconds: toSeconds(values.ttl ?? tableFields.ttl.field.defaultValue, ttlTimeUnit),
    ttlTimeUnit,
    timestampTimeUnit: values.timestampTimeUnit ?? tableFields.timestampTimeUnit.field.defaultValue,
    nullToUnset: values.nullToUnset ?? tableFields.nullToUnset.field.defaultValue,
    deletesEnabled: values.deletesEnabled ?? tableFields.deletesEnabled.field.defaultValue,
    query: values.query,
    allowMissingFields:
      values.allowMissingFields ?? tableFields.allowMissingFields.field.defaultValue,
  }
}

const PER_SECOND: Readonly<Record<TimeUnit, number>> = {
  NANOSECONDS: 1e9,
  MICROSECONDS: 1e6,
  MILLISECONDS: 1e3,
  SECONDS: 1,
  MINUTES: 1 / 60,
  HOURS: 1 / 3600,
  DAYS: 1 / 86_400,
}

/** Whole seconds, rounded down; -1 stays -1 (no expiry). */
function toSeconds(ttl: number, unit: TimeUnit): number {
  if (ttl === -1) return -1
  const per = PER_SECOND[unit]
  return per >= 1 ? Math.floor(ttl / per) : ttl * Math.round(1 / per)
}

function codecOf(all: AllSettings, topic: string): CodecTexts {
  const text = (found: readonly PatternValue<string>[], fallback: string) =>
    found.findLast(one => one.parts['topic'] === topic)?.value ?? fallback
  return {
    locale: text(all.codecLocale, tableFields.codecLocale.field.defaultValue),
    timeZone: text(all.codecTimeZone, tableFields.codecTimeZone.field.defaultValue),
    timestamp: text(all.codecTimestamp, tableFields.codecTimestamp.field.defaultValue),
    date: text(all.codecDate, tableFields.codecDate.field.defaultValue),
    time: text(all.codecTime, tableFields.codecTime.field.defaultValue),
    unit: text(all.codecUnit, tableFields.codecUnit.field.defaultValue),
  }
}
