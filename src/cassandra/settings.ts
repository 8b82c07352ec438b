/**
 * What a session needs to reach a cluster: plain data that other rooms fill from their own keys.
 * Used by the control plane (driver) and the data plane (own protocol) alike.
 * Invariant: nothing here is read from a file; key stores and bundles are loaded before
 * (`loadTls`, `readSecureBundle`), so that every mistake is told before anything starts.
 * Spec: cassandra-sink 3.1-3.3, 3.7.
 */
import type { SecureBundle } from './secure-bundle.ts'
import type { TlsMaterial } from './tls.ts'

/** User name and password, sent by SASL PLAIN on both planes. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface ContactPoint {
  /** IPv4, IPv6 without brackets, or a host name. */
  readonly host: string
  readonly port: number
}

/** Of data connections. @default both true */
export interface SocketSettings {
  readonly noDelay: boolean
  readonly keepAlive: boolean
}

/** An idempotent write without answer is sent to one more node after each delay. */
export interface SpeculativeSettings {
  /** Executions of one request, the first included. */
  readonly executionsMax: number
  readonly delayMs: number
}

export type Compression = 'none' | 'lz4' | 'snappy'

export interface CassandraConnectionSettings {
  /** Keys of the user's dialect by those that errors name. */
  readonly keyNames?: ReadonlyMap<string, string>
  /** Empty in cloud mode, else at least one. */
  readonly contactPoints: readonly ContactPoint[]
  /**
   * Case-sensitive. Empty: in cloud mode the metadata service tells it, else it is that of the node
   * that is reached first.
   */
  readonly localDc: string
  readonly credentials?: Credentials
  readonly tls?: TlsMaterial
  /** Cloud mode: replaces contact points, data centre and TLS. */
  readonly cloud?: SecureBundle
  readonly compression: Compression
  readonly requestTimeoutMs: number
  readonly connectTimeoutMs: number
  /** For each answer of the handshake. @default connectTimeoutMs */
  readonly handshakeTimeoutMs?: number
  /** Of the data connections, for statements that name none. */
  readonly keyspace?: string
  readonly socket?: SocketSettings
  /** Undefined: a request has one execution at a time. */
  readonly speculative?: SpeculativeSettings
  /** Data-plane connections per node of the local data centre. */
  readonly poolLocalSize: number
  readonly maxRequestsPerConnection: number
  readonly heartbeatIntervalMs: number
  readonly heartbeatTimeoutMs: number
  /** Highest protocol version to offer. */
  readonly protocolVersionMax?: 3 | 4 | 5
  readonly reconnectBaseMs: number
  readonly reconnectMaxMs: number
  /** Largest frame accepted from a server. */
  readonly maxFrameBytes: number
  readonly applicationName: string
  readonly applicationVersion: string
  readonly sessionName: string
}

/** The defaults of the reference products; callers spread their own values over them. */
export const CONNECTION_DEFAULTS = {
  contactPoints: [{ host: '127.0.0.1', port: 9042 }],
  localDc: '',
  compression: 'none',
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 5_000,
  poolLocalSize: 4,
  maxRequestsPerConnection: 1_024,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 5_000,
  reconnectBaseMs: 1_000,
  reconnectMaxMs: 60_000,
  maxFrameBytes: 256 * 1024 * 1024,
  applicationName: 'scamander',
  applicationVersion: '',
  sessionName: 'scamander',
} as const satisfies CassandraConnectionSettings
