/**
 * Where reads go: to the primary, or to the cluster that made the paging state they continue; in
 * the other read modes to the secondary as well.
 * Called by the handlers of QUERY and EXECUTE.
 * Spec: live-migration 2.9.
 */
import { type ByteReader, int32At, QUERY_FLAG } from '../../cql/index.ts'
import { otherCluster, TARGET } from '../cluster.ts'
import type { DualRequest } from '../request/dual-request.ts'
import { readTail } from '../request/request-places.ts'
import type { ClientSession } from './client-session.ts'
import { protocolError } from './proxy-errors.ts'
import { clusterOfTag } from './reply-answer.ts'
import { sendToBoth, sendToOne } from './send.ts'

const PAGED = QUERY_FLAG.PAGING_STATE

/**
 * Takes the tag off a paging state and remembers its cluster. The reader stands behind the flags.
 * False when the state is not one of ours; the client was told.
 */
export function routeByPagingState(
  session: ClientSession,
  request: DualRequest,
  reader: ByteReader,
  flags: number,
): boolean {
  if ((flags & PAGED) === 0) return true
  const { pagingStateAt: at, pagingStateLength: length } = readTail(reader, flags)
  if (length <= 0) return true
  const cluster = clusterOfTag(request.bytes[at + 4])
  if (cluster === undefined) {
    const text = 'Invalid value for the paging state: it was not made by this proxy'
    session.replyError(request.stream, protocolError(text))
    return false
  }
  const insert = Buffer.alloc(4)
  insert.writeInt32BE(int32At(request.bytes, at) - 1)
  request.edits = [{ at, skip: 5, insert }]
  request.pagedOn = cluster
  return true
}

export function sendRead(session: ClientSession, request: DualRequest): void {
  const { routing } = session.context
  if (request.pagedOn !== undefined) {
    sendToOne(session, request, request.pagedOn)
    return
  }
  const canCompare = routing.isTargetEnabled && session.links.isReady(TARGET)
  if (routing.readMode === 'compare' && canCompare) {
    sendToBoth(session, request)
    return
  }
  const isAsync = routing.readMode === 'dual-async' && routing.isTargetEnabled
  sendToOne(session, request, routing.primary)
  if (isAsync) session.asyncReads.offer(request, otherCluster(routing.primary))
}
