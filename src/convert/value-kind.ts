/**
 * What a value is, in words for messages, and which schema type schemaless data has.
 * Used by every encoder; the words are Connect's type names, upper case.
 * Invariant: no word shows any part of the value.
 */
import { Decimal } from '../base/decimal.ts'
import { RawText, type Schema, Struct, type Value } from '../flow/index.ts'

/** The Connect type of a schemaless value: integers are bigint, other numbers FLOAT64. */
export function kindOfValue(value: Value): string {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'boolean':
      return 'BOOLEAN'
    case 'number':
      return 'FLOAT64'
    case 'bigint':
      return 'INT64'
    case 'string':
      return 'STRING'
    default:
      if (value instanceof RawText) return value.form === 'string' ? 'STRING' : 'JSON text'
      if (Buffer.isBuffer(value)) return 'BYTES'
      if (value instanceof Decimal) return 'decimal'
      if (value instanceof Struct) return 'STRUCT'
      return Array.isArray(value) ? 'ARRAY' : 'MAP'
  }
}

/** The type of a schema as Connect's messages write it. */
export function typeName(schema: Schema): string {
  return schema.type.toUpperCase()
}

/** The smallest and largest value of the integer types up to 32 bits. */
export const INTEGER_BITS = { int8: 8, int16: 16, int32: 32 } as const

/** True for an integer that the type of that many bits holds. */
export function fitsBits(value: number, bits: number): boolean {
  const limit = 2 ** (bits - 1)
  return Number.isInteger(value) && value >= -limit && value < limit
}

/** True when the value is in 64 bits. */
export function fitsInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value
}
