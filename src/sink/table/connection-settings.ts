/**
 * From the dialect's settings to what a session needs: loads key stores and bundles, checks the
 * login. Called before anything is opened, so that unreadable files are told at start.
 * Invariant: errors name the configuration key; secrets are revealed only here.
 * Spec: cassandra-sink 3.1-3.3, 3.7.
 */
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  loadTls,
  readSecureBundle,
  type StoreSettings,
  type TlsMaterial,
  toCredentials,
} from '../../cassandra/index.ts'
import type { Secret } from '../../config/index.ts'
import type { AuthSettings, DatastaxSinkSettings, SslSettings } from './datastax/settings.ts'

export async function toConnectionSettings(
  settings: Pick<DatastaxSinkSettings, 'connection' | 'auth' | 'ssl' | 'cloud'>,
  sessionName: string,
): Promise<CassandraConnectionSettings> {
  const { connection } = settings
  const { driver } = connection
  const credentials = loginOf(settings.auth)
  const tls = settings.ssl === undefined ? undefined : tlsOf(settings.ssl)
  const cloud =
    settings.cloud === undefined
      ? undefined
      : await readSecureBundle(settings.cloud.bundle.reveal())
  return {
    ...CONNECTION_DEFAULTS,
    contactPoints: connection.contactPoints,
    localDc: connection.localDc,
    ...(connection.keyNames === undefined ? {} : { keyNames: connection.keyNames }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(tls === undefined ? {} : { tls }),
    ...(cloud === undefined ? {} : { cloud }),
    compression: connection.compression,
    requestTimeoutMs: connection.requestTimeoutMs,
    connectTimeoutMs: connection.connectTimeoutMs,
    handshakeTimeoutMs: connection.initQueryTimeoutMs,
    ...(connection.sessionKeyspace === undefined ? {} : { keyspace: connection.sessionKeyspace }),
    socket: { noDelay: driver.socket.tcpNoDelay, keepAlive: driver.socket.keepAlive },
    ...(driver.speculative.enabled ? { speculative: driver.speculative } : {}),
    poolLocalSize: connection.poolLocalSize,
    maxRequestsPerConnection: connection.maxRequestsPerConnection,
    heartbeatIntervalMs: connection.heartbeatIntervalMs,
    heartbeatTimeoutMs: connection.heartbeatTimeoutMs,
    ...(connection.protocolVersion === undefined
      ? {}
      : { protocolVersionMax: connection.protocolVersion }),
    reconnectBaseMs: connection.reconnectBaseMs,
    reconnectMaxMs: connection.reconnectMaxMs,
    maxFrameBytes: connection.maxFrameBytes,
    applicationName: connection.applicationName ?? 'scamander',
    applicationVersion: connection.applicationVersion ?? '',
    sessionName,
  }
}

function loginOf(auth: AuthSettings) {
  if (auth.provider !== 'PLAIN') return toCredentials({ provider: auth.provider })
  const { username, password } = auth
  return toCredentials({ provider: 'PLAIN', username, password: password.reveal() })
}

function tlsOf(ssl: SslSettings): TlsMaterial | undefined {
  const keystore = storeOf(ssl.keystore, ssl.keystorePassword)
  const truststore = storeOf(ssl.truststore, ssl.truststorePassword)
  return loadTls({
    provider: ssl.provider,
    hostnameValidation: ssl.hostnameValidation,
    cipherSuites: ssl.cipherSuites,
    ...(keystore === undefined ? {} : { keystore }),
    ...(truststore === undefined ? {} : { truststore }),
    ...(ssl.keyCertChain === undefined ? {} : { keyCertChain: ssl.keyCertChain.reveal() }),
    ...(ssl.privateKey === undefined ? {} : { privateKey: ssl.privateKey.reveal() }),
  })
}

function storeOf(
  path: Secret | undefined,
  password: Secret | undefined,
): StoreSettings | undefined {
  if (path === undefined) return undefined
  return {
    path: path.reveal(),
    ...(password === undefined ? {} : { password: password.reveal() }),
  }
}
