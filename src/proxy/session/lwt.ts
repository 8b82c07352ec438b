/**
 * Conditional writes: each cluster decides for itself; the proxy counts when they decide differently.
 * Called by completion for statements with IF.
 * Spec: live-migration 2.6 (LWT).
 */
import { ByteReader, CellCursor, decodeBody, type ProtocolVersion } from '../../cql/index.ts'
import { type Cluster, SOURCE, TARGET } from '../cluster.ts'
import { answerBodyAt, isRows } from '../link/answer-body.ts'
import { type DualRequest, STATUS } from '../request/dual-request.ts'
import type { ClientSession } from './client-session.ts'

/** Did the cluster apply the condition? Its first column is `[applied]`. */
export function wasApplied(request: DualRequest, cluster: Cluster): boolean {
  const frame = request.answers[cluster]
  if (frame === undefined || !isRows(frame)) return false
  const reader = new ByteReader(frame.bytes, answerBodyAt(frame), frame.end)
  const message = decodeBody(reader, frame.opcode, request.version as ProtocolVersion)
  if (message.kind !== 'RESULT' || message.result !== 'ROWS') return false
  const cursor = new CellCursor(message.metadata.columnCount)
  cursor.reset(message)
  return cursor.nextRow() && cursor.lengths[0] === 1 && cursor.bytes[cursor.starts[0]!] === 1
}

export function checkApplied(session: ClientSession, request: DualRequest): void {
  const { meters } = session.context
  meters.conditionalWrites.add()
  const isBoth = request.status[SOURCE] === STATUS.OK && request.status[TARGET] === STATUS.OK
  if (isBoth && wasApplied(request, SOURCE) !== wasApplied(request, TARGET)) {
    meters.appliedMismatches.add()
  }
}
