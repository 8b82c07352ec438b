/**
 * Kinds of JSON values as small integers, so that an index of a document fits typed arrays.
 * Set by JsonCursor and JsonIndex, compared by converters and codecs.
 * Strings with and without escapes differ because only the first need work before their bytes
 * can be used.
 */
export const KIND_STRING = 1
export const KIND_STRING_ESCAPED = 2
/** A number without fraction and exponent. */
export const KIND_INTEGER = 3
/** Any other number. */
export const KIND_FRACTION = 4
export const KIND_TRUE = 5
export const KIND_FALSE = 6
export const KIND_NULL = 7
export const KIND_OBJECT = 8
export const KIND_ARRAY = 9

/** What the first value of a text is; `blank`: nothing but white space. */
export type JsonForm =
  | 'object'
  | 'array'
  | 'string'
  | 'number'
  | 'boolean'
  | 'null'
  | 'blank'
  | 'invalid'

const FORMS: readonly JsonForm[] = [
  'invalid',
  'string',
  'string',
  'number',
  'number',
  'boolean',
  'boolean',
  'null',
  'object',
  'array',
]

/** The form of a value of that kind. */
export function formOfKind(kind: number): JsonForm {
  return FORMS[kind] ?? 'invalid'
}
