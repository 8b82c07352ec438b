/**
 * The one place where errors of Cassandra become errors of the product: ERROR responses decoded by
 * the data plane, errors of the driver, errors of sockets. The kind then drives the engine.
 * Called for every failed request, once; not on a hot path.
 * Invariant: total: anything thrown has an answer. The server's text is kept, the statement is
 * named, values never are.
 * Spec: native protocol v5, section 9; cassandra-sink 7.
 */
import {
  type ErrorContext,
  type ErrorDeclaration,
  isScamanderError,
  messageOf,
  ScamanderError,
} from '../base/scamander-error.ts'
import { CASSANDRA_ERRORS as E } from './errors.ts'

/** What the request was for: the same answer means different things. */
export type RequestPhase = 'connect' | 'prepare' | 'reprepare' | 'write' | 'read'

export interface RequestFailure {
  readonly phase: RequestPhase
  /** Address of the node, for the message. */
  readonly node?: string
  /** CQL text, without values. */
  readonly statement?: string
}

/** The fields of an ERROR response that matter here; decoders and the driver both fit. */
export interface ServerError {
  readonly code: number
  readonly message: string
  readonly writeType?: string
  readonly required?: number
  readonly alive?: number
  readonly received?: number
  readonly blockFor?: number
}

/** Codes of ERROR responses. */
export const SERVER_ERROR_CODES = {
  SERVER: 0x0000,
  PROTOCOL: 0x000a,
  CREDENTIALS: 0x0100,
  UNAVAILABLE: 0x1000,
  OVERLOADED: 0x1001,
  BOOTSTRAPPING: 0x1002,
  TRUNCATE: 0x1003,
  WRITE_TIMEOUT: 0x1100,
  READ_TIMEOUT: 0x1200,
  READ_FAILURE: 0x1300,
  FUNCTION_FAILURE: 0x1400,
  WRITE_FAILURE: 0x1500,
  CDC_WRITE_FAILURE: 0x1600,
  CAS_WRITE_UNKNOWN: 0x1700,
  SYNTAX: 0x2000,
  UNAUTHORIZED: 0x2100,
  INVALID: 0x2200,
  CONFIG: 0x2300,
  ALREADY_EXISTS: 0x2400,
  UNPREPARED: 0x2500,
} as const

const C = SERVER_ERROR_CODES
/** Codes with one meaning, whatever the request was for. */
const FIXED: ReadonlyMap<number, ErrorDeclaration> = new Map([
  [C.SERVER, E.SERVER_ERROR],
  [C.PROTOCOL, E.PROTOCOL_ERROR],
  [C.UNAVAILABLE, E.UNAVAILABLE],
  [C.OVERLOADED, E.OVERLOADED],
  [C.BOOTSTRAPPING, E.BOOTSTRAPPING],
  [C.TRUNCATE, E.TRUNCATE_FAILED],
  [C.WRITE_TIMEOUT, E.WRITE_TIMEOUT],
  [C.READ_TIMEOUT, E.READ_TIMEOUT],
  [C.READ_FAILURE, E.READ_FAILURE],
  [C.WRITE_FAILURE, E.WRITE_FAILURE],
  [C.CDC_WRITE_FAILURE, E.WRITE_FAILURE],
  [C.CAS_WRITE_UNKNOWN, E.WRITE_TIMEOUT],
  [C.UNPREPARED, E.UNPREPARED],
])
/** Codes by which the server refuses the request itself. */
const REFUSALS = new Set<number>([
  C.FUNCTION_FAILURE,
  C.SYNTAX,
  C.UNAUTHORIZED,
  C.INVALID,
  C.CONFIG,
  C.ALREADY_EXISTS,
])
const TABLE_GONE = /unconfigured (table|columnfamily)|(keyspace|table) .*does ?n[o']t exist/i
const TIMEOUT_CODES = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT'])

/** Turns anything a request can fail with into an error of the product. */
export function classify(error: unknown, failure: RequestFailure): ScamanderError {
  if (isScamanderError(error)) return error
  const server = toServerError(error)
  if (server !== undefined) return fromServer(server, failure, error)
  return fromClient(error, failure)
}

/**
 * May the request be sent again? Yes when the server tells that nothing was done, or when doing it
 * twice changes nothing. Counter updates and appends are never idempotent.
 */
export function isRequestSafeToRetry(error: ScamanderError, isIdempotent: boolean): boolean {
  if (error.kind !== 'retriable' && error.kind !== 'disconnected') return false
  if (isIdempotent) return true
  switch (error.code) {
    case E.UNAVAILABLE.code:
    case E.BOOTSTRAPPING.code:
    case E.UNPREPARED.code:
    case E.STATEMENT_LOST.code:
    case E.UNAUTHORIZED.code:
    case E.READ_TIMEOUT.code:
    case E.READ_FAILURE.code:
      return true
    case E.WRITE_TIMEOUT.code:
      return error.context['writeType'] === 'BATCH_LOG' // the batch itself did not start
    default:
      return false
  }
}

/** True when the caller must prepare the statement again and repeat the request. */
export function isUnprepared(error: ScamanderError): boolean {
  return error.code === E.UNPREPARED.code
}

function fromServer(server: ServerError, failure: RequestFailure, cause: unknown): ScamanderError {
  const declaration = FIXED.get(server.code) ?? byPhase(server, failure.phase)
  const context: Record<string, string | number | undefined> = {
    serverCode: server.code,
    node: failure.node,
    writeType: server.writeType,
    required: server.required ?? server.blockFor,
    received: server.received ?? server.alive,
  }
  const known = Object.entries(context).filter(([, value]) => value !== undefined)
  return make(declaration, server.message, failure, {
    context: Object.fromEntries(known),
    cause: cause instanceof Error ? cause : undefined,
  })
}

function byPhase(server: ServerError, phase: RequestPhase): ErrorDeclaration {
  if (server.code === C.CREDENTIALS) {
    // The node could not look the password up, which heals.
    return /unable to perform authentication/i.test(server.message)
      ? E.CONNECTION_LOST
      : E.CREDENTIALS
  }
  if (!REFUSALS.has(server.code)) return E.SERVER_ERROR
  if (phase === 'prepare' || phase === 'connect') return E.STATEMENT_REFUSED
  if (server.code === C.UNAUTHORIZED) return E.UNAUTHORIZED
  if (phase === 'reprepare' || TABLE_GONE.test(server.message)) return E.STATEMENT_LOST
  if (/batch too large/i.test(server.message)) return E.BATCH_TOO_LARGE
  return E.RECORD_REFUSED
}

function fromClient(error: unknown, failure: RequestFailure): ScamanderError {
  const name = error instanceof Error ? error.name : ''
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  const text = messageOf(error)
  const options = {
    context: failure.node === undefined ? {} : { node: failure.node },
    cause: error,
  }
  if (name === 'AbortError') return make(E.CANCELLED, 'the request was cancelled', failure, options)
  if (name === 'AuthenticationError') return make(E.CREDENTIALS, text, failure, options)
  if (name === 'OperationTimedOutError' || TIMEOUT_CODES.has(String(code))) {
    return make(E.REQUEST_TIMEOUT, text, failure, options)
  }
  if (name === 'BusyConnectionError') return make(E.OVERLOADED, text, failure, options)
  if (name === 'NoHostAvailableError') return fromNoHost(error as NoHost, failure)
  return make(E.CONNECTION_LOST, text, failure, options)
}

interface NoHost extends Error {
  readonly innerErrors?: Readonly<Record<string, unknown>>
}

/** The driver tried every node: the first answer of a server tells most. */
function fromNoHost(error: NoHost, failure: RequestFailure): ScamanderError {
  for (const [node, inner] of Object.entries(error.innerErrors ?? {})) {
    const server = toServerError(inner)
    if (server !== undefined) return fromServer(server, { ...failure, node }, inner)
  }
  const first = Object.entries(error.innerErrors ?? {})[0]
  const text =
    first === undefined ? error.message : `no node answers; ${first[0]}: ${messageOf(first[1])}`
  return make(E.CONNECTION_LOST, text, failure, { cause: error })
}

/** Server codes are numbers; Node's own errors have texts there. */
function toServerError(error: unknown): ServerError | undefined {
  if (typeof error !== 'object' || error === null || error instanceof DOMException) return undefined
  const { code, message } = error as Partial<ServerError>
  return typeof code === 'number' && typeof message === 'string'
    ? (error as ServerError)
    : undefined
}

function make(
  declaration: ErrorDeclaration,
  text: string,
  failure: RequestFailure,
  options: { context?: ErrorContext; cause?: unknown },
): ScamanderError {
  const where = failure.node === undefined ? '' : ` (node ${failure.node})`
  const statement = failure.statement === undefined ? '' : `; statement: ${failure.statement}`
  return new ScamanderError(declaration, `${text}${where}${statement}`, options)
}
