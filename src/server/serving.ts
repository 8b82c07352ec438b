/**
 * The addresses of a worker: REST API, loggers and metrics, each on listeners of its own where the
 * settings say so. Used for a worker that runs alone and for one of a cluster.
 * Invariants: every setting is checked before anything is opened; without a login nothing listens
 * where another machine could connect; what was opened is closed when a later step fails.
 * Spec: connect-rest 1, 2.5, 8, 19; design, decision 10.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import type { ConfigSource } from '../config/index.ts'
import type { Herder, StandaloneWorkerSettings } from '../connect/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { AddressRules } from './address-rules.ts'
import type { AttentionDesk } from './attention/attention-desk.ts'
import { connectorAttention } from './attention/connector-attention.ts'
import { certificateAttention } from './attention/server-attention.ts'
import { Callers } from './callers.ts'
import { type ConnectorPage, openConnectorPage } from './connector-page.ts'
import { connectorRoutes, expandedConnectors } from './connector-routes.ts'
import { type CorsSettings, parseCors } from './cors.ts'
import { readUsers, unknownExtensions } from './credentials.ts'
import { SERVER_ERRORS } from './errors.ts'
import { flowRoutes, flowsOf } from './flow-routes.ts'
import { HttpServer } from './http-server.ts'
import { internalRoutes } from './internal-routes.ts'
import { type Listener, parseListener } from './listener.ts'
import type { LiveHub } from './live/live-hub.ts'
import { polledTopic } from './live/live-topic.ts'
import { loggerRoutes } from './logger-routes.ts'
import { type Monitor, openMonitor } from './monitor/open-monitor.ts'
import { offsetRoutes } from './offset-routes.ts'
import { pluginRoutes } from './plugin-routes.ts'
import { type HeaderRule, parseHeaderRules } from './response-headers.ts'
import type { Route } from './route.ts'
import { beginSetup, guardedBy } from './setup-code.ts'
import { type ServerTls, type TlsPrefix, toServerTls } from './tls.ts'
import { uiRoutes } from './ui-routes.ts'
import { helpRoutes } from './v1/help-routes.ts'
import { withRights } from './v1/rights.ts'
import { sessionRoutes, workerSessionRoute } from './v1/session-routes.ts'
import { metricRoutes, workerRoutes } from './worker-routes.ts'

/** The worker's settings that say how it is reached; both kinds of workers have them. */
export type ServingSettings = Pick<
  StandaloneWorkerSettings,
  | 'listeners'
  | 'adminListeners'
  | 'metricsListeners'
  | 'advertisedHost'
  | 'advertisedPort'
  | 'advertisedListener'
  | 'restUsers'
  | 'restUsersFile'
  | 'restToken'
  | 'restExtensions'
  | 'restAllowedAddresses'
  | 'restTrustedProxies'
  | 'corsOrigin'
  | 'corsMethods'
  | 'responseHeaders'
>

export interface ServingOptions {
  readonly config: { readonly settings: ServingSettings; readonly source: ConfigSource }
  readonly herder: Herder
  readonly logger: Logger
  readonly registry: MetricRegistry
  /** Of what this worker does beside connectors. @default none */
  readonly moreRoutes?: readonly Route[]
  /** Signed calls of other workers are taken. @default false */
  readonly inCluster?: boolean
  /** Roles and API tokens. @default none */
  readonly callers?: Callers | undefined
  /** Gets the topics of this worker. @default none has a live connection */
  readonly live?: LiveHub | undefined
  /** Gets what the connectors and certificates of this worker need. @default nobody asks */
  readonly attention?: AttentionDesk | undefined
}

/** What other workers and statuses call this one. */
export interface AdvertisedAddress {
  readonly url: string
  /** `host:port` */
  readonly workerId: string
}

/** Listeners whose settings are checked and that are not open yet. */
export interface Serving {
  /** Opens the REST API and the loggers; call it before the connectors start. */
  listen(): Promise<{ url: string; advertised: AdvertisedAddress }>
  /** Undefined when metrics have no address of their own. */
  listenMetrics(): Promise<string | undefined>
  close(): Promise<void>
}

/** Jobs are elsewhere in the group: so are their API tokens. */
const PASSED_ON = '/api/v1/*'
const ADDRESS_KEYS = {
  allowed: 'scamander.rest.allowed.addresses',
  trustedProxies: 'scamander.rest.trusted.proxies',
} as const
const METRICS_KEY = 'scamander.metrics.listeners'

/** Throws a config error; nothing is open yet. */
export function prepareServing(options: ServingOptions): Serving {
  const plan = planOf(options)
  const { herder } = options
  const logger = options.logger.child({ room: 'server' })
  const { registry, live } = options
  const monitor = openMonitor({ logger: options.logger, registry, live, callers: plan.callers })
  const open = new OpenServers(plan, logger, { forwarded: () => herder.caughtUp(), monitor })
  const { source } = options.config
  options.attention?.add(connectorAttention(herder, registry))
  options.attention?.add(certificateAttention(certificatesOf(plan)))
  const page = openConnectorPage({ ...options, callers: options.callers, source, monitor })
  return {
    listen: () => listenRest(plan, open, { ...options, page }),
    listenMetrics: () => listenMetrics(plan, open, options),
    close: async () => {
      live?.close()
      await open.close()
      monitor.close()
      await page.close()
    },
  }
}

const LIVE_MS = 1_000

/** What the page looks at on this worker. */
export function provideTopics(
  live: LiveHub,
  { herder, logger, registry }: Omit<ServingOptions, 'config'>,
) {
  const of = { everyMs: LIVE_MS, logger }
  live.provide(
    'connectors',
    polledTopic(() => expandedConnectors(herder), of),
  )
  live.provide(
    'flows',
    polledTopic(() => flowsOf(herder, registry), of),
  )
  live.countIn(registry)
}

/** Sections of the page, each by a route that only stands where the section works. */
const SERVED = [
  ['capture', '/api/v1/cdc/overview'],
  ['data', '/api/v1/data/kafka'],
  ['migrations', '/api/v1/migrations'],
] as const

/** Every route of the REST API, as a worker serves it on its main listeners. */
export function restRoutes(of: Omit<ServingOptions, 'config'>, withAdmin = true): Route[] {
  const { herder, logger, registry, live, callers, moreRoutes = [] } = of
  const flows = flowRoutes(herder, registry)
  if (live !== undefined) provideTopics(live, of)
  const hasJobs = moreRoutes.some(({ path }) => /^\/api\/v1\/(jobs$|\*)/.test(path))
  const served = SERVED.filter(([, at]) => moreRoutes.some(({ path }) => path === at))
  const shown = served.map(([name]) => name)
  return [
    ...workerRoutes(herder),
    ...connectorRoutes(herder),
    ...offsetRoutes(herder),
    ...pluginRoutes(herder),
    ...(withAdmin ? loggerRoutes(herder, logger) : []),
    ...internalRoutes(herder),
    ...metricRoutes(registry),
    ...(callers === undefined ? flows : withRights(flows, callers)),
    ...uiRoutes(['connect', ...(hasJobs ? ['v1' as const] : []), ...shown]),
    ...moreRoutes,
  ]
}

interface Plan {
  readonly access: Access
  readonly callers: Callers
  readonly cors: CorsSettings | undefined
  readonly headers: readonly HeaderRule[]
  readonly rest: readonly Planned[]
  /** Undefined: on the main listeners. */
  readonly admin: readonly Planned[] | undefined
  readonly metrics: readonly Planned[]
  readonly areMetricsAsked: boolean
}

interface Planned {
  readonly listener: Listener
  readonly tls: ServerTls | undefined
  /** The setting, for messages. */
  readonly key: string
}

function planOf(options: ServingOptions): Plan {
  const { config, logger, inCluster = false } = options
  const callers = options.callers ?? new Callers('', () => undefined)
  const { settings, source } = config
  const extensions = settings.restExtensions
  for (const name of unknownExtensions(extensions)) {
    logger.warn(`rest.extension.classes: ${name} has no effect, because classes cannot be loaded`)
  }
  const fileUsers = readUsers({ usersFile: settings.restUsersFile, extensions })
  const { restUsers: users, restToken: token } = settings
  const access = new Access({
    ...{ users, token, fileUsers, inCluster, callers, addresses: addressesOf(settings) },
    tokensElsewhere: options.moreRoutes?.some(({ path }) => path === PASSED_ON) === true,
  })
  const guarded = guardedBy({ access, callers })
  const parse = (texts: readonly string[], key: string, prefix: TlsPrefix) =>
    texts.map((text): Planned => {
      const listener = parseListener(text, key, guarded)
      const isTls = listener.scheme === 'https'
      return { listener, tls: isTls ? toServerTls(source, prefix) : undefined, key }
    })
  const rest = parse(settings.listeners, 'listeners', 'listeners.https.')
  if (rest.length === 0) {
    const message = 'listeners: expected at least one http://host:port, found none'
    throw new ScamanderError(SERVER_ERRORS.LISTENER, message)
  }
  const hasAdmin = source.entries.has('admin.listeners')
  const admin = hasAdmin
    ? parse(settings.adminListeners ?? [], 'admin.listeners', 'admin.listeners.https.')
    : undefined
  const metrics = parse(settings.metricsListeners, METRICS_KEY, 'listeners.https.')
  const all = [...rest, ...(admin ?? []), ...metrics].map(({ listener }) => listener)
  beginSetup(all, { access, callers }, logger)
  return {
    ...{ access, callers, rest, admin, metrics },
    cors: parseCors(settings.corsOrigin, settings.corsMethods),
    headers: parseHeaderRules(settings.responseHeaders),
    areMetricsAsked: source.entries.has(METRICS_KEY),
  }
}

/** Of the listeners that have one. */
function certificatesOf({ rest, admin = [], metrics }: Plan) {
  return [...rest, ...admin, ...metrics].flatMap(({ listener, tls }) => {
    const { cert } = tls?.options ?? {}
    const pem = [cert ?? []].flat().map(String).join('\n')
    return pem === ''
      ? []
      : [{ name: `${listener.scheme}://${listener.host}:${listener.port}`, pem }]
  })
}

function addressesOf(settings: ServingSettings): AddressRules {
  const { restAllowedAddresses: allowed, restTrustedProxies: trustedProxies } = settings
  return new AddressRules({ allowed, trustedProxies }, ADDRESS_KEYS)
}

interface Told {
  readonly forwarded: () => Promise<void>
  readonly monitor: Monitor
}

/** The servers that listen. */
class OpenServers {
  readonly #plan: Plan
  readonly #logger: Logger
  readonly #servers: HttpServer[] = []

  readonly #told: Told

  constructor(plan: Plan, logger: Logger, told: Told) {
    this.#plan = plan
    this.#logger = logger
    this.#told = told
  }

  /** Those of monitoring. */
  get routes(): readonly Route[] {
    return this.#told.monitor.routes
  }

  async open({ listener, tls, key }: Planned, routes: readonly Route[]) {
    const { access, cors, headers } = this.#plan
    const { forwarded, monitor } = this.#told
    const server = new HttpServer({
      ...{ routes, access, logger: this.#logger, cors, headers, tls, forwarded },
      called: monitor.called,
    })
    this.#servers.push(server)
    return await server.listen(listener, key)
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(server => server.close()))
  }
}

async function listenRest(
  plan: Plan,
  open: OpenServers,
  options: ServingOptions & { readonly page: ConnectorPage },
) {
  const { herder, logger, config, page } = options
  const { access, callers } = plan
  const signIn = [...sessionRoutes(access, callers), ...helpRoutes(), ...open.routes]
  const own = restRoutes(options, plan.admin === undefined)
  const isTold = own.some(({ method, path }) => method === 'GET' && path === '/api/v1/session')
  if (!isTold) signIn.push(workerSessionRoute(access, callers))
  const routes = page.watched([...own, ...page.routes, ...signIn])
  const bound = []
  for (const one of plan.rest) {
    bound.push({ ...(await open.open(one, routes)), scheme: one.listener.scheme })
  }
  for (const one of plan.admin ?? []) await open.open(one, loggerRoutes(herder, logger))
  return { url: bound[0]!.url, advertised: toAdvertised(config.settings, bound) }
}

/** The default address may be taken by another worker of this machine: that stops nothing. */
async function listenMetrics(
  plan: Plan,
  open: OpenServers,
  { logger, registry }: ServingOptions,
): Promise<string | undefined> {
  const urls: string[] = []
  for (const one of plan.metrics) {
    try {
      urls.push((await open.open(one, metricRoutes(registry))).url)
    } catch (error) {
      if (plan.areMetricsAsked) throw error
      logger.warn(
        `metrics have no address of their own, because port ${one.listener.port} is in use: set ${METRICS_KEY}; they are also at /metrics of the REST API`,
      )
    }
  }
  return urls[0]
}

interface Bound {
  readonly scheme: 'http' | 'https'
  readonly hostPort: string
}

function toAdvertised(settings: ServingSettings, bound: readonly Bound[]): AdvertisedAddress {
  const { advertisedHost, advertisedPort, advertisedListener } = settings
  const chosen = bound.find(one => one.scheme === advertisedListener) ?? bound[0]!
  const at = chosen.hostPort.lastIndexOf(':')
  const host = advertisedHost ?? chosen.hostPort.slice(0, at)
  const workerId = `${host}:${advertisedPort ?? chosen.hostPort.slice(at + 1)}`
  return { workerId, url: `${chosen.scheme}://${workerId}` }
}
