/**
 * An ERROR response of the data plane in the shape that `classify` reads.
 * Invariant: never throws; an undecodable error is a protocol error of the server.
 * Spec: native protocol v5, section 9.
 */
import { messageOf } from '../../base/scamander-error.ts'
import { type FrameView, opcodeName, readMessage } from '../../cql/index.ts'
import { SERVER_ERROR_CODES, type ServerError } from '../classify.ts'

export function readServerError(frame: FrameView): ServerError {
  try {
    const { message } = readMessage(frame)
    if (message.kind === 'ERROR') {
      return { ...message.details, code: message.code, message: message.message }
    }
    return protocolError(`expected RESULT or ERROR, found ${opcodeName(frame.opcode)}`)
  } catch (error) {
    return protocolError(messageOf(error))
  }
}

function protocolError(message: string): ServerError {
  return { code: SERVER_ERROR_CODES.PROTOCOL, message }
}
