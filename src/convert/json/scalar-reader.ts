/**
 * Reads JSON scalars by their schema: integers, floating-point numbers, booleans, strings, bytes
 * and Connect's logical types. Used by the payload reader. Spec: connect-rest 11.2.
 * Reading is lax as in the reference (a wrong JSON type gives null, false or 0) unless the context
 * is strict. An integer beyond INT64 is always an error; narrower ones are cut to their width.
 */
import { Decimal } from '../../base/decimal.ts'
import type { JsonIndex } from '../../base/json/json-index.ts'
import {
  KIND_FALSE,
  KIND_FRACTION,
  KIND_INTEGER,
  KIND_STRING,
  KIND_STRING_ESCAPED,
  KIND_TRUE,
} from '../../base/json/json-kind.ts'
import { readJsonString } from '../../base/json/json-string.ts'
import { LOGICAL, type Schema, type Value } from '../../flow/index.ts'
import { decimalFromBytes, scaleOf } from '../decimal-bytes.ts'
import { fitsInt64, INTEGER_BITS, typeName } from '../value-kind.ts'
import { nodeName, valueError } from './json-errors.ts'
import type { PayloadContext, PayloadReader } from './payload-reader.ts'

type Read = PayloadReader['read']

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const INT64_MAX = 2n ** 63n - 1n

/** The reader of present values of a schema that is no container. */
export function scalarRead(schema: Schema): Read {
  switch (schema.name) {
    case LOGICAL.DECIMAL:
      return decimalRead(schema)
    case LOGICAL.DATE:
      return dayOrTimeRead('Date')
    case LOGICAL.TIME:
      return dayOrTimeRead('Time')
    case LOGICAL.TIMESTAMP:
      return readTimestamp
    default:
      return plainRead(schema)
  }
}

function plainRead(schema: Schema): Read {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
      return smallIntegerRead(schema, INTEGER_BITS[schema.type])
    case 'int64':
      return longRead(schema)
    case 'float32':
      return floatRead(schema, Math.fround)
    case 'float64':
      return floatRead(schema, value => value)
    case 'boolean':
      return (context, index, i) => {
        const kind = index.valueKind[i]!
        if (kind !== KIND_TRUE && kind !== KIND_FALSE) refuseIfStrict(context, schema, kind)
        return kind === KIND_TRUE
      }
    case 'bytes':
      return (context, index, i) => {
        const kind = index.valueKind[i]!
        if (isText(kind)) return readBase64(context, index, i)
        refuseIfStrict(context, schema, kind)
        return null
      }
    default:
      return (context, index, i) => {
        const kind = index.valueKind[i]!
        if (isText(kind)) return textAt(context, index, i)
        refuseIfStrict(context, schema, kind)
        return null
      }
  }
}

function smallIntegerRead(schema: Schema, bits: number): Read {
  const shift = 32 - bits
  return (context, index, i) => {
    const kind = index.valueKind[i]!
    if (kind === KIND_INTEGER && index.valueEnd[i]! - index.valueStart[i]! <= 15) {
      const value = Number(numberTextAt(context, index, i))
      if (context.isStrict) checkWidth(schema, value, bits)
      return ((value | 0) << shift) >> shift
    }
    if (kind !== KIND_INTEGER && kind !== KIND_FRACTION) {
      refuseIfStrict(context, schema, kind)
      return 0
    }
    const text = numberTextAt(context, index, i)
    if (context.isStrict) checkWidth(schema, Number(text), bits)
    // As Java: a fraction saturates at 32 bits, an integer keeps its low bits.
    const low = kind === KIND_FRACTION ? saturated(Number(text)) : lowBits(text)
    return (low << shift) >> shift
  }
}

function longRead(schema: Schema): Read {
  return (context, index, i) => {
    const kind = index.valueKind[i]!
    if (kind === KIND_INTEGER) return readInt64(context, index, i)
    if (kind !== KIND_FRACTION) {
      refuseIfStrict(context, schema, kind)
      return 0n
    }
    const text = numberTextAt(context, index, i)
    const exact = Decimal.parse(text)?.toInteger(20)
    if (exact !== undefined && fitsInt64(exact)) return exact
    if (context.isStrict) throw valueError('Expected an integer for INT64, found another number')
    const value = Math.trunc(Number(text))
    if (Math.abs(value) < 2 ** 63) return BigInt(value)
    return value > 0 ? INT64_MAX : -INT64_MAX - 1n
  }
}

function floatRead(schema: Schema, narrow: (value: number) => number): Read {
  return (context, index, i) => {
    const kind = index.valueKind[i]!
    if (kind === KIND_INTEGER || kind === KIND_FRACTION) {
      return narrow(Number(numberTextAt(context, index, i)))
    }
    refuseIfStrict(context, schema, kind)
    return 0
  }
}

function decimalRead(schema: Schema): Read {
  const scale = scaleOf(schema)
  return (context, index, i) => {
    const kind = index.valueKind[i]!
    if (isText(kind)) return decimalFromBytes(readBase64(context, index, i), scale)
    const isNumber = kind === KIND_INTEGER || kind === KIND_FRACTION
    const value = isNumber ? Decimal.parse(numberTextAt(context, index, i)) : undefined
    if (value !== undefined) return value
    throw wrongLogical('Decimal', 'numeric or bytes', kind)
  }
}

function dayOrTimeRead(name: 'Date' | 'Time'): Read {
  return (context, index, i) => {
    const kind = index.valueKind[i]!
    const value = kind === KIND_INTEGER ? Number(numberTextAt(context, index, i)) : Number.NaN
    if ((value | 0) !== value) throw wrongLogical(name, 'int32', kind)
    if (name === 'Time' && (value < 0 || value >= 86_400_000)) {
      throw valueError('Time values must use number of milliseconds in 0..86399999')
    }
    return value
  }
}

function readTimestamp(context: PayloadContext, index: JsonIndex, i: number): Value {
  const kind = index.valueKind[i]!
  if (kind === KIND_INTEGER) return readInt64(context, index, i)
  throw wrongLogical('Timestamp', 'int64', kind)
}

function wrongLogical(name: string, expected: string, kind: number) {
  return valueError(
    `Invalid type for ${name}, underlying representation should be ${expected} ` +
      `but was ${nodeName(kind)}`,
  )
}

function readInt64(context: PayloadContext, index: JsonIndex, i: number): bigint {
  const length = index.valueEnd[i]! - index.valueStart[i]!
  const value = length <= 20 ? BigInt(numberTextAt(context, index, i)) : undefined
  if (value !== undefined && fitsInt64(value)) return value
  throw valueError(`Expected an integer of 64 bits (INT64), found one of ${length} digits`)
}

function readBase64(context: PayloadContext, index: JsonIndex, i: number): Buffer {
  const text = textAt(context, index, i)
  if (!BASE64.test(text)) throw valueError('Invalid bytes field: expected padded Base64')
  return Buffer.from(text, 'base64')
}

function textAt(context: PayloadContext, index: JsonIndex, i: number): string {
  const escaped = index.valueKind[i] === KIND_STRING_ESCAPED
  return readJsonString(context.bytes, index.valueStart[i]!, index.valueEnd[i]!, escaped)
}

function numberTextAt(context: PayloadContext, index: JsonIndex, i: number): string {
  return context.bytes.latin1Slice(index.valueStart[i]!, index.valueEnd[i]!)
}

function isText(kind: number): boolean {
  return kind === KIND_STRING || kind === KIND_STRING_ESCAPED
}

function saturated(value: number): number {
  return Math.trunc(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value)))
}

/** The low 32 bits of an integer; 10^32 is a multiple of 2^32, so its last 32 digits decide. */
function lowBits(text: string): number {
  const magnitude = BigInt(text.replace('-', '').slice(-32))
  return Number(BigInt.asIntN(32, text.startsWith('-') ? -magnitude : magnitude))
}

function checkWidth(schema: Schema, value: number, bits: number): void {
  const limit = 2 ** (bits - 1)
  if (Number.isInteger(value) && value >= -limit && value < limit) return
  throw valueError(
    `Expected an integer of ${bits} bits for ${typeName(schema)}, found another number`,
  )
}

function refuseIfStrict(context: PayloadContext, schema: Schema, kind: number): void {
  if (!context.isStrict) return
  throw valueError(`Expected a JSON value for ${typeName(schema)}, found ${nodeName(kind)}`)
}
