/**
 * The proxy of one thread: listens, serves clients, knows the clusters, reports numbers.
 * Made by proxy.ts in the main thread or by proxy-worker.ts in a worker.
 * Invariants: every session it opened ends before `close` resolves; the number of sessions is
 * bounded, one more client is told so and closed.
 * Spec: live-migration 1.3, 2.11.
 */
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { type ConnectionOptions, createServer as createTlsServer } from 'node:tls'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import { CLUSTERS, SOURCE, TARGET } from './cluster.ts'
import { ClusterProbe } from './control/cluster-probe.ts'
import { admittedVersions, type ClusterState, newClusterState } from './control/cluster-state.ts'
import { ProxyMeters } from './control/proxy-meters.ts'
import type { ProxyReport } from './control/proxy-report.ts'
import { PROXY_ERRORS } from './errors.ts'
import { JournalWriter } from './journal/journal-writer.ts'
import type { Endpoint } from './link/endpoint.ts'
import { METRICS } from './metrics.ts'
import { PreparedCache } from './prepared/prepared-cache.ts'
import type { PreparedStatement } from './prepared/prepared-statement.ts'
import { TimestampGenerator } from './request/timestamps.ts'
import { ClientSession } from './session/client-session.ts'
import type { ProxyContext, Routing } from './session/proxy-context.ts'
import { refuseClient } from './session/refuse-client.ts'
import type { ClusterSettings, JournalSettings, ProxySettings } from './settings/proxy-settings.ts'
import { StatementCache } from './statement/statement-cache.ts'

const TICK_MS = 500
const CLOSE_MS = 30_000

export interface NodeOptions {
  readonly settings: ProxySettings
  readonly logger: Logger
  /** From 0. */
  readonly thread: number
  readonly announce: (statement: PreparedStatement) => void
  /** Of all threads; undefined when there is one. */
  readonly sharedTime?: SharedArrayBuffer | undefined
}

export class ProxyNode {
  readonly #context: ProxyContext
  readonly #sessions = new Set<ClientSession>()
  readonly #server: Server
  readonly #probes: readonly ClusterProbe[]
  #timer: NodeJS.Timeout | undefined
  /** Classes whose gauge must go back to zero. */
  #inFlightClasses: readonly string[] = []

  constructor({ settings, logger, thread, announce, sharedTime }: NodeOptions) {
    const clusters: [ClusterState, ClusterState] = [
      newClusterState(endpointOf(settings.source)),
      newClusterState(endpointOf(settings.target)),
    ]
    const { journal, filterTables, primary, readMode } = settings
    this.#context = {
      settings,
      routing: { primary, readMode, isTargetEnabled: true, epoch: 0 },
      prepared: new PreparedCache(settings.preparedMax),
      statements: new StatementCache(),
      timestamps: new TimestampGenerator(Date.now, sharedTime),
      meters: new ProxyMeters([settings.source.label, settings.target.label]),
      journal:
        journal === undefined ? undefined : openJournal(settings, journal, { thread, logger }),
      logger,
      clusters,
      filter: filterTables === undefined ? undefined : new RegExp(`^(?:${filterTables})$`, 's'),
      address: { port: settings.proxyPort },
      waiting: { bytes: 0, writes: 0 },
      announce,
    }
    this.#probes = clusters.map(state => new ClusterProbe(state, this.#onProbe))
    const serve = (socket: Socket) => this.#serve(socket)
    const { clientTls } = settings
    this.#server =
      clientTls === undefined ? createTcpServer(serve) : createTlsServer(clientTls, serve)
    this.#server.on('tlsClientError', (error: Error) =>
      logger.debug(`a TLS handshake with a client failed: ${error.message}`),
    )
  }

  /** Asks both clusters once, whatever the outcome, then listens; resolves with the port. */
  async start(port: number, isShared: boolean): Promise<number> {
    await Promise.all(this.#probes.map(probe => probe.ask()))
    this.#checkClusters()
    const { proxyHost: host } = this.#context.settings
    const bound = await listen(this.#server, { port, host }, isShared)
    this.#context.address.port = bound
    for (const probe of this.#probes) probe.start()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    return bound
  }

  setRouting(routing: Routing): void {
    Object.assign(this.#context.routing, routing)
    for (const session of this.#sessions) session.onRoutingChanged()
  }

  addPrepared(statement: PreparedStatement): void {
    this.#context.prepared.put(statement)
  }

  report(): ProxyReport {
    this.#collect()
    const { clusters, meters } = this.#context
    return {
      series: meters.meters.snapshot(),
      clusters: clusters.map(({ endpoint, status, failureCount, versions }) => ({
        label: endpoint.label,
        address: `${endpoint.host}:${endpoint.port}`,
        status,
        failureCount,
        versions: [...versions],
      })),
    }
  }

  /** Stops listening, lets requests in flight finish, then closes. */
  async close(): Promise<void> {
    for (const probe of this.#probes) probe.stop()
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    for (const session of this.#sessions) session.shutdown()
    const deadline = performance.now() + CLOSE_MS
    while (this.#sessions.size > 0 && performance.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    for (const session of this.#sessions) session.close('the proxy stops')
    await closed
    clearInterval(this.#timer)
    this.#context.journal?.close()
  }

  #serve(socket: Socket): void {
    if (this.#sessions.size >= this.#context.settings.clientsMax) {
      refuseClient(socket, this.#context)
      return
    }
    const session = new ClientSession(socket, this.#context, one => this.#sessions.delete(one))
    this.#sessions.add(session)
  }

  #tick(): void {
    const now = performance.now()
    for (const session of this.#sessions) {
      session.expire(now)
      // Bytes of other sessions may have been what it waits for.
      session.resumeClient()
    }
  }

  #checkClusters(): void {
    const { clusters, settings } = this.#context
    const missing = clusters.find(cluster => cluster.status !== 'UP')
    if (settings.isRequiringClusters && missing !== undefined) {
      const { label, host, port } = missing.endpoint
      throw new ScamanderError(PROXY_ERRORS.CLUSTERS, `${label} (${host}:${port}) does not answer`)
    }
    if (admittedVersions(clusters, settings.protocolVersions).length > 0) return
    const list = clusters.map(
      cluster => `${cluster.endpoint.label}: ${cluster.versions.join(', ')}`,
    )
    const wanted = settings.protocolVersions.join(', ') || 'any'
    const message = `expected a common protocol version, found ${list.join('; ')}; wanted: ${wanted}`
    throw new ScamanderError(PROXY_ERRORS.NO_COMMON_VERSION, message)
  }

  readonly #onProbe = (state: ClusterState, reason: string): void => {
    const { logger, clusters } = this.#context
    const { label, host, port, tls } = state.endpoint
    if (state.status === 'UP' && state === clusters[TARGET]) {
      for (const session of this.#sessions) session.links.reconnectNow()
    }
    const name = `${label} (${host}:${port}, ${tls === undefined ? 'plain text' : 'TLS'})`
    if (state.status === 'UP') {
      logger.info(`${name} is up: protocol versions ${state.versions.join(', ')}`)
    } else logger.warn(`${name} is down: ${reason}; check that it runs and its TLS settings`)
  }

  /** Gauges that are cheaper to read than to keep. */
  #collect(): void {
    const { meters, prepared, waiting, journal } = this.#context
    const set = meters.meters
    const used = [0, 0]
    const open = [0, 0]
    let oldest = 0
    let asyncLinks = 0
    const inFlight = new Map(this.#inFlightClasses.map(one => [one, 0]))
    const now = performance.now()
    for (const session of this.#sessions) {
      oldest = Math.max(oldest, session.asyncWrites.oldestSeconds(now))
      if (session.asyncReads.isOpen) asyncLinks += 1
      session.countInFlight(inFlight)
      for (const cluster of CLUSTERS) {
        const link = session.links.links[cluster]
        if (link?.isReady !== true) continue
        used[cluster]! += link.inFlight
        open[cluster]! += 1
      }
    }
    set.series(METRICS.clients).set(this.#sessions.size)
    set.series(METRICS.sourceLinks).set(open[SOURCE]!)
    set.series(METRICS.targetLinks).set(open[TARGET]!)
    set.series(METRICS.usedStreams, 'source').set(used[SOURCE]!)
    set.series(METRICS.usedStreams, 'target').set(used[TARGET]!)
    set.series(METRICS.asyncLinks).set(asyncLinks)
    this.#inFlightClasses = [...inFlight.keys()]
    for (const [name, count] of inFlight) set.series(METRICS.inFlight, name).set(count)
    set.series(METRICS.cacheEntries).set(prepared.size)
    set.series(METRICS.asyncQueue).set(waiting.writes)
    set.series(METRICS.asyncOldest).set(oldest)
    set.series(METRICS.journalEntries).set(journal?.entries ?? 0)
    set.series(METRICS.journalLost).set(journal?.lost ?? 0)
  }
}

function openJournal(
  { threads }: ProxySettings,
  { isRefusing, ...rest }: JournalSettings,
  { thread, logger }: { readonly thread: number; readonly logger: Logger },
): JournalWriter {
  return new JournalWriter({ ...rest, isLosing: !isRefusing, thread, threads }, logger)
}

export function endpointOf({ host, port, label, tls }: ClusterSettings): Endpoint {
  if (tls === undefined) return { host, port, label, tls: undefined }
  const { ca, cert, key, isHostnameVerified } = tls
  const options: ConnectionOptions = {
    // As the replaced proxy: without authorities any certificate is accepted.
    rejectUnauthorized: ca !== undefined,
    ...(ca === undefined ? {} : { ca: [...ca], allowPartialTrustChain: true }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(isHostnameVerified ? {} : { checkServerIdentity: () => undefined }),
  }
  return { host, port, label, tls: options }
}

function listen(
  server: Server,
  { port, host }: { readonly port: number; readonly host: string | undefined },
  isShared: boolean,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const fail = (cause: Error) => {
    const message = `port ${port}: ${messageOf(cause)}`
    reject(new ScamanderError(PROXY_ERRORS.LISTEN, message, { cause }))
  }
  server.once('error', fail)
  const at = host === undefined ? { port } : { port, host }
  server.listen({ ...at, ...(isShared ? { reusePort: true } : {}) }, () => {
    server.off('error', fail)
    resolve((server.address() as { port: number }).port)
  })
  return promise
}
