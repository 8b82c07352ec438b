/**
 * Where writes go: to both clusters, unless a filter says source only; held for the target when the
 * client does not wait for it or the source decides first.
 * Called by the handlers of QUERY, EXECUTE and BATCH.
 * Invariant: what ends the meaning of writes before it (USE, TRUNCATE, changes of the schema) overtakes
 * none of the session that wait for the target, and is waited for itself.
 * Spec: live-migration 2.6, 2.9, 2.10, 1.2 (--filter-tables).
 */
import type { DualRequest } from '../request/dual-request.ts'
import { shapeOf } from '../statement/statement-shape.ts'
import type { ClientSession } from './client-session.ts'
import { overloadedError } from './proxy-errors.ts'
import { type BothOptions, sendToBoth } from './send.ts'

/** `text`: the whole statement for the filter; undefined when it was decided already. */
export function sendWrite(
  session: ClientSession,
  request: DualRequest,
  text: string | undefined,
  isFiltered = false,
): void {
  const { settings, filter } = session.context
  const isLeftOut = isFiltered || (text !== undefined && filter?.test(text) === true)
  request.isWaitingForApplied = settings.isSourceFirst && request.info?.isConditional === true
  const skip = isLeftOut ? 'filter' : undefined
  // It has no write time: late on the target, it would take away what was written after it.
  if (request.info?.kind === 'truncate') sendAfterWrites(session, request, { skip })
  else sendToBoth(session, request, { skip, isAsync: !settings.isWaiting })
}

/** To both, behind the writes that wait for the target. */
export function sendAfterWrites(
  session: ClientSession,
  request: DualRequest,
  options: BothOptions = {},
): void {
  const send = () => {
    // It may have waited: its time runs from now on.
    session.nowMs = performance.now()
    sendToBoth(session, request, options)
  }
  if (session.asyncWrites.afterAll(send)) return
  const text = 'Too many statements wait for writes to the target'
  session.replyError(request.stream, overloadedError(text))
}

/** A write whose value each cluster makes for itself: said once per statement. */
export function noteFunctions(session: ClientSession, text: string): void {
  const { meters, logger } = session.context
  meters.nondeterministicWrites.add()
  const statement = shapeOf(text)
  logger.warnLimited(
    `functions-${statement}`,
    'a write calls now(), uuid() or the like, so the clusters store different values; use --replace-functions true',
    { statement },
  )
}
