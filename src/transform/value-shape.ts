/**
 * Checks and words for what a key or value is: struct, map, anything else.
 * Used by every transform that looks at fields. The words are the Java classes that Kafka's
 * messages name, so that users find the same texts.
 * Invariant: no word shows any part of the value.
 */
import { Decimal } from '../base/decimal.ts'
import {
  LOGICAL,
  RawText,
  type Schema,
  type SchemaType,
  Struct,
  type Value,
  type ValueMap,
} from '../flow/index.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'

export function requireMap(value: Value, purpose: string): ValueMap {
  if (value instanceof Map) return value
  throw dataError(
    TRANSFORM_ERRORS.SHAPE,
    `Only Map objects supported in absence of schema for [${purpose}], found: ${javaClass(null, value)}`,
  )
}

export function requireMapOrNull(value: Value, purpose: string): ValueMap | null {
  return value === null ? null : requireMap(value, purpose)
}

export function requireStruct(schema: Schema, value: Value, purpose: string): Struct {
  if (value instanceof Struct) return value
  throw dataError(
    TRANSFORM_ERRORS.SHAPE,
    `Only Struct objects supported for [${purpose}], found: ${javaClass(schema, value)}`,
  )
}

export function requireStructOrNull(schema: Schema, value: Value, purpose: string): Struct | null {
  return value === null ? null : requireStruct(schema, value, purpose)
}

const INTEGERS: Readonly<Partial<Record<SchemaType, string>>> = {
  int8: 'java.lang.Byte',
  int16: 'java.lang.Short',
  int32: 'java.lang.Integer',
  float32: 'java.lang.Float',
}

/** The Java class of a value; schemaless numbers are doubles. */
export function javaClass(schema: Schema | null, value: Value): string {
  if (value === null) return 'null'
  if (isDateLike(schema)) return 'java.util.Date'
  switch (typeof value) {
    case 'boolean':
      return 'java.lang.Boolean'
    case 'number':
      return (schema === null ? undefined : INTEGERS[schema.type]) ?? 'java.lang.Double'
    case 'bigint':
      return 'java.lang.Long'
    case 'string':
      return 'java.lang.String'
    default:
      return objectClass(value)
  }
}

function objectClass(value: NonNullable<Value> & object): string {
  if (value instanceof Struct) return 'org.apache.kafka.connect.data.Struct'
  if (Buffer.isBuffer(value)) return '[B'
  if (value instanceof Decimal) return 'java.math.BigDecimal'
  if (value instanceof RawText) return 'java.lang.String'
  return Array.isArray(value) ? 'java.util.ArrayList' : 'java.util.HashMap'
}

/** True for the logical types whose values are instants, days or times. */
export function isDateLike(schema: Schema | null): boolean {
  const name = schema?.name
  return name === LOGICAL.TIMESTAMP || name === LOGICAL.DATE || name === LOGICAL.TIME
}

/** The Connect type of a schemaless value. */
export function typeOfValue(value: NonNullable<Value>): SchemaType | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int64'
    case 'string':
      return 'string'
    default:
      if (value instanceof Struct) return 'struct'
      if (Buffer.isBuffer(value)) return 'bytes'
      if (value instanceof Decimal || value instanceof RawText) return undefined
      return Array.isArray(value) ? 'array' : 'map'
  }
}
