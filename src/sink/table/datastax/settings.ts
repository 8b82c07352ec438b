/**
 * What the DataStax dialect's configuration means, as plain typed data: the product of
 * `parseDatastaxSink` and the input of the session, of the statement planner and of the writer.
 * Names of keyspaces, tables and columns are internal names (quotes resolved, case kept).
 * Spec: cassandra-sink 3.
 */
import type { Secret } from '../../../config/index.ts'
import type { ConversionRules } from '../conversion/index.ts'
import type { Projection } from '../kcql/projection.ts'
import type { Mapping } from './mapping.ts'

export type TimeUnit =
  | 'NANOSECONDS'
  | 'MICROSECONDS'
  | 'MILLISECONDS'
  | 'SECONDS'
  | 'MINUTES'
  | 'HOURS'
  | 'DAYS'

export type ConsistencyName =
  | 'ANY'
  | 'ONE'
  | 'TWO'
  | 'THREE'
  | 'QUORUM'
  | 'ALL'
  | 'LOCAL_ONE'
  | 'LOCAL_QUORUM'
  | 'EACH_QUORUM'
  | 'SERIAL'
  | 'LOCAL_SERIAL'

export interface ContactPointSetting {
  readonly host: string
  readonly port: number
}

export interface ConnectionSettings {
  /** Keys of another dialect by those of this one, for messages. */
  readonly keyNames?: ReadonlyMap<string, string>
  /** 127.0.0.1:9042 when none is given; empty in cloud mode. */
  readonly contactPoints: readonly ContactPointSetting[]
  readonly localDc: string
  readonly maxConcurrentRequests: number
  readonly maxRecordsInBatch: number
  readonly requestTimeoutMs: number
  readonly poolLocalSize: number
  readonly poolRemoteSize: number
  readonly compression: 'none' | 'lz4' | 'snappy'
  /** Undefined: negotiated. */
  readonly protocolVersion: 3 | 4 | 5 | undefined
  readonly connectTimeoutMs: number
  readonly initQueryTimeoutMs: number
  readonly maxRequestsPerConnection: number
  readonly heartbeatIntervalMs: number
  readonly heartbeatTimeoutMs: number
  readonly maxFrameBytes: number
  readonly reconnectBaseMs: number
  readonly reconnectMaxMs: number
  readonly sessionKeyspace: string | undefined
  readonly applicationName: string | undefined
  readonly applicationVersion: string | undefined
  readonly driver: DriverSettings
}

/** Driver options beyond the connection; most concern occasional statements only. */
export interface DriverSettings {
  readonly consistency: ConsistencyName
  readonly serialConsistency: 'SERIAL' | 'LOCAL_SERIAL'
  readonly defaultIdempotence: boolean
  readonly pageSize: number
  readonly retryPolicyClass: string | undefined
  readonly speculative: {
    readonly executionsMax: number
    readonly delayMs: number
    readonly enabled: boolean
  }
  readonly socket: {
    readonly tcpNoDelay: boolean
    readonly keepAlive: boolean
    readonly reuseAddress: boolean | undefined
    readonly lingerSeconds: number | undefined
    readonly receiveBufferBytes: number | undefined
    readonly sendBufferBytes: number | undefined
  }
  readonly timestampGeneratorClass: string | undefined
  readonly schemaEnabled: boolean
  readonly schemaRequestTimeoutMs: number
  readonly schemaRefreshedKeyspaces: readonly string[]
  readonly warnIfSetKeyspace: boolean
}

export type AuthSettings =
  | { readonly provider: 'None' }
  | { readonly provider: 'PLAIN'; readonly username: string; readonly password: Secret }
  | {
      readonly provider: 'GSSAPI'
      /** Path or `base64:` text; undefined: ticket cache. */
      readonly keyTab: Secret | undefined
      readonly principal: string
      readonly service: string
    }

/** Files are a path, a `file:` URL or `base64:<data>`; undefined when not given. */
export interface SslSettings {
  readonly provider: 'JDK' | 'OpenSSL'
  readonly hostnameValidation: boolean
  /** Empty: the defaults. */
  readonly cipherSuites: readonly string[]
  readonly keystore: Secret | undefined
  readonly keystorePassword: Secret | undefined
  readonly truststore: Secret | undefined
  readonly truststorePassword: Secret | undefined
  readonly keyCertChain: Secret | undefined
  readonly privateKey: Secret | undefined
}

export interface TableSettings {
  readonly topic: string
  readonly keyspace: string
  readonly table: string
  readonly mapping: Mapping
  /** After the rise of cloud mode. */
  readonly consistency: ConsistencyName
  /** Floor-converted; -1: none. */
  readonly ttlSeconds: number
  readonly ttlTimeUnit: TimeUnit
  readonly timestampTimeUnit: TimeUnit
  readonly nullToUnset: boolean
  readonly deletesEnabled: boolean
  readonly query: string | undefined
  readonly allowMissingFields: boolean
  /** A field that is not there leaves its column untouched. @default nullToUnset */
  readonly absentToUnset?: boolean
  /** Every column that `mapping` does not name gets the field of its name, if there is one. */
  readonly mapsRest?: { readonly except: readonly string[] }
  /** Of the KCQL dialects: what messages call the setting. */
  readonly origin?: TableOrigin
  /** Of the classic KCQL dialect, which selects from the value instead of mapping columns. */
  readonly selection?: SelectionSettings
}

/** Where a table's settings come from when it is not `topic.*`. */
export interface TableOrigin {
  readonly key: string
  /** Where the keyspace is given. @default key */
  readonly keyspaceKey?: string
  /** The statement, or the selected column of this name, with its place. */
  place(column?: string): string
}

export interface SelectionSettings {
  readonly projection: Projection
  /** Undefined: deletes are not enabled. */
  readonly delete: { readonly cql: string; readonly fields: readonly string[] } | undefined
  readonly ignoreTombstones: boolean
}

/** Texts as given or their defaults; compiled by the conversion rules. */
export interface CodecTexts {
  readonly locale: string
  readonly timeZone: string
  readonly timestamp: string
  readonly date: string
  readonly time: string
  readonly unit: string
}

export interface TopicSettings {
  readonly topic: string
  readonly codec: CodecTexts
  /** @default datastax */
  readonly rules?: ConversionRules
  readonly tables: readonly TableSettings[]
}

export interface DatastaxSinkSettings {
  readonly connection: ConnectionSettings
  readonly auth: AuthSettings
  /** Undefined: no TLS (cloud mode has its own). */
  readonly ssl: SslSettings | undefined
  /** The bundle: path, URL or `base64:` text. */
  readonly cloud: { readonly bundle: Secret } | undefined
  readonly ignoreErrors: 'none' | 'driver' | 'all'
  readonly jmx: {
    readonly enabled: boolean
    readonly domain: string
    readonly highestLatencySeconds: number
    readonly sessionMetrics: readonly string[]
    readonly nodeMetrics: readonly string[]
  }
  readonly batchBy: 'partition' | 'replica-set'
  /** 0: for ever. */
  readonly errorAttemptsMax: number
  /** Deviations (D1, …) that behave as the reference does. */
  readonly referenceBehaviour: ReadonlySet<string>
  readonly topics: readonly TopicSettings[]
  /** Tell now and then how many records were delivered. @default false */
  readonly progress?: boolean
}
