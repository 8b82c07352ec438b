/**
 * The HTTP answer for anything a call can throw: the kind of the error decides the status.
 * Used by `HttpServer` for every failed call.
 * Invariant: `error_code` equals the status; no stack, no secret.
 * Spec: connect-rest 1 (error body, status code map); docs/adr/0004-errors.md.
 */
import type { ErrorInfo } from '../api.ts'
import { type ErrorKind, isScamanderError, messageOf } from '../base/scamander-error.ts'
import { CONNECT_ERRORS } from '../connect/index.ts'
import { CDC_ERRORS } from '../source/index.ts'
import { type Answer, json } from './route.ts'

const STATUS: Readonly<Record<ErrorKind, number>> = {
  config: 400,
  request: 404,
  data: 400,
  retriable: 503,
  disconnected: 503,
  fatal: 500,
  cancelled: 500,
}

export function errorAnswer(error: unknown): Answer {
  const status = statusOf(error)
  return json(status, errorInfo(status, messageOf(error)))
}

export function errorInfo(status: number, message: string): ErrorInfo {
  return { error_code: status, message }
}

function statusOf(error: unknown): number {
  if (!isScamanderError(error)) return 500
  return STATUS_BY_CODE.get(error.code) ?? STATUS[error.kind]
}

/** Where Kafka Connect answers otherwise than the kind says. */
const STATUS_BY_CODE: ReadonlyMap<string, number> = new Map([
  [CONNECT_ERRORS.EXISTS.code, 409],
  [CONNECT_ERRORS.NO_LEADER.code, 409],
  [CONNECT_ERRORS.ELSEWHERE.code, 409],
  [CONNECT_ERRORS.REBALANCE.code, 409],
  [CDC_ERRORS.DESTINATION_EXISTS.code, 409],
  [CDC_ERRORS.DESTINATION_BUSY.code, 409],
  [CDC_ERRORS.CHANNEL_EXISTS.code, 409],
  [CDC_ERRORS.AGENT_DUPLICATE.code, 409],
  [CONNECT_ERRORS.TOPICS_OFF.code, 403],
  [CONNECT_ERRORS.INTERNAL_REFUSED.code, 403],
])
