/**
 * The one function that turns an error of the client library, of the network or of a broker into a
 * `ScamanderError`, and so decides what the engine does with it.
 * Called at the edge of every request of this room. Errors of the product pass unchanged.
 * Invariant: no credential appears in a message; the Kafka error's name does.
 */
import { protocolErrors, protocolErrorsCodesById } from '@platformatic/kafka'
import {
  type ErrorDeclaration,
  isScamanderError,
  messageOf,
  ScamanderError,
} from '../base/scamander-error.ts'
import { KAFKA_ERRORS } from './errors.ts'

const BY_KAFKA_NAME: Readonly<Record<string, ErrorDeclaration>> = {
  SASL_AUTHENTICATION_FAILED: KAFKA_ERRORS.AUTHENTICATION,
  UNSUPPORTED_SASL_MECHANISM: KAFKA_ERRORS.AUTHENTICATION,
  ILLEGAL_SASL_STATE: KAFKA_ERRORS.AUTHENTICATION,
  SECURITY_DISABLED: KAFKA_ERRORS.AUTHENTICATION,
  TOPIC_AUTHORIZATION_FAILED: KAFKA_ERRORS.NOT_AUTHORIZED,
  GROUP_AUTHORIZATION_FAILED: KAFKA_ERRORS.NOT_AUTHORIZED,
  CLUSTER_AUTHORIZATION_FAILED: KAFKA_ERRORS.NOT_AUTHORIZED,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: KAFKA_ERRORS.NOT_AUTHORIZED,
  UNSUPPORTED_VERSION: KAFKA_ERRORS.OLD_BROKER,
  INCONSISTENT_GROUP_PROTOCOL: KAFKA_ERRORS.BAD_SETTING,
  INVALID_SESSION_TIMEOUT: KAFKA_ERRORS.BAD_SETTING,
  INVALID_GROUP_ID: KAFKA_ERRORS.BAD_SETTING,
  INVALID_TOPIC_EXCEPTION: KAFKA_ERRORS.BAD_SETTING,
  INVALID_PARTITIONS: KAFKA_ERRORS.BAD_SETTING,
  INVALID_REPLICATION_FACTOR: KAFKA_ERRORS.BAD_SETTING,
  INVALID_REQUIRED_ACKS: KAFKA_ERRORS.BAD_SETTING,
  INVALID_CONFIG: KAFKA_ERRORS.BAD_SETTING,
  POLICY_VIOLATION: KAFKA_ERRORS.BAD_SETTING,
  OFFSET_METADATA_TOO_LARGE: KAFKA_ERRORS.BAD_SETTING,
  GROUP_MAX_SIZE_REACHED: KAFKA_ERRORS.BAD_SETTING,
  UNKNOWN_MEMBER_ID: KAFKA_ERRORS.MEMBERSHIP_LOST,
  ILLEGAL_GENERATION: KAFKA_ERRORS.MEMBERSHIP_LOST,
  REBALANCE_IN_PROGRESS: KAFKA_ERRORS.MEMBERSHIP_LOST,
  MEMBER_ID_REQUIRED: KAFKA_ERRORS.MEMBERSHIP_LOST,
  FENCED_INSTANCE_ID: KAFKA_ERRORS.INSTANCE_FENCED,
  PRODUCER_FENCED: KAFKA_ERRORS.PRODUCER_FENCED,
  INVALID_PRODUCER_EPOCH: KAFKA_ERRORS.PRODUCER_FENCED,
  OFFSET_OUT_OF_RANGE: KAFKA_ERRORS.NO_POSITION,
  MESSAGE_TOO_LARGE: KAFKA_ERRORS.RECORD_REFUSED,
  RECORD_LIST_TOO_LARGE: KAFKA_ERRORS.RECORD_REFUSED,
  INVALID_RECORD: KAFKA_ERRORS.RECORD_REFUSED,
  INVALID_TIMESTAMP: KAFKA_ERRORS.RECORD_REFUSED,
  TOPIC_ALREADY_EXISTS: KAFKA_ERRORS.REFUSED,
  GROUP_ID_NOT_FOUND: KAFKA_ERRORS.REFUSED,
  NON_EMPTY_GROUP: KAFKA_ERRORS.REFUSED,
  GROUP_SUBSCRIBED_TO_TOPIC: KAFKA_ERRORS.REFUSED,
}

const HOST_CODES = new Set(['ENOTFOUND', 'ENODATA'])
const TLS_CODES =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH)/

/** The product's error for anything that was thrown; `doing` is what failed, as "fetch from node 1". */
export function toKafkaError(error: unknown, doing: string): ScamanderError {
  if (isScamanderError(error)) return error
  const name = kafkaNameOf(error)
  if (name !== undefined) return fromKafkaName(name, doing, error)
  const all = flatten(error)
  const cause = deepest(all)
  const build = (declaration: ErrorDeclaration, what: string) =>
    new ScamanderError(declaration, `${doing}: ${what}`, { cause: error })
  if (all.some(one => /Broker requires TLS|TLS handshake failed/.test(messageOf(one)))) {
    return build(KAFKA_ERRORS.TLS, 'the broker and security.protocol disagree about TLS')
  }
  if (all.some(one => TLS_CODES.test(textOf(one, 'code')))) {
    return build(KAFKA_ERRORS.TLS, `TLS failed with ${messageOf(cause)}`)
  }
  if (all.some(one => textOf(one, 'code') === 'PLT_KFK_AUTHENTICATION')) {
    return build(KAFKA_ERRORS.AUTHENTICATION, messageOf(all[0]))
  }
  // Only when every address failed by name: one dead name among several is no reason to give up.
  if (isUnknownHost(all)) return build(KAFKA_ERRORS.UNKNOWN_HOST, messageOf(cause))
  return build(localDeclaration(all), messageOf(cause))
}

/** The error for an error code of a response. */
export function fromKafkaCode(code: number, doing: string): ScamanderError {
  return fromKafkaName(kafkaName(code), doing)
}

/** The name of a Kafka error code, as OFFSET_OUT_OF_RANGE. */
export function kafkaName(code: number): string {
  return protocolErrorsCodesById[code] ?? `ERROR_${code}`
}

/** The Kafka error's name inside an error of the library, or in an error made here. */
export function kafkaNameOf(error: unknown): string | undefined {
  if (isScamanderError(error)) return error.context['kafkaError'] as string | undefined
  for (const one of flatten(error)) {
    const name = textOf(one, 'apiId')
    if (name !== '') return name
  }
  return undefined
}

/** The parsed response that an error of the library carries: partial failures come as errors. */
export function responseOf<T>(error: unknown): T | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  return (error as { response?: T }).response
}

function fromKafkaName(name: string, doing: string, cause?: unknown): ScamanderError {
  const known = protocolErrors[name]
  const fallback = known?.canRetry === true ? KAFKA_ERRORS.RETRIABLE : KAFKA_ERRORS.FAILED
  const detail = serverMessage(cause) ?? known?.message ?? 'unknown error'
  const options = { context: { kafkaError: name }, cause }
  return new ScamanderError(
    BY_KAFKA_NAME[name] ?? fallback,
    `${doing}: ${name}: ${detail}`,
    options,
  )
}

function serverMessage(error: unknown): string | undefined {
  for (const one of flatten(error)) {
    const text = textOf(one, 'serverErrorMessage')
    if (text !== '') return text
  }
  return undefined
}

function localDeclaration(all: readonly unknown[]): ErrorDeclaration {
  const codes = all.map(one => textOf(one, 'code'))
  if (all.some(one => (one as { closed?: unknown }).closed === true)) return KAFKA_ERRORS.CLOSED
  if (codes.includes('PLT_KFK_UNSUPPORTED_COMPRESSION')) return KAFKA_ERRORS.CORRUPT
  if (codes.includes('PLT_KFK_UNSUPPORTED_API')) return KAFKA_ERRORS.OLD_BROKER
  if (codes.includes('PLT_KFK_USER')) return KAFKA_ERRORS.BAD_SETTING
  const isNetwork = codes.some(code =>
    /^(PLT_KFK_(NETWORK|TIMEOUT|UNEXPECTED)|E[A-Z_]+$)/.test(code),
  )
  return isNetwork ? KAFKA_ERRORS.DISCONNECTED : KAFKA_ERRORS.FAILED
}

function isUnknownHost(all: readonly unknown[]): boolean {
  const system = all.map(one => textOf(one, 'code')).filter(code => /^E[A-Z]+/.test(code))
  return system.length > 0 && system.every(code => HOST_CODES.has(code))
}

/** The error and everything inside it: causes and members of aggregates. */
function flatten(error: unknown): unknown[] {
  const out: unknown[] = []
  const queue: unknown[] = [error]
  for (let i = 0; i < queue.length && i < 100; i++) {
    const one = queue[i]
    if (typeof one !== 'object' || one === null || out.includes(one)) continue
    out.push(one)
    const { cause, errors } = one as { cause?: unknown; errors?: unknown }
    if (Array.isArray(errors)) queue.push(...errors)
    if (cause !== undefined) queue.push(cause)
  }
  return out.length === 0 ? [error] : out
}

/** The last of the chain says most: "connect ECONNREFUSED 127.0.0.1:9092". */
function deepest(all: readonly unknown[]): unknown {
  return all.findLast(one => messageOf(one) !== '') ?? all[0]
}

function textOf(error: unknown, name: string): string {
  if (typeof error !== 'object' || error === null) return ''
  const value = (error as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : ''
}
