/**
 * The messages of the JSON converter that users know from Kafka Connect, and the names of JSON
 * nodes in them. Used by everything in this folder. Spec: connect-rest 11.2.
 * Invariant: a message tells where and what kind of thing was found, never the text itself.
 */
import {
  KIND_ARRAY,
  KIND_FALSE,
  KIND_FRACTION,
  KIND_INTEGER,
  KIND_NULL,
  KIND_OBJECT,
  KIND_TRUE,
} from '../../base/json/json-kind.ts'
import { describeFound, locate } from '../../base/json/json-location.ts'
import type { ScamanderError } from '../../base/scamander-error.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'

const NOT_JSON = 'Converting byte[] to Kafka Connect data failed due to serialization error: '

export const ENVELOPE_MESSAGE =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain ' +
  'additional fields. If you are trying to deserialize plain JSON data, set schemas.enable=false ' +
  'in your converter configuration.'

/** For bytes that are not JSON; `offset` -1 when there is nothing but white space. */
export function notJson(
  bytes: Buffer,
  range: { readonly start: number; readonly end: number },
  offset: number,
): ScamanderError {
  if (offset < 0) {
    const what = range.end > range.start ? 'only white space' : 'no bytes'
    return dataError(CONVERT_ERRORS.JSON, `${NOT_JSON}expected a JSON value, found ${what}`)
  }
  const { line, column } = locate(bytes, offset, range.start)
  const found = describeFound(bytes, offset, range.end)
  return dataError(
    CONVERT_ERRORS.JSON,
    `${NOT_JSON}expected valid JSON, found ${found} at line ${line}, column ${column}`,
  )
}

export function valueError(message: string): ScamanderError {
  return dataError(CONVERT_ERRORS.VALUE, message)
}

export function schemaError(message: string): ScamanderError {
  return dataError(CONVERT_ERRORS.SCHEMA, message)
}

/** A JSON value's kind as the reference names it. */
export function nodeName(kind: number): string {
  switch (kind) {
    case KIND_INTEGER:
    case KIND_FRACTION:
      return 'NUMBER'
    case KIND_TRUE:
    case KIND_FALSE:
      return 'BOOLEAN'
    case KIND_NULL:
      return 'NULL'
    case KIND_OBJECT:
      return 'OBJECT'
    case KIND_ARRAY:
      return 'ARRAY'
    default:
      return 'STRING'
  }
}
