/**
 * Turns answers and transport errors of a schema registry into errors of the product: the one place
 * where its error codes get a kind. Used by the HTTP part of the registry client.
 * Invariant: what may pass by itself is retriable; what one record asked for in vain is data; what no
 * record can get past is config. Spec: connect-rest 12.
 */
import { type ErrorDeclaration, messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { KAFKA_ERRORS } from '../errors.ts'

const TEXT_MAX = 400
const NOT_FOUND_CODES: ReadonlySet<number> = new Set([40401, 40402, 40403, 40404, 40405])
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 425, 429])

/** For an answer outside 200..299. */
export function refusedAnswer(
  answer: { readonly status: number; readonly text: string },
  at: { readonly host: string; readonly what: string },
): ScamanderError {
  const { code, message } = errorBody(answer.text)
  const declaration = declarationOf(answer.status, code)
  const number = code === undefined || code === answer.status ? '' : `, error code ${code}`
  const text = message === '' ? '' : `: ${message.slice(0, TEXT_MAX)}`
  return new ScamanderError(
    declaration,
    `Schema registry ${at.host}, ${at.what}: status ${answer.status}${number}${text}`,
    { context: { status: answer.status, errorCode: code } },
  )
}

function declarationOf(status: number, code: number | undefined): ErrorDeclaration {
  if (status >= 500 || PASSING_STATUS.has(status)) return KAFKA_ERRORS.REGISTRY_UNREACHABLE
  if (status === 409) return KAFKA_ERRORS.REGISTRY_INCOMPATIBLE
  if (status === 422) return KAFKA_ERRORS.REGISTRY_INVALID
  const isKnownGap = status === 404 && code !== undefined && NOT_FOUND_CODES.has(code)
  return isKnownGap ? KAFKA_ERRORS.REGISTRY_NOT_FOUND : KAFKA_ERRORS.REGISTRY_REFUSED
}

/** For a request without an answer. */
export function transportError(error: unknown, host: string): ScamanderError {
  const { code = '', name } = error as { code?: string; name?: string }
  if (name === 'AbortError' || name === 'TimeoutError') {
    const message = `Schema registry ${host}: no answer within http.read.timeout.ms`
    return new ScamanderError(KAFKA_ERRORS.REGISTRY_UNREACHABLE, message, { cause: error })
  }
  const isCertificate = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|HOSTNAME_|EPROTO)/
  const declaration = isCertificate.test(code)
    ? KAFKA_ERRORS.REGISTRY_REFUSED
    : KAFKA_ERRORS.REGISTRY_UNREACHABLE
  const reason = code === '' ? messageOf(error) : `${code} ${messageOf(error)}`
  const message = `Schema registry ${host}: ${reason}`
  return new ScamanderError(declaration, message, { cause: error })
}

/** When no address served the request. */
export function unreachable(what: string, last: ScamanderError | undefined): ScamanderError {
  const message = `${last?.message ?? 'no address'} (asked for ${what})`
  return new ScamanderError(KAFKA_ERRORS.REGISTRY_UNREACHABLE, message, { cause: last })
}

function errorBody(text: string): { code: number | undefined; message: string } {
  try {
    const body = JSON.parse(text) as { error_code?: unknown; message?: unknown } | null
    return {
      code: typeof body?.error_code === 'number' ? body.error_code : undefined,
      message: typeof body?.message === 'string' ? body.message : '',
    }
  } catch {
    // A proxy's page or plain text: the status alone decides.
    return { code: undefined, message: '' }
  }
}
