/**
 * Turns raw text into the value it stands for, for steps that look inside: transforms, text forms.
 * The hot path never calls it: sinks read raw text in place.
 * Invariant: integers become bigint (INT64) and other numbers JavaScript numbers (FLOAT64); an
 * integer beyond 64 bits or a number beyond FLOAT64 is a data error, never a wrong value.
 */
import { JsonNumber, JsonSyntaxError, type JsonValue, parseJson } from '../base/json/parse-json.ts'
import { RawText, type Value } from '../flow/index.ts'
import { CONVERT_ERRORS, dataError } from './errors.ts'
import { fitsInt64 } from './value-kind.ts'

/** Values other than raw text are returned as they are. */
export function materialise(value: Value): Value {
  if (!(value instanceof RawText)) return value
  if (value.form === 'string') return value.toString()
  try {
    return toValue(parseJson(value.bytes, value.start, value.end))
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw dataError(CONVERT_ERRORS.JSON, error.message, error)
  }
}

function toValue(json: JsonValue): Value {
  if (json instanceof JsonNumber) return numberValue(json)
  if (json instanceof Map) {
    const members = new Map<Value, Value>()
    for (const [name, member] of json) members.set(name, toValue(member))
    return members
  }
  return Array.isArray(json) ? json.map(toValue) : json
}

function numberValue(number: JsonNumber): Value {
  if (number.isInteger) {
    // More digits than 64 bits ever need are refused before the costly conversion.
    const integer = number.text.length <= 20 ? BigInt(number.text) : undefined
    if (integer !== undefined && fitsInt64(integer)) return integer
    throw dataError(
      CONVERT_ERRORS.VALUE,
      `Expected an integer of 64 bits (INT64), found one of ${number.text.length} digits`,
    )
  }
  const value = Number(number.text)
  if (Number.isFinite(value)) return value
  throw dataError(
    CONVERT_ERRORS.VALUE,
    'Expected a number in the range of FLOAT64, found a larger one',
  )
}
