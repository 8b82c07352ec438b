/**
 * The server of `scamander start`: `/api/v1` and the web page, and the Connect REST API of a standalone
 * worker when its properties are given. Called by the command line and the demo.
 * Invariants: another address than loopback demands a login, or the setup code that makes the first one; a
 * start that fails leaves nothing running.
 * Spec: design, decision 10; backlog-replication 2.16.
 */
import { join } from 'node:path'
import type { RetentionSpec } from '../api-v1.ts'
import type { SandboxPlaces } from '../api-v1-help.ts'
import { PRODUCT_VERSION } from '../base/product-version.ts'
import { type ConfigSource, Secret, secretProvider } from '../config/index.ts'
import { MigrationDesk } from '../migrate/index.ts'
import { Replicator } from '../replicate/index.ts'
import { type Logger, MetricRegistry } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { migrationActivity } from './activity/activity-items.ts'
import { AddressRules } from './address-rules.ts'
import { AttentionDesk } from './attention/attention-desk.ts'
import { jobAttention } from './attention/job-attention.ts'
import { diskAttention, migrationAttention } from './attention/server-attention.ts'
import { Callers } from './callers.ts'
import { componentRoutes } from './component-routes.ts'
import { HttpServer } from './http-server.ts'
import { type Listener, parseListener } from './listener.ts'
import { LiveHub } from './live/live-hub.ts'
import { openMonitor } from './monitor/open-monitor.ts'
import { json, type Route } from './route.ts'
import { beginSetup, guardedBy } from './setup-code.ts'
import { type Standalone, startStandalone } from './standalone.ts'
import { startTracing } from './start-tracing.ts'
import { pageRedirect, uiRoutes } from './ui-routes.ts'
import { openData } from './v1/data-routes.ts'
import { EventStreams } from './v1/event-stream.ts'
import { helpRoutes } from './v1/help-routes.ts'
import { provideReplication } from './v1/live-topics.ts'
import { migrationRoutes } from './v1/migration-routes.ts'
import { withRights } from './v1/rights.ts'
import { sessionRoutes } from './v1/session-routes.ts'
import { setupRoutes } from './v1/setup-routes.ts'
import { v1Routes } from './v1/v1-routes.ts'

export interface StartOptions {
  /** Holds the product database and its key. */
  readonly dataFolder: string
  /** `http://host:port`. Of a worker its own listeners count. */
  readonly listen: string
  readonly logger: Logger
  /** Properties of a worker: the Connect REST API is served as well. */
  readonly worker?: ConfigSource | undefined
  readonly connectors?: readonly ConfigSource[]
  /** `name:password`, separated by commas; empty: no login. */
  readonly users?: string
  /** `name:role`, separated by commas; users that are not named are administrators. */
  readonly roles?: string
  /** A bearer token; empty: none. */
  readonly token?: string
  /** Addresses and networks that may call, separated by commas; empty: all, or those set in the page. */
  readonly allowedAddresses?: string
  /** Of proxies whose X-Forwarded-For is believed, separated by commas. */
  readonly trustedProxies?: string
  /** Of the history of runs: what is not given is set in the page. */
  readonly retention?: Partial<RetentionSpec>
  readonly signal?: AbortSignal
  /** Metrics of the worker. */
  readonly registry?: MetricRegistry
  /** Told by the page: test servers that end with this one. */
  readonly sandbox?: SandboxPlaces
}

export interface Start {
  readonly url: string
  /** Undefined without worker properties. */
  readonly worker: Standalone['worker'] | undefined
  readonly replicator: Replicator
  close(): Promise<void>
}

export async function startServer(options: StartOptions): Promise<Start> {
  const { logger, worker } = options
  if (worker !== undefined) warnOfUnused(options)
  const login = { users: new Secret(options.users ?? ''), token: new Secret(options.token ?? '') }
  const { retention = {} } = options
  const replicator = new Replicator(options.dataFolder, logger.child({ room: 'replicate' }), {
    retention,
  })
  const findToken = (token: string) => replicator.tokens.find(token)
  const callers = new Callers(options.roles ?? '', findToken, replicator.users)
  const access = await orClosed(replicator, () => {
    return new Access({ ...login, callers, addresses: addressesOf(options) })
  })
  const listener = await orClosed(replicator, () =>
    parseListener(options.listen, '--listen', guardedBy({ access, callers })),
  )
  if (worker === undefined) beginSetup([listener], { access, callers }, logger)
  const events = new EventStreams(
    replicator,
    ({ headers }) => callers.callerStill(headers) !== undefined,
  )
  const hasConnect = worker !== undefined
  const hasLogin = hasConnect ? hasWorkerLogin(worker) : access.hasLogin
  const desk = migrationsOf(options, replicator)
  const live = new LiveHub(({ headers }) => callers.callerStill(headers))
  callers.onChange(() => live.look())
  provideReplication(live, replicator)
  live.activity.add(() => desk.acts.underWay().map(one => migrationActivity(...one)))
  const attention = attentionOf(options, { replicator, desk, live })
  const { sandbox } = options
  let running: Standalone['worker'] | undefined
  const v1 = v1Routes({
    ...{ replicator, events, hasLogin, hasConnect, callers, sandbox },
    connectorsHolding: text => running?.holding(text) ?? [],
  })
  const data = openData(replicator, worker, logger.child({ room: 'browse' }))
  const home = [
    ...attention.routes(),
    ...componentRoutes({ ...data, replicator, folder: options.dataFolder }),
  ]
  const v1More = [...migrationRoutes(desk), ...live.routes(), ...data.routes, ...home]
  const routes = [...withRights([...v1, ...v1More], callers), ...setupRoutes(replicator, callers)]
  try {
    const server =
      worker === undefined
        ? await servePage({ routes, access, callers, live, listener, logger })
        : await startStandalone({
            worker,
            connectors: options.connectors ?? [],
            logger,
            moreRoutes: routes,
            secret: secretProvider(name => replicator.secrets.open(name)),
            ...{ callers, live, attention },
            ...(options.registry === undefined ? {} : { registry: options.registry }),
            ...(options.signal === undefined ? {} : { signal: options.signal }),
          })
    running = 'worker' in server ? server.worker : undefined
    replicator.start()
    const close = async () => {
      attention.close()
      events.close()
      live.close()
      await server.close()
      await data.close()
      await replicator.close()
      await desk.close()
    }
    return { url: server.url, worker: running, replicator, close }
  } catch (error) {
    attention.close()
    live.close()
    await data.close()
    await replicator.close()
    await desk.close()
    throw error
  }
}

function migrationsOf({ dataFolder, logger }: StartOptions, replicator: Replicator) {
  return new MigrationDesk({
    state: join(dataFolder, 'migration.sqlite'),
    logger: logger.child({ room: 'migrate' }),
    env: process.env,
    connectionOf: id => replicator.cassandraAccess(id).settings,
    isReadOnly: id => replicator.cassandraAccess(id).isReadOnly,
  })
}

interface PageParts {
  readonly routes: readonly Route[]
  readonly access: Access
  readonly callers: Callers
  readonly live: LiveHub
  readonly listener: Listener
  readonly logger: Logger
}

/** Without a worker: the page and `/api/v1` alone. */
async function servePage({ routes, access, callers, live, listener, logger }: PageParts) {
  const registry = new MetricRegistry()
  const endTracing = await startTracing({}, { logger, registry })
  const monitor = openMonitor({ logger, registry, live, callers })
  live.countIn(registry)
  const http = new HttpServer({
    routes: [
      ...[ROOT, ...sessionRoutes(access, callers), ...helpRoutes(), ...routes],
      ...[...monitor.routes, ...uiRoutes(['v1', 'data', 'migrations'])],
    ],
    called: monitor.called,
    access,
    logger: logger.child({ room: 'server' }),
  })
  try {
    const { url } = await http.listen(listener, '--listen')
    const close = async () => {
      await http.close()
      monitor.close()
      await endTracing()
    }
    return { url, close }
  } catch (error) {
    await http.close()
    monitor.close()
    await endTracing()
    throw error
  }
}

/** With a worker its own settings say who may call. */
function warnOfUnused({ users, token, allowedAddresses, trustedProxies, logger }: StartOptions) {
  const given = [
    ['SCAMANDER_USERS', users, 'scamander.rest.basic.users'],
    ['SCAMANDER_TOKEN', token, 'scamander.rest.token'],
    ['SCAMANDER_ALLOWED_ADDRESSES', allowedAddresses, 'scamander.rest.allowed.addresses'],
    ['SCAMANDER_TRUSTED_PROXIES', trustedProxies, 'scamander.rest.trusted.proxies'],
  ] as const
  for (const [name, value = '', key] of given)
    if (value !== '')
      logger.warn(`${name} has no effect with a worker: set ${key} in its properties`)
}

/** What is told of this server; its worker adds more. */
function attentionOf(
  { logger, dataFolder }: StartOptions,
  of: { readonly replicator: Replicator; readonly desk: MigrationDesk; readonly live: LiveHub },
): AttentionDesk {
  const attention = new AttentionDesk(logger.child({ room: 'server' }))
  attention.add(jobAttention(of.replicator))
  attention.add(migrationAttention(of.desk))
  attention.add(diskAttention(dataFolder))
  attention.provide(of.live)
  return attention
}

/** Of a server without a worker. */
function addressesOf({ allowedAddresses, trustedProxies }: StartOptions): AddressRules {
  const list = (text = '') => text.split(',').flatMap(one => one.trim() || [])
  const keys = {
    allowed: 'SCAMANDER_ALLOWED_ADDRESSES',
    trustedProxies: 'SCAMANDER_TRUSTED_PROXIES',
  }
  const settings = { allowed: list(allowedAddresses), trustedProxies: list(trustedProxies) }
  return new AddressRules(settings, keys)
}

/** A setting that cannot be used leaves nothing open. */
async function orClosed<T>(replicator: Replicator, check: () => T): Promise<T> {
  try {
    return check()
  } catch (error) {
    await replicator.close()
    throw error
  }
}

/** Without a worker the root has only the page to show. */
const ROOT: Route = {
  method: 'GET',
  path: '/',
  produces: 'any',
  summary: 'The version; a browser is led to the page.',
  handle: call => pageRedirect(call) ?? json(200, { version: PRODUCT_VERSION }),
}

const LOGIN_KEYS = [
  'scamander.rest.basic.users',
  'scamander.rest.basic.file',
  'scamander.rest.token',
  'rest.extension.classes',
]

function hasWorkerLogin({ entries }: ConfigSource): boolean {
  return LOGIN_KEYS.some(key => entries.has(key))
}
