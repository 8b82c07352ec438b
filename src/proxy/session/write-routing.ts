/**
 * Where writes go: to both clusters, unless a filter says source only; held for the target when the
 * client does not wait for it or the source decides first.
 * Called by the handlers of QUERY, EXECUTE and BATCH.
 * Spec: live-migration 2.6, 2.9, 2.10, 1.2 (--filter-tables).
 */
import type { DualRequest } from '../request/dual-request.ts'
import { shapeOf } from '../statement/statement-shape.ts'
import type { ClientSession } from './client-session.ts'
import { sendToBoth } from './send.ts'

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
  sendToBoth(session, request, {
    skip: isLeftOut ? 'filter' : undefined,
    isAsync: !settings.isWaiting,
  })
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
