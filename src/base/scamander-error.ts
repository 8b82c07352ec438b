/**
 * The one error class of the product, and the declaration of error codes.
 * Every room declares its codes in its own `errors.ts` with `declareErrors`; docs/reference/errors.md
 * is generated from the declared set. The kind decides what the engine, the REST server and the
 * command line do with the error (docs/adr/0004-errors.md).
 * Invariant: a message never contains a row value or a secret.
 */
export type ErrorKind =
  | 'config'
  | 'request'
  | 'data'
  | 'retriable'
  | 'disconnected'
  | 'fatal'
  | 'cancelled'

/** Kafka Connect's names of the places where a record can fail (connect-rest 14). */
export type Stage =
  | 'TASK_POLL'
  | 'TASK_PUT'
  | 'TRANSFORMATION'
  | 'KEY_CONVERTER'
  | 'VALUE_CONVERTER'
  | 'HEADER_CONVERTER'
  | 'KAFKA_PRODUCE'
  | 'KAFKA_CONSUME'

export type ErrorContext = Readonly<Record<string, string | number | boolean | undefined>>

export interface ErrorDeclaration {
  readonly code: string
  readonly kind: ErrorKind
  /** One sentence: when it happens. */
  readonly summary: string
  /** One sentence: what the user does about it. */
  readonly advice: string
}

export interface ErrorOptions {
  readonly stage?: Stage
  readonly context?: ErrorContext
  readonly cause?: unknown
}

const declared = new Map<string, ErrorDeclaration>()

/** Declares a room's error codes; the object's values carry the code, so codes are never retyped. */
export function declareErrors<K extends string>(
  room: string,
  table: Readonly<Record<K, Omit<ErrorDeclaration, 'code'>>>,
): Readonly<Record<K, ErrorDeclaration>> {
  const out = {} as Record<K, ErrorDeclaration>
  for (const [what, declaration] of Object.entries(table) as [
    K,
    Omit<ErrorDeclaration, 'code'>,
  ][]) {
    const code = `SCM_${room.toUpperCase()}_${what}`
    out[what] = { code, ...declaration }
    declared.set(code, out[what])
  }
  return out
}

/** All codes declared by the modules loaded so far, sorted by code. */
export function declaredErrors(): ErrorDeclaration[] {
  return [...declared.values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}

export class ScamanderError extends Error {
  readonly code: string
  readonly kind: ErrorKind
  readonly advice: string
  readonly stage: Stage | undefined
  readonly context: ErrorContext

  /** `message` says what was expected, what came, and where. */
  constructor(declaration: ErrorDeclaration, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ScamanderError'
    this.code = declaration.code
    this.kind = declaration.kind
    this.advice = declaration.advice
    this.stage = options.stage
    this.context = options.context ?? {}
  }
}

/** True for an error of the product, optionally of one kind. */
export function isScamanderError(error: unknown, kind?: ErrorKind): error is ScamanderError {
  return error instanceof ScamanderError && (kind === undefined || error.kind === kind)
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** For an exception of a component that is not ours to classify: the record is at fault. */
export const PLAIN_DATA_ERROR = declareErrors('base', {
  RECORD: {
    kind: 'data',
    summary: 'A component rejected a record without saying which rule was broken.',
    advice: 'Look at the cause in the log; repair the record or send it to a dead-letter topic.',
  },
}).RECORD
