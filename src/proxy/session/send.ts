/**
 * Sends requests to one cluster or to both, with the checks that decide whether they go at all.
 * Called by the handlers; the only place where a request meets a link.
 * Invariants: a request for both is handed to both or to neither; while the target is away a write
 * is left out there and said so, or refused in `fail` mode before the source sees it.
 * Spec: live-migration 2.9-2.11.
 */
import { type Cluster, SOURCE, TARGET } from '../cluster.ts'
import { type DualRequest, type SkipReason, STATUS } from '../request/dual-request.ts'
import type { ClientSession } from './client-session.ts'
import { overloadedError, unavailableError } from './proxy-errors.ts'

/** To one cluster, whose answer the client gets. */
export function sendToOne(session: ClientSession, request: DualRequest, cluster: Cluster): void {
  request.answerFrom = cluster
  request.awaited = 1 << cluster
  const link = session.links.links[cluster]
  if (link === undefined || !link.isReady) {
    const name = cluster === SOURCE ? 'source' : 'target'
    const message = `The ${name} cluster is not connected`
    session.replyError(request.stream, unavailableError(request.consistency, message))
    return
  }
  if (link.isFull) {
    session.replyError(request.stream, overloadedError(FULL))
    return
  }
  if (!start(session, request)) return
  deliver(session, request, cluster)
}

export interface BothOptions {
  /** The target is left out on purpose. */
  readonly skip?: SkipReason | undefined
  /** The client's answer does not wait for the target. */
  readonly isAsync?: boolean
}

/** To both clusters, as routing and policy allow. */
export function sendToBoth(
  session: ClientSession,
  request: DualRequest,
  options: BothOptions = {},
): void {
  const { routing, settings } = session.context
  const source = session.links.links[SOURCE]
  const target = session.links.links[TARGET]
  const skip = options.skip ?? targetAbsence(session)
  const isAsync = options.isAsync === true && skip === undefined
  if (source === undefined || !source.isReady) return
  if (skip === 'target_down' && settings.targetFailure === 'fail') {
    const error = unavailableError(request.consistency, 'The target cluster is not connected')
    session.replyError(request.stream, error)
    return
  }
  if (needsJournal(session, request, isAsync, skip)) {
    session.context.meters.journalRefused.add()
    session.replyError(request.stream, overloadedError(JOURNAL_FULL))
    return
  }
  if (source.isFull || (skip === undefined && !isAsync && target?.isFull === true)) {
    session.replyError(request.stream, overloadedError(FULL))
    return
  }
  request.answerFrom = skip === undefined && !isAsync ? routing.primary : SOURCE
  request.awaited = isAsync ? 1 : 3
  request.isAsync = isAsync
  if (!start(session, request)) return
  if (skip !== undefined) {
    request.skipReason = skip
    request.status[TARGET] = STATUS.SKIPPED
  } else if (isAsync || request.isWaitingForApplied) holdForTarget(session, request)
  else request.status[TARGET] = STATUS.WAITING
  deliver(session, request, SOURCE)
  if (request.status[TARGET] === STATUS.WAITING && !request.isDeferred && !request.isAsync) {
    deliver(session, request, TARGET)
  }
}

/** The source succeeded: the held request goes on. */
export function sendDeferred(session: ClientSession, request: DualRequest): void {
  if (request.isAsync) session.asyncWrites.release(request)
  else if (!session.links.isReady(TARGET)) {
    request.skipReason = 'target_down'
    request.status[TARGET] = STATUS.SKIPPED
  } else deliver(session, request, TARGET)
}

/** Hands the request to the cluster's link, after preparing its statements there if need be. */
export function deliver(session: ClientSession, request: DualRequest, cluster: Cluster): void {
  request.status[cluster] = STATUS.WAITING
  if (session.repreparer.isNeeded(request, cluster)) {
    session.repreparer.prepareThenSend(request, cluster)
    return
  }
  const link = session.links.links[cluster]
  if (link?.send(request) === true) return
  request.reasons[cluster] = link?.isFull === true ? 'no free stream id' : 'not connected'
  request.settle(cluster, STATUS.LOST)
}

/** The journal would have to keep the write, refuses rather than loses, and is full. */
function needsJournal(
  { context }: ClientSession,
  request: DualRequest,
  isAsync: boolean,
  skip: SkipReason | undefined,
): boolean {
  const { journal, settings } = context
  if (settings.journal?.isRefusing !== true || journal === undefined || !request.isWrite)
    return false
  const isMissing = skip === 'target_down' || skip === 'target_disabled'
  return (isMissing || (isAsync && settings.journal.isWriteAhead)) && journal.isFull
}

const JOURNAL_FULL = 'The journal of the proxy is full; free space in its folder'
const FULL = 'Too many requests are in flight on this connection'

function start(session: ClientSession, request: DualRequest): boolean {
  request.startedMs = session.nowMs
  return session.track(request)
}

function holdForTarget(session: ClientSession, request: DualRequest): void {
  request.status[TARGET] = STATUS.WAITING
  const isConcurrent = session.context.settings.async.order === 'concurrent'
  if (!request.isAsync) request.isDeferred = true
  else if (!session.asyncWrites.hold(request)) {
    request.skipReason = 'queue_full'
    request.status[TARGET] = STATUS.SKIPPED
  } else if (isConcurrent && !request.isWaitingForApplied) session.asyncWrites.release(request)
  else request.isDeferred = true
}

function targetAbsence(session: ClientSession): SkipReason | undefined {
  if (!session.context.routing.isTargetEnabled) return 'target_disabled'
  return session.links.isReady(TARGET) ? undefined : 'target_down'
}
