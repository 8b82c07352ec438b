/**
 * From an opcode to its handler, for sessions that are ready.
 * Requests that the proxy does not know go nowhere: the client gets a protocol error, as from a
 * server.
 * Spec: live-migration 2.12.
 */
import { ByteReader, FRAME_FLAG, type FrameView, OPCODE, opcodeName } from '../../cql/index.ts'
import { DualRequest } from '../request/dual-request.ts'
import { skipCustomPayload } from '../request/request-places.ts'
import type { ClientSession } from './client-session.ts'
import { handleBatch } from './on-batch.ts'
import { handleExecute } from './on-execute.ts'
import { handlePrepare } from './on-prepare.ts'
import { handleQuery } from './on-query.ts'
import { protocolError } from './proxy-errors.ts'
import { sendToBoth } from './send.ts'
import { supportedFor } from './supported.ts'

/** Reused: handlers read synchronously. */
const reader = new ByteReader(Buffer.alloc(0))

export function dispatch(session: ClientSession, frame: FrameView): void {
  const { settings, routing, meters } = session.context
  meters.received(frame.opcode)
  if (frame.opcode === OPCODE.OPTIONS) {
    const options = supportedFor(session.context) ?? {}
    session.reply(frame.stream, frame.version, { kind: 'SUPPORTED', options })
    session.heartbeat()
    return
  }
  const request = new DualRequest(frame, session, settings, routing.primary)
  reader.reset(frame.bytes, frame.start, frame.end)
  if ((frame.flags & FRAME_FLAG.CUSTOM_PAYLOAD) !== 0) skipCustomPayload(reader)
  switch (frame.opcode) {
    case OPCODE.EXECUTE:
      handleExecute(session, request, reader)
      break
    case OPCODE.QUERY:
      handleQuery(session, request, reader)
      break
    case OPCODE.BATCH:
      handleBatch(session, request, reader)
      break
    case OPCODE.PREPARE:
      handlePrepare(session, request, reader)
      break
    case OPCODE.REGISTER:
      request.statementClass = 'read'
      session.registrations.add(request)
      sendToBoth(session, request)
      break
    default: {
      const text = `Unexpected message ${opcodeName(frame.opcode)} on a connection that is ready`
      session.replyError(frame.stream, protocolError(text))
    }
  }
}
