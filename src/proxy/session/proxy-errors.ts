/**
 * The ERROR messages that the proxy itself answers with; everything else comes from a cluster.
 * Called by handlers and by completion.
 * Spec: live-migration 2.3, 2.5, 2.9, 2.11.
 */
import { ERROR_CODE, type ErrorMessage } from '../../cql/index.ts'

/** Drivers prepare again and repeat the request. */
export function unpreparedError(id: Buffer): ErrorMessage {
  const { UNPREPARED: code } = ERROR_CODE
  const message = `Prepared query with ID ${id.toString('hex')} not found`
  return { kind: 'ERROR', code, message, details: { code, preparedId: id } }
}

export function overloadedError(message: string): ErrorMessage {
  return { kind: 'ERROR', code: ERROR_CODE.OVERLOADED, message }
}

export function protocolError(message: string): ErrorMessage {
  return { kind: 'ERROR', code: ERROR_CODE.PROTOCOL_ERROR, message }
}

export function invalidError(message: string): ErrorMessage {
  return { kind: 'ERROR', code: ERROR_CODE.INVALID, message }
}

export function credentialsError(message: string): ErrorMessage {
  return { kind: 'ERROR', code: ERROR_CODE.BAD_CREDENTIALS, message }
}

/** The request was certainly not executed. */
export function unavailableError(consistency: number, message: string): ErrorMessage {
  const { UNAVAILABLE: code } = ERROR_CODE
  return {
    kind: 'ERROR',
    code,
    message,
    details: { code, consistency, required: 1, alive: 0 },
  }
}

/** Whether the request was executed is not known. */
export function timeoutError(isWrite: boolean, consistency: number, message: string): ErrorMessage {
  const acknowledged = { consistency, received: 0, blockFor: 1 }
  if (isWrite) {
    const { WRITE_TIMEOUT: code } = ERROR_CODE
    return {
      kind: 'ERROR',
      code,
      message,
      details: { code, ...acknowledged, writeType: 'SIMPLE' },
    }
  }
  const { READ_TIMEOUT: code } = ERROR_CODE
  return { kind: 'ERROR', code, message, details: { code, ...acknowledged, isDataPresent: false } }
}
