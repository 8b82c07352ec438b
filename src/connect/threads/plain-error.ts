/**
 * Errors on their way from one thread to another: plain data that keeps what the runtime decides by
 * (code, kind, stage, context) and what debugging shows (stacks, causes).
 * Invariant: what comes out judges as what went in, also when the codes of the room that declared
 * the error are not loaded on the other side.
 */
import {
  type ErrorContext,
  type ErrorKind,
  isScamanderError,
  messageOf,
  ScamanderError,
  type Stage,
} from '../../base/scamander-error.ts'

export interface PlainError {
  readonly message: string
  readonly stack: string | undefined
  readonly cause: PlainError | undefined
  /** Of an error of the product. */
  readonly own: OwnPart | undefined
}

interface OwnPart {
  readonly code: string
  readonly kind: ErrorKind
  readonly advice: string
  readonly stage: Stage | undefined
  readonly context: ErrorContext
}

const CAUSES_MAX = 5

export function toPlainError(thrown: unknown, depth = 0): PlainError {
  const { stack, cause } = thrown instanceof Error ? thrown : { stack: undefined, cause: undefined }
  const hasCause = cause !== undefined && depth < CAUSES_MAX
  return {
    message: messageOf(thrown),
    stack,
    cause: hasCause ? toPlainError(cause, depth + 1) : undefined,
    own: isScamanderError(thrown) ? ownPartOf(thrown) : undefined,
  }
}

export function toError({ message, stack, cause, own }: PlainError): Error {
  const options = cause === undefined ? {} : { cause: toError(cause) }
  const error = own === undefined ? new Error(message, options) : toOwn(own, message, options)
  if (stack !== undefined) error.stack = stack
  return error
}

function ownPartOf({ code, kind, advice, stage, context }: ScamanderError): OwnPart {
  return { code, kind, advice, stage, context }
}

function toOwn(own: OwnPart, message: string, options: { cause?: unknown }): ScamanderError {
  const { code, kind, advice, stage, context } = own
  const at = stage === undefined ? {} : { stage }
  return new ScamanderError({ code, kind, advice, summary: '' }, message, {
    ...options,
    ...at,
    context,
  })
}
