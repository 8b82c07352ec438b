/**
 * What is thrown when a cell cannot be converted: a constant without a stack, because a stream of
 * bad records must not cost more than a stream of good ones (an Error is 18 times as dear).
 * Thrown by the encoders of this folder only; the writer of the row turns it into a ScamanderError
 * of kind `data` that names topic, offset and column.
 * Invariant: tells types and reasons, never the value itself.
 */
export type FailureReason =
  | 'overflow'
  | 'not a number'
  | 'not a boolean'
  | 'not a timestamp'
  | 'not a date'
  | 'not a time'
  | 'not a UUID'
  | 'not a version-1 UUID'
  | 'not an address'
  | 'unknown host'
  | 'not hexadecimal or Base64'
  | 'not hexadecimal'
  | 'not a duration'
  | 'not ASCII'
  | 'not JSON'
  | 'null element'
  | 'wrong element count'
  | 'wrong fields'
  | 'not an object'
  | 'codec not found'

export class ConversionFailure {
  readonly reason: FailureReason
  /** The CQL type. */
  readonly expected: string
  /** The kind of the source: `JSON string`, `INT32`, … */
  readonly found: string

  constructor(reason: FailureReason, expected: string, found: string) {
    this.reason = reason
    this.expected = expected
    this.found = found
  }

  /** One line for messages. */
  toString(): string {
    return `${this.reason}: expected ${this.expected}, found ${this.found}`
  }
}

const CACHE_MAX = 1000
const cache = new Map<string, ConversionFailure>()

/** A failure, built once per kind. */
export function failure(reason: FailureReason, expected: string, found: string): ConversionFailure {
  const key = `${reason}|${expected}|${found}`
  let known = cache.get(key)
  if (known === undefined) {
    known = new ConversionFailure(reason, expected, found)
    if (cache.size < CACHE_MAX) cache.set(key, known)
  }
  return known
}
