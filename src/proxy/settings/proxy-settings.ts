/**
 * The settings of a proxy as its code uses them: checked, typed, plain data that can be sent to a
 * thread. Made by read-settings.ts from the command line.
 * Invariant: TLS material is loaded; secrets stand only in `targetLogin`, `controlToken` and keys.
 * Spec: live-migration 1.2, 1.3.
 */
import type { Cluster } from '../cluster.ts'

export interface ClusterTls {
  readonly ca: readonly string[] | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly isHostnameVerified: boolean
}

export interface ClusterSettings {
  readonly host: string
  readonly port: number
  readonly label: string
  /** Undefined: plain text. */
  readonly tls: ClusterTls | undefined
}

export type ReadMode = 'primary' | 'dual-async' | 'compare'

export interface AsyncSettings {
  readonly order: 'after-source' | 'concurrent'
  readonly overflow: 'block' | 'drop' | 'journal'
  readonly writesMax: number
  readonly bytesMax: number
}

export interface JournalSettings {
  readonly dir: string
  readonly bytesMax: number
  /** Every write that is not waited for is kept before its answer. */
  readonly isWriteAhead: boolean
  /** Writes that need a full journal are refused; otherwise they go on and are counted. */
  readonly isRefusing: boolean
}

export interface TopologySettings {
  readonly addresses: readonly string[]
  readonly index: number
  readonly tokens: number
}

export interface ProxySettings {
  readonly source: ClusterSettings
  readonly target: ClusterSettings
  readonly proxyPort: number
  /** Undefined: every interface. */
  readonly proxyHost: string | undefined
  readonly threads: number
  readonly clientTls: { readonly key: string; readonly cert: string } | undefined
  readonly targetLogin: { readonly username: string; readonly password: string } | undefined
  readonly protocolVersions: readonly number[]
  readonly cqlVersions: readonly string[]
  readonly compressions: readonly string[]
  readonly isCompressionEnabled: boolean
  readonly isWaiting: boolean
  readonly isReplacingFunctions: boolean
  readonly isAddingTimestamps: boolean
  /** Undefined: no metrics server. */
  readonly metricsPort: number | undefined
  readonly isOnlyMessageCompared: boolean
  readonly writeBufferBytes: number
  readonly idleMs: number
  /** Source of the expression that must match a whole statement. */
  readonly filterTables: string | undefined
  readonly isClosedWithTarget: boolean
  readonly ghostIps: Readonly<Record<string, string>>
  readonly isStrictPeers: boolean
  readonly topology: TopologySettings | undefined
  readonly isDebug: boolean
  readonly primary: Cluster
  readonly readMode: ReadMode
  readonly targetFailure: 'log' | 'fail'
  /** -1: the client's. */
  readonly targetConsistency: number
  readonly isSourceFirst: boolean
  readonly ddl: 'both' | 'source' | 'reject'
  readonly systemCluster: Cluster
  readonly journal: JournalSettings | undefined
  readonly async: AsyncSettings
  readonly requestTimeoutMs: number
  readonly preparedMax: number
  readonly streamsMax: number
  readonly clientsMax: number
  readonly isRequiringClusters: boolean
  readonly controlToken: string | undefined
}
