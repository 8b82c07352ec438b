/**
 * What follows when a cluster settled a request: the client's answer as soon as nobody is awaited,
 * and the account of writes that one cluster missed once both are known.
 * Called by sessions for every settled cluster.
 * Invariants: the client gets exactly one answer; a write that reached one cluster only is counted
 * and, unless a filter or condition meant it so, logged and journalled.
 * Spec: live-migration 2.9, 2.13.
 */
import { ERROR_CODE, OPCODE } from '../../cql/index.ts'
import { type Cluster, SOURCE, TARGET } from '../cluster.ts'
import { errorCodeOf, isSameAnswer } from '../link/answer-body.ts'
import { type DualRequest, STATUS } from '../request/dual-request.ts'
import { shapeOf } from '../statement/statement-shape.ts'
import type { ClientSession } from './client-session.ts'
import { decide } from './decide.ts'
import { checkApplied, wasApplied } from './lwt.ts'
import { finishPrepare } from './on-prepare.ts'
import { timeoutError, unavailableError } from './proxy-errors.ts'
import { replyAnswer } from './reply-answer.ts'
import { sendDeferred } from './send.ts'

export function onSettled(session: ClientSession, request: DualRequest): void {
  if (request.isAsync && !request.isReplied && request.status[SOURCE] === STATUS.OK) {
    session.asyncWrites.keepAhead(request)
  }
  if (request.isDeferred && request.status[SOURCE] > STATUS.WAITING) {
    request.isDeferred = false
    releaseDeferred(session, request)
  }
  const { awaited, status } = request
  const isAwaited =
    ((awaited & 1) !== 0 && status[SOURCE] <= STATUS.WAITING) ||
    ((awaited & 2) !== 0 && status[TARGET] <= STATUS.WAITING)
  const isDue = !request.isReplied && !isAwaited
  const isOpen = status[SOURCE] === STATUS.WAITING || status[TARGET] === STATUS.WAITING
  const isDone = !isOpen && !request.isAccounted && (isDue || request.isReplied)
  // First the journal, then the answer: a client hears of nothing that could be forgotten.
  if (isDone) {
    request.isAccounted = true
    account(session, request)
  }
  if (isDue) answer(session, request)
  if (!isDone) return
  const { skipReason } = request
  if (request.isAsync && skipReason !== 'not_applied' && skipReason !== 'queue_full') {
    session.asyncWrites.settled(request)
  }
  session.finish()
}

/** The source answered: now the target may be asked. */
function releaseDeferred(session: ClientSession, request: DualRequest): void {
  const isOk = request.status[SOURCE] === STATUS.OK
  const isApplied = isOk && (!request.isWaitingForApplied || wasApplied(request, SOURCE))
  if (isApplied) sendDeferred(session, request)
  else {
    if (request.isAsync) session.asyncWrites.forget(request)
    request.skipReason = 'not_applied'
    request.status[TARGET] = STATUS.SKIPPED
  }
}

function answer(session: ClientSession, request: DualRequest): void {
  const { settings, routing, meters } = session.context
  const decision = decide(request, {
    isFailing: settings.targetFailure === 'fail' || request.isStrict,
    primary: routing.primary,
  })
  session.release(request)
  meters.answered(request, (performance.now() - request.startedMs) / 1000)
  switch (decision.kind) {
    case 'answer': {
      const frame = request.answers[decision.cluster]!
      if (frame.opcode === OPCODE.ERROR) meters.errorAnswers.add()
      if (request.opcode === OPCODE.PREPARE) finishPrepare(session, request, decision.cluster)
      else replyAnswer(session, request, decision.cluster)
      break
    }
    case 'unavailable':
      session.replyError(request.stream, unavailableError(request.consistency, decision.message))
      break
    default: {
      const error = timeoutError(request.isWrite, request.consistency, decision.message)
      session.replyError(request.stream, error)
    }
  }
  if (isApart(request)) session.close('USE succeeded on one cluster only, or may have')
}

/** The links of the session use different keyspaces now, or it is not known which. */
function isApart({ statementClass, status }: DualRequest): boolean {
  if (statementClass !== 'use') return false
  if (status[SOURCE] === STATUS.TIMED_OUT || status[TARGET] === STATUS.TIMED_OUT) return true
  if (status[TARGET] === STATUS.SKIPPED) return false
  return (status[SOURCE] === STATUS.OK) !== (status[TARGET] === STATUS.OK)
}

function account(session: ClientSession, request: DualRequest): void {
  const { meters, settings } = session.context
  const { status } = request
  meters.settled(request)
  const isCompared = status[SOURCE] === STATUS.OK || status[SOURCE] === STATUS.ERROR
  if (isCompared && status[TARGET] >= STATUS.OK && status[TARGET] <= STATUS.ERROR) {
    const [a, b] = request.answers
    if (request.opcode !== OPCODE.PREPARE && a !== undefined && b !== undefined) {
      if (!isSameAnswer(a, b, settings.isOnlyMessageCompared)) meters.differentResults.add()
    }
  }
  if (request.info?.isConditional === true) checkApplied(session, request)
  if (!request.isWrite || request.opcode === OPCODE.PREPARE) return
  const failed = failedCluster(request)
  meters.written(request, failed)
  if (failed === 'both' && isUndecided(request)) reportMissed(session, request, TARGET, UNDECIDED)
  if (failed === undefined || failed === 'both') return
  reportMissed(session, request, failed, request.skipReason ?? causeOf(request, failed))
}

/** The cluster that missed a write which the other has. */
function failedCluster(request: DualRequest): Cluster | 'both' | undefined {
  const [source, target] = request.status
  const isSourceOk = source === STATUS.OK
  const isTargetOk = target === STATUS.OK
  if (isSourceOk && isTargetOk) return undefined
  if (isSourceOk) return isMeant(request) ? undefined : TARGET
  if (isTargetOk) return SOURCE
  return 'both'
}

/** Left out on purpose. */
function isMeant(request: DualRequest): boolean {
  if (request.status[TARGET] === STATUS.NONE) return true
  return request.skipReason === 'filter' || request.skipReason === 'not_applied'
}

/**
 * The target waited for the source's word, and the source left open whether it took the write: it may
 * be there alone.
 */
function isUndecided({ skipReason, status, answers }: DualRequest): boolean {
  if (skipReason !== 'not_applied') return false
  if (status[SOURCE] === STATUS.LOST || status[SOURCE] === STATUS.TIMED_OUT) return true
  const answer = answers[SOURCE]
  return answer !== undefined && UNDECIDED_CODES.has(errorCodeOf(answer))
}

const UNDECIDED = 'the source did not say whether it took it'
const UNDECIDED_CODES: ReadonlySet<number> = new Set([
  ERROR_CODE.WRITE_TIMEOUT,
  ERROR_CODE.WRITE_FAILURE,
  ERROR_CODE.CAS_WRITE_UNKNOWN,
])

function reportMissed(
  session: ClientSession,
  request: DualRequest,
  cluster: Cluster,
  cause: string,
): void {
  const { logger, journal } = session.context
  const name = cluster === SOURCE ? 'source' : 'target'
  const action = journal === undefined ? 'copy or repair the table' : 'see proxy-replay'
  const keyspace = request.info?.keyspace ?? session.keyspace
  logger.warnLimited(
    `missed-${name}-${cause}`,
    `a write did not reach the ${name} (${cause}); ${action}`,
    { keyspace, statement: shapeOf(request.shownText) },
  )
  journal?.append({ request, cluster, cause, keyspace: session.keyspace })
}

function causeOf(request: DualRequest, cluster: Cluster): string {
  const { status, reasons } = request
  if (status[cluster] === STATUS.ERROR) return 'it answered with an error'
  return status[cluster] === STATUS.TIMED_OUT ? 'no answer in time' : reasons[cluster]
}
