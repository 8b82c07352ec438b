/**
 * Replication in a worker of a group, put together: the jobs while this worker has them, and the
 * routes that find them. Opened by startDistributed when the worker's properties ask for it.
 * Invariants: the connector of replication finds its work from the start on; what the page sees live
 * of jobs comes from the worker that has them and ends with it.
 * Spec: backlog-replication 2.16; docs/adr/0033-replication-in-a-worker-group.md.
 */
import type { DistributedConfig, DistributedWorker } from '../connect/index.ts'
import type { Replicator } from '../replicate/index.ts'
import { offerHeldWork, REPLICATION_CONNECTOR } from '../source/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import type { AttentionDesk } from './attention/attention-desk.ts'
import { jobAttention } from './attention/job-attention.ts'
import { Callers } from './callers.ts'
import { LiveHub } from './live/live-hub.ts'
import { ReplicationHost } from './replication-host.ts'
import type { Route } from './route.ts'
import { provideTopics } from './serving.ts'
import { EventStreams } from './v1/event-stream.ts'
import { provideReplication } from './v1/live-topics.ts'
import { withRights } from './v1/rights.ts'
import { workerSessionRoute } from './v1/session-routes.ts'
import { sharedRoutes } from './v1/shared-routes.ts'
import { v1Routes } from './v1/v1-routes.ts'

export interface SharedReplication {
  readonly callers: Callers
  readonly routes: readonly Route[]
  /** This worker is a member now; `url` is what it listens at. */
  start(url: string): void
  /** The connector is not made again from now on. */
  stop(): void
  /** No task of the worker runs any more. */
  close(): void
}

export interface SharedReplicationParts {
  readonly config: DistributedConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  /** `name:role`, separated by commas. */
  readonly roles: string
  /** Gets what the jobs need, while this worker has them. */
  readonly attention: AttentionDesk
  /** More of what the page sees live. */
  readonly provide: (hub: LiveHub) => void
}

/** Undefined: the workers of this group run no replication jobs. */
export function openSharedReplication(
  worker: DistributedWorker,
  parts: SharedReplicationParts,
): SharedReplication | undefined {
  const { config, roles } = parts
  const logger = parts.logger.child({ room: 'replicate' })
  if (config.settings.replicateTopic === '') return undefined
  const callers = new Callers(roles, token => host.replicator?.tokens.find(token))
  const open = (replicator: Replicator) => openRoutes(replicator, { worker, callers, ...parts })
  const host = new ReplicationHost({ config, logger, open })
  offerHeldWork(host)
  let protocol = 'http:'
  const holder = () => {
    const at = holderOf(worker)
    return at === undefined || host.held !== undefined ? undefined : `${protocol}//${at}`
  }
  const session = workerSessionRoute({ hasLogin: hasLoginOf(config) }, callers)
  return {
    callers,
    routes: sharedRoutes({
      ...{ held: () => host.held, holder, session },
      watch: (body, { headers }) => {
        const name = callers.callerOf(headers['authorization'])?.name ?? ''
        callers.streams.watch(body, { name, isAllowed: () => !callers.hasEnded(headers) })
      },
    }),
    start: url => {
      protocol = new URL(url).protocol
      host.watch(worker)
    },
    stop: () => host.close(),
    close: () => offerHeldWork(undefined),
  }
}

/** `host:port` of the worker whose task runs; this one's own, too. */
function holderOf(worker: DistributedWorker): string | undefined {
  try {
    const { state, worker_id: id } = worker.taskStatus(REPLICATION_CONNECTOR, 0)
    return state === 'RUNNING' && id !== worker.workerId ? id : undefined
  } catch {
    // Nothing is known of the task yet.
    return undefined
  }
}

function hasLoginOf({ settings }: DistributedConfig): boolean {
  const { restUsers, restUsersFile, restToken, restExtensions } = settings
  return (
    !restUsers.isEmpty || !restToken.isEmpty || restUsersFile !== '' || restExtensions.length > 0
  )
}

function openRoutes(
  replicator: Replicator,
  of: SharedReplicationParts & { readonly worker: DistributedWorker; readonly callers: Callers },
) {
  const { worker, callers, config, logger, registry, attention, provide } = of
  const hasLogin = hasLoginOf(config)
  const events = new EventStreams(
    replicator,
    ({ headers }) => callers.callerStill(headers) !== undefined,
  )
  const live = new LiveHub(({ headers }) => callers.callerStill(headers))
  const stopLooking = callers.onChange(() => live.look())
  provideTopics(live, { herder: worker, logger, registry })
  provideReplication(live, replicator)
  provide(live)
  attention.provide(live)
  const forget = attention.add(jobAttention(replicator))
  // Who signs in is told by the properties of the workers alone.
  const isOffered = ({ method, path }: Route) =>
    method === 'GET' || !path.startsWith('/api/v1/users')
  const v1 = v1Routes({ replicator, events, hasLogin, hasConnect: true, callers })
  const close = () => {
    forget()
    stopLooking()
    events.close()
    live.close()
  }
  const routes = [...v1.filter(isOffered), ...live.routes(), ...attention.routes()]
  return { routes: withRights(routes, callers), close }
}
