/**
 * Makes and connects the driver's client from our settings: the only place that knows its options.
 * The driver discovers nodes, logs in, and runs occasional statements; schema and token map are
 * read and computed by us, so its own metadata is off. Loaded with the first connection: a worker
 * without a connector of Cassandra has no use for it, and it is large.
 * Invariant: a client that did not connect is shut down before the error is thrown.
 */
import { lookup } from 'node:dns/promises'
import type { ConnectionOptions } from 'node:tls'
import type { Client, ClientOptions, policies } from 'cassandra-driver'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import { BUNDLE_KEY, type CloudTopology, fetchCloudTopology, toProxyTls } from '../secure-bundle.ts'
import type { CassandraConnectionSettings, ContactPoint } from '../settings.ts'
import { toTlsOptions } from '../tls.ts'
import { toConnectError } from './connect-error.ts'
import { ContactNames } from './contact-names.ts'

export interface OpenOptions {
  readonly logger: Logger
  readonly signal?: AbortSignal
  /** False when a session that worked before is opened again. @default true */
  readonly isStart?: boolean
}

export interface DriverConnection {
  readonly client: Client
  readonly cloud: CloudTopology | undefined
  /** For every connection to a node, of either plane; undefined: no TLS. */
  readonly tls: ConnectionOptions | undefined
  /** Data centre of the node that was reached first. */
  readonly contactDc: string
}

type Driver = typeof import('cassandra-driver')
type Translator = policies.addressResolution.AddressTranslator
/** Options that the driver has and its type package does not list. */
type DriverOptions = ClientOptions & {
  applicationName?: string
  applicationVersion?: string
  monitorReporting?: { enabled: boolean }
}

/** The driver speaks up to version 4; the data plane negotiates by itself. */
const DRIVER_PROTOCOL_MAX = 4
/** The driver's timers outlive a shutdown, so its waits stay short. */
const RECONNECT_MS_MAX = 5_000

export async function openDriver(
  settings: CassandraConnectionSettings,
  options: OpenOptions,
  onLog: (level: string, message: string, info: unknown) => void,
): Promise<DriverConnection> {
  const isStart = options.isStart ?? true
  const { signal } = options
  throwIfAborted(signal)
  const contactNames = new ContactNames()
  const timeoutMs = settings.connectTimeoutMs
  const cloud =
    settings.cloud === undefined
      ? undefined
      : await fetchCloudTopology(settings.cloud, { timeoutMs, ...(signal ? { signal } : {}) })
  if (cloud === undefined)
    await contactNames.resolve(settings.contactPoints, isStart, options.logger)
  const tls = toTls(settings, cloud, contactNames)
  const driver = await import('cassandra-driver')
  const client = new driver.Client(toClientOptions(driver, settings, { cloud, tls }))
  if (cloud !== undefined) await useProxy(client, cloud)
  client.on('log', (level: string, _from: string, message: string, info: unknown) =>
    onLog(level, message, info),
  )
  const abort = Promise.withResolvers<never>()
  const onAbort = () => abort.reject(cancelled())
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    throwIfAborted(signal) // while names were looked up
    await Promise.race([client.connect(), abort.promise])
    return { client, cloud, tls, contactDc: contactDcOf(client) }
  } catch (error) {
    await client.shutdown()
    throw toConnectError(error, settings, isStart)
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

function contactDcOf(client: Client): string {
  const { controlConnection } = client as unknown as {
    controlConnection: { host?: { datacenter?: string } }
  }
  return controlConnection.host?.datacenter ?? ''
}

function toTls(
  settings: CassandraConnectionSettings,
  cloud: CloudTopology | undefined,
  names: ContactNames,
): ConnectionOptions | undefined {
  if (settings.cloud !== undefined && cloud !== undefined) {
    return toProxyTls(settings.cloud, cloud.proxyHost)
  }
  return settings.tls && toTlsOptions(settings.tls, address => names.namesOf(address))
}

function toClientOptions(
  { auth, policies }: Driver,
  settings: CassandraConnectionSettings,
  of: { cloud: CloudTopology | undefined; tls: ConnectionOptions | undefined },
): DriverOptions {
  const { cloud, tls } = of
  const { credentials = settings.cloud?.credentials } = settings
  const localDc = cloud?.localDc ?? settings.localDc
  return {
    contactPoints: cloud === undefined ? settings.contactPoints.map(toText) : [...cloud.hostIds],
    ...(credentials === undefined
      ? {}
      : {
          authProvider: new auth.PlainTextAuthProvider(credentials.username, credentials.password),
        }),
    ...(tls ? { sslOptions: tls } : {}),
    applicationName: settings.applicationName,
    ...(settings.applicationVersion === ''
      ? {}
      : { applicationVersion: settings.applicationVersion }),
    isMetadataSyncEnabled: false,
    prepareOnAllHosts: false,
    rePrepareOnUp: false,
    monitorReporting: { enabled: false },
    protocolOptions: {
      port: settings.contactPoints[0]?.port ?? 9042,
      maxVersion: Math.min(settings.protocolVersionMax ?? DRIVER_PROTOCOL_MAX, DRIVER_PROTOCOL_MAX),
    },
    pooling: {
      coreConnectionsPerHost: { 0: 1, 1: 1, 2: 0 },
      heartBeatInterval: settings.heartbeatIntervalMs,
    },
    socketOptions: {
      connectTimeout: settings.connectTimeoutMs,
      readTimeout: settings.requestTimeoutMs,
    },
    encoding: { useBigIntAsLong: true, useBigIntAsVarint: true },
    policies: {
      loadBalancing:
        localDc === ''
          ? new policies.loadBalancing.RoundRobinPolicy()
          : new policies.loadBalancing.DCAwareRoundRobinPolicy(localDc),
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(
        Math.min(settings.reconnectBaseMs, RECONNECT_MS_MAX),
        Math.min(settings.reconnectMaxMs, RECONNECT_MS_MAX),
        false,
      ),
      ...(cloud === undefined
        ? { addressResolution: translatorOf(policies, settings.contactPoints) }
        : {}),
    },
  }
}

/** Servers tell addresses without ports: a contact point's own port wins over the common one. */
function translatorOf(policies: Driver['policies'], points: readonly ContactPoint[]): Translator {
  const ports = new Map(points.map(point => [point.host, point.port]))
  // A class at run time; the type package lists an interface.
  const { AddressTranslator } = policies.addressResolution as unknown as {
    AddressTranslator: new () => Translator
  }
  return Object.assign(new AddressTranslator(), {
    translate: (address: string, port: number, done: (endpoint: string) => void) =>
      done(`${address}:${ports.get(address) ?? port}`),
  })
}

/** The driver takes a proxy only from a bundle in a file; ours may come from anywhere. */
async function useProxy(client: Client, cloud: CloudTopology): Promise<void> {
  const { options } = client as unknown as { options: { sni?: { address: string } } }
  try {
    const { address } = await lookup(cloud.proxyHost, { family: 4 })
    options.sni = { address: `${address}:${cloud.proxyPort}` }
  } catch (cause) {
    const message = `${BUNDLE_KEY}: expected a proxy whose name resolves, found ${cloud.proxyHost}`
    throw new ScamanderError(CASSANDRA_ERRORS.CLOUD_REFUSED, message, { cause })
  }
}

function toText({ host, port }: ContactPoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled()
}

function cancelled(): ScamanderError {
  return new ScamanderError(CASSANDRA_ERRORS.CANCELLED, 'stopped while connecting to the cluster')
}
