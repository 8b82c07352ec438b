/**
 * A worker of a cluster with its addresses: checks, listens, joins, and ends all of it in reverse.
 * Called by the command line and tests.
 * Invariants: the REST API answers before the group is joined; a start that fails leaves nothing
 * running and is told as one error.
 * Spec: connect-rest 2.1 (health), 7; design, decision 10.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { type ConfigSource, formatLint } from '../config/index.ts'
import { DistributedWorker, parseDistributed, tracingKeysOf } from '../connect/index.ts'
import { type Logger, MetricRegistry } from '../telemetry/index.ts'
import { AttentionDesk } from './attention/attention-desk.ts'
import { Callers } from './callers.ts'
import { openCapture } from './capture-host.ts'
import { SERVER_ERRORS } from './errors.ts'
import { LiveHub } from './live/live-hub.ts'
import type { Route } from './route.ts'
import { prepareServing } from './serving.ts'
import { openSharedReplication } from './shared-replication.ts'
import { startTracing } from './start-tracing.ts'
import { withRights } from './v1/rights.ts'

export interface DistributedOptions {
  /** The worker's properties. */
  readonly worker: ConfigSource
  readonly logger: Logger
  readonly registry?: MetricRegistry
  /** Traces with stacks. @default false */
  readonly isDebug?: boolean
  /** `name:role`, separated by commas; users that are not named are administrators. */
  readonly roles?: string
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
}

export interface Distributed {
  readonly worker: DistributedWorker
  /** Address of the REST API. */
  readonly url: string
  /** Undefined when metrics have no address of their own. */
  readonly metricsUrl: string | undefined
  /** Commits, closes, leaves the group and returns when nothing runs any more. */
  close(): Promise<void>
}

/** Resolves when the worker is a member of its cluster; rejects with nothing left running. */
export async function startDistributed(options: DistributedOptions): Promise<Distributed> {
  const { logger, isDebug = false, registry = new MetricRegistry() } = options
  const config = parseDistributed(options.worker)
  for (const lint of config.warnings) logger.warn(formatLint(lint))
  const worker = new DistributedWorker({ config, logger, registry, isDebug })
  const { worker: reached } = config
  const attention = new AttentionDesk(logger.child({ room: 'server' }))
  const replication = openSharedReplication(worker, {
    ...{ config, logger, registry, attention, roles: options.roles ?? '' },
    provide: hub => capture.provide(hub),
  })
  const capture = await openCapture(reached, { logger, registry, signal: options.signal })
  const callers = replication?.callers ?? new Callers(options.roles ?? '', () => undefined)
  const live = new LiveHub(({ headers }) => callers.callerStill(headers))
  callers.onChange(() => live.look())
  capture.provide(live)
  attention.provide(live)
  if (capture.attention !== undefined) attention.add(capture.attention)
  const serving = prepareServing({
    config: reached,
    herder: worker,
    logger,
    registry,
    inCluster: true,
    moreRoutes: groupRoutes(callers, {
      capture: capture.routes,
      live: [...live.routes(), ...attention.routes()],
      replication: replication?.routes,
    }),
    ...{ live, callers, attention },
  })
  const endTracing = await startTracing(tracingKeysOf(config.settings), { logger, registry })
  const close = async () => {
    attention.close()
    replication?.stop()
    await worker.close()
    replication?.close()
    await capture.close()
    await serving.close()
    await endTracing()
  }
  const stopped = Promise.withResolvers<never>()
  stopped.promise.catch(() => undefined)
  const stop = () => {
    stopped.reject(new ScamanderError(SERVER_ERRORS.STOPPED, 'the start was stopped'))
  }
  options.signal?.addEventListener('abort', stop, { once: true })
  try {
    const { url, advertised } = await serving.listen()
    capture.announce(advertised.url)
    const metricsUrl = await serving.listenMetrics()
    await Promise.race([worker.open(advertised), stopped.promise])
    replication?.start(url)
    return { worker, url, metricsUrl, close }
  } catch (error) {
    await close()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', stop)
  }
}

interface GroupRoutes {
  readonly capture: readonly Route[]
  readonly live: readonly Route[]
  /** They judge where the jobs are, and have live connections of their own. */
  readonly replication: readonly Route[] | undefined
}

/** What a worker of a group serves beside the REST API of connectors. */
export function groupRoutes(callers: Callers, of: GroupRoutes): Route[] {
  const own = withRights([...of.capture, ...(of.replication === undefined ? of.live : [])], callers)
  return [...own, ...(of.replication ?? [])]
}
