/**
 * The conversion of one value to another Connect type, as Kafka's Cast does it: numbers are cut,
 * booleans become 1 and 0, strings are parsed, dates become their internal number, or text.
 * Used by Cast. Schemaless integers come out as INT64, because schemaless numbers are FLOAT64.
 * Invariant: an impossible cast is a data error that tells types, never the value.
 */
import { Decimal } from '../base/decimal.ts'
import { javaDouble, javaFloat } from '../base/java-number.ts'
import { SimpleDateFormat } from '../base/java-time/simple-date-format.ts'
import { LOGICAL, type Schema, type SchemaType, type Value } from '../flow/index.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import {
  type FloatType,
  INTEGER_BITS,
  type IntegerType,
  toFloat,
  toInteger,
  toLong,
} from './number-cast.ts'
import { isDateLike, javaClass, typeOfValue } from './value-shape.ts'

export type CastType = IntegerType | FloatType | 'boolean' | 'string'

export const CAST_TYPES: readonly CastType[] = [
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'boolean',
  'string',
]
const INPUT_TYPES: readonly SchemaType[] = [...CAST_TYPES, 'bytes']
const DAY_MS = 86_400_000
const TIME_FORMAT = new SimpleDateFormat("HH:mm:ss.SSS'Z'")
const DATE_FORMAT = new SimpleDateFormat('yyyy-MM-dd')
const TIMESTAMP_FORMAT = new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")
const FLOAT_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?$/
const SPECIAL_TEXT = /^([+-]?)(NaN|Infinity)[fFdD]?$/

export function castValue(schema: Schema | null, value: Value, target: CastType): Value {
  if (value === null) return null
  const from = schema === null ? typeOfValue(value) : schema.type
  if (from === undefined || !INPUT_TYPES.includes(from)) {
    const types = INPUT_TYPES.join(', ').toUpperCase()
    throw dataError(
      TRANSFORM_ERRORS.VALUE,
      `Cast transformation does not support casting from ${(from ?? javaClass(schema, value)).toUpperCase()}; supported types are [${types}]`,
    )
  }
  switch (target) {
    case 'string':
      return toText(schema, value)
    case 'boolean':
      return toBoolean(schema, value)
    case 'float32':
    case 'float64':
      return toFloat(
        target,
        toNumber(schema, value, text => parseFloating(text)),
      )
    default: {
      const number = toNumber(schema, value, text => parseInteger(text, target))
      const integer = toInteger(target, number)
      return schema === null ? BigInt(integer) : integer
    }
  }
}

function toNumber(
  schema: Schema | null,
  value: Value,
  parse: (text: string) => number | bigint | undefined,
): number | bigint | Decimal {
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal)
    return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string') throw unexpected(schema, value)
  const number = parse(value)
  if (number !== undefined) return number
  throw dataError(TRANSFORM_ERRORS.VALUE, 'Value was out of range for requested data type')
}

function unexpected(schema: Schema | null, value: Value): Error {
  return dataError(
    TRANSFORM_ERRORS.VALUE,
    `Unexpected type in Cast transformation: class ${javaClass(schema, value)}`,
  )
}

function parseInteger(text: string, type: IntegerType): bigint | undefined {
  if (!/^[+-]?\d{1,40}$/.test(text)) return undefined
  const value = BigInt(text.replace('+', ''))
  return BigInt.asIntN(INTEGER_BITS[type], value) === value ? value : undefined
}

/** Decimal notation, NaN and Infinity, blanks around; hexadecimal notation is not read. */
function parseFloating(text: string): number | undefined {
  const trimmed = text.trim()
  if (FLOAT_TEXT.test(trimmed)) return Number(trimmed.replace(/[fFdD]$/, ''))
  const special = SPECIAL_TEXT.exec(trimmed)
  if (special === null) return undefined
  if (special[2] === 'NaN') return Number.NaN
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

function toBoolean(schema: Schema | null, value: Value): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.toLowerCase() === 'true'
  return toLong(toNumber(schema, value, () => undefined)) !== 0n
}

function toText(schema: Schema | null, value: NonNullable<Value>): string {
  if (isDateLike(schema)) return dateText(schema, Number(value))
  if (typeof value === 'number') return numberText(schema, value)
  return Buffer.isBuffer(value) ? value.toString('base64') : String(value)
}

function numberText(schema: Schema | null, value: number): string {
  if (schema?.type === 'float32') return javaFloat(value)
  return schema === null || schema.type === 'float64' ? javaDouble(value) : String(value)
}

/** Kafka tells times, days and instants apart by their size alone, and so do we. */
function dateText(schema: Schema | null, value: number): string {
  const ms = schema?.name === LOGICAL.DATE ? value * DAY_MS : value
  if (ms < DAY_MS) return TIME_FORMAT.format(ms)
  return ms % DAY_MS === 0 ? DATE_FORMAT.format(ms) : TIMESTAMP_FORMAT.format(ms)
}
