/**
 * A standalone worker with its addresses: checks, listens, asks Kafka, starts the connectors of the
 * files, and ends all of it in reverse. Called by the command line and the demo.
 * Invariant: a start that fails leaves nothing running; it is told as one error.
 * Spec: connect-rest 6; design, decision 10.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { type ConfigSource, formatLint, toRecord } from '../config/index.ts'
import {
  type ConnectorFile,
  checkStandalone,
  StandaloneWorker,
  type TargetState,
  type WorkerConfig,
} from '../connect/index.ts'
import { type Logger, MetricRegistry } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { connectorRoutes } from './connector-routes.ts'
import { SERVER_ERRORS } from './errors.ts'
import { HttpServer } from './http-server.ts'
import { type Listener, parseListener } from './listener.ts'
import { pluginRoutes } from './plugin-routes.ts'
import type { Route } from './route.ts'
import { metricRoutes, workerRoutes } from './worker-routes.ts'

export interface StandaloneOptions {
  /** The worker's properties. */
  readonly worker: ConfigSource
  readonly connectors: readonly ConfigSource[]
  readonly logger: Logger
  readonly registry?: MetricRegistry
  /** Traces with stacks. @default false */
  readonly isDebug?: boolean
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
}

export interface Standalone {
  readonly worker: StandaloneWorker
  /** Address of the REST API. */
  readonly url: string
  /** Undefined when metrics have no address of their own. */
  readonly metricsUrl: string | undefined
  /** Commits, closes and returns when nothing runs any more. */
  close(): Promise<void>
}

const METRICS_KEY = 'scamander.metrics.listeners'

/** Resolves when every connector of the files runs; rejects with nothing left running. */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { logger, isDebug = false, registry = new MetricRegistry() } = options
  const { config, connectors } = checkStandalone(options.worker, options.connectors)
  for (const lint of config.warnings) logger.warn(formatLint(lint))
  const addresses = addressesOf(config)
  const worker = new StandaloneWorker({ config, logger, registry, isDebug })
  const servers: HttpServer[] = []
  const close = async () => {
    await worker.close()
    await Promise.all(servers.map(server => server.close()))
  }
  const stopped = abortOf(options.signal)
  try {
    const url = await listenRest(addresses, { worker, logger, registry, servers })
    const metricsUrl = await listenMetrics(addresses, { worker, logger, registry, servers })
    await Promise.race([startConnectors(worker, connectors), stopped.promise])
    worker.markReady()
    return { worker, url, metricsUrl, close }
  } catch (error) {
    await close()
    throw error
  } finally {
    stopped.release()
  }
}

async function startConnectors(
  worker: StandaloneWorker,
  files: readonly ConnectorFile[],
): Promise<void> {
  await worker.open()
  const starts = []
  for (const { name, source } of files) {
    const { started } = await worker.create(name, toRecord(source), targetOf(source))
    starts.push(...started.starts)
  }
  const failures = (await Promise.all(starts)).filter(error => error !== undefined)
  if (failures[0] !== undefined) throw failures[0]
}

const TARGETS: Readonly<Record<string, TargetState>> = { paused: 'PAUSED', stopped: 'STOPPED' }

function targetOf(source: ConfigSource): TargetState {
  return TARGETS[source.initialState?.toLowerCase() ?? ''] ?? 'STARTED'
}

interface Addresses {
  readonly access: Access
  readonly rest: readonly Listener[]
  readonly metrics: readonly Listener[]
  readonly areMetricsAsked: boolean
  readonly corsOrigin: string
}

/** All addresses are checked before one is opened. */
function addressesOf({ settings, source }: WorkerConfig): Addresses {
  const access = new Access({ users: settings.restUsers, token: settings.restToken })
  const parse = (texts: readonly string[], key: string) =>
    texts.map(text => parseListener(text, key, access.hasLogin))
  const rest = parse(settings.listeners, 'listeners')
  if (rest.length === 0) {
    const message = 'listeners: expected at least one http://host:port, found none'
    throw new ScamanderError(SERVER_ERRORS.LISTENER, message)
  }
  return {
    access,
    rest,
    metrics: parse(settings.metricsListeners, METRICS_KEY),
    areMetricsAsked: source.entries.has(METRICS_KEY),
    corsOrigin: settings.corsOrigin,
  }
}

interface Serving {
  readonly worker: StandaloneWorker
  readonly logger: Logger
  readonly registry: MetricRegistry
  /** Those that listen; closed at the end. */
  readonly servers: HttpServer[]
}

async function listenRest(addresses: Addresses, serving: Serving): Promise<string> {
  const { worker, logger, registry } = serving
  const routes = [
    ...workerRoutes(worker, logger),
    ...connectorRoutes(worker),
    ...pluginRoutes(worker),
    ...metricRoutes(registry),
  ]
  const urls: string[] = []
  for (const listener of addresses.rest) {
    const bound = await listen(listener, 'listeners', { addresses, serving, routes })
    if (urls.length === 0) worker.workerId = workerIdOf(worker.config, bound.hostPort)
    urls.push(bound.url)
  }
  return urls[0]!
}

/** The default address may be taken by another worker of this machine: that stops nothing. */
async function listenMetrics(addresses: Addresses, serving: Serving): Promise<string | undefined> {
  const { logger, registry } = serving
  const urls: string[] = []
  for (const listener of addresses.metrics) {
    try {
      const routes = metricRoutes(registry)
      urls.push((await listen(listener, METRICS_KEY, { addresses, serving, routes })).url)
    } catch (error) {
      if (addresses.areMetricsAsked) throw error
      logger.warn(
        `metrics have no address of their own, because port ${listener.port} is in use: set ${METRICS_KEY}; they are also at /metrics of the REST API`,
      )
    }
  }
  return urls[0]
}

async function listen(
  listener: Listener,
  key: string,
  of: { addresses: Addresses; serving: Serving; routes: readonly Route[] },
): Promise<{ url: string; hostPort: string }> {
  const { access, corsOrigin } = of.addresses
  const logger = of.serving.logger.child({ room: 'server' })
  const server = new HttpServer({ routes: of.routes, access, logger, corsOrigin })
  of.serving.servers.push(server)
  return await server.listen(listener, key)
}

function workerIdOf({ settings }: WorkerConfig, bound: string): string {
  const { advertisedHost, advertisedPort } = settings
  const at = bound.lastIndexOf(':')
  return `${advertisedHost ?? bound.slice(0, at)}:${advertisedPort ?? bound.slice(at + 1)}`
}

/** Rejects when the signal aborts. */
function abortOf(signal: AbortSignal | undefined) {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  const abort = () => reject(new ScamanderError(SERVER_ERRORS.STOPPED, 'the start was stopped'))
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  return { promise, release: () => signal?.removeEventListener('abort', abort) }
}
