/**
 * The representations of an instant that TimestampConverter knows: string, unix, Date, Time,
 * Timestamp; each read to milliseconds since the epoch and written from them.
 * Used by TimestampConverter; `timestampSchema` also by InsertField.
 * Invariant: milliseconds are bigint here; units change as java.util.concurrent.TimeUnit does it
 * (cut towards zero, stop at the ends of a long). Without schema Date and Time are milliseconds
 * since the epoch too, because schemaless data has no days or times.
 */
import type { SimpleDateFormat } from '../base/java-time/simple-date-format.ts'
import { LOGICAL, Schema, type Value } from '../flow/index.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import { javaClass } from './value-shape.ts'

export const TIMESTAMP_TYPES = ['string', 'unix', 'Date', 'Time', 'Timestamp'] as const
export type TimestampType = (typeof TIMESTAMP_TYPES)[number]

export const UNIX_PRECISIONS = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const
export type UnixPrecision = (typeof UNIX_PRECISIONS)[number]

const DAY_MS = 86_400_000n
const LONG_MAX = 2n ** 63n - 1n

export function timestampSchema(optional: boolean): Schema {
  return new Schema('int64', { name: LOGICAL.TIMESTAMP, version: 1, optional })
}

export function typeSchema(type: TimestampType, optional: boolean): Schema {
  switch (type) {
    case 'string':
      return new Schema('string', { optional })
    case 'unix':
      return new Schema('int64', { optional })
    case 'Date':
      return new Schema('int32', { name: LOGICAL.DATE, version: 1, optional })
    case 'Time':
      return new Schema('int32', { name: LOGICAL.TIME, version: 1, optional })
    case 'Timestamp':
      return timestampSchema(optional)
  }
}

export function typeOfSchema(schema: Schema): TimestampType {
  if (schema.name === LOGICAL.TIMESTAMP) return 'Timestamp'
  if (schema.name === LOGICAL.DATE) return 'Date'
  if (schema.name === LOGICAL.TIME) return 'Time'
  if (schema.type === 'string') return 'string'
  if (schema.type === 'int64') return 'unix'
  const text = `${schema.name === undefined ? '' : `${schema.name}:`}${schema.type.toUpperCase()}`
  throw dataError(
    TRANSFORM_ERRORS.VALUE,
    `Schema Schema{${text}} does not correspond to a known timestamp type format`,
  )
}

/** The type of a schemaless value: integers are Unix time. */
export function typeOfPlain(value: Value): TimestampType {
  if (typeof value === 'bigint') return 'unix'
  if (typeof value === 'string') return 'string'
  throw dataError(
    TRANSFORM_ERRORS.VALUE,
    `TimestampConverter does not support class ${javaClass(null, value)} objects as timestamps`,
  )
}

export interface TimestampSettings {
  readonly format: SimpleDateFormat | undefined
  readonly precision: UnixPrecision
}

/** Milliseconds since the epoch. */
export function readInstant(
  type: TimestampType,
  value: Value,
  settings: TimestampSettings,
): bigint {
  if (type === 'string' && typeof value === 'string') return parseText(value, settings.format)
  if (type === 'unix' && typeof value === 'bigint') return fromUnix(value, settings.precision)
  if (type === 'Date' && typeof value === 'number') return BigInt(Math.trunc(value)) * DAY_MS
  if (type === 'Time' && typeof value === 'number') return BigInt(Math.trunc(value))
  if (type === 'Timestamp' && typeof value === 'bigint') return value
  throw dataError(
    TRANSFORM_ERRORS.VALUE,
    `Expected a timestamp of type ${type}, found another value`,
  )
}

export function writeInstant(
  type: TimestampType,
  ms: bigint,
  settings: TimestampSettings & { readonly isSchemaless: boolean },
): Value {
  const msOfDay = ((ms % DAY_MS) + DAY_MS) % DAY_MS
  switch (type) {
    case 'string':
      return formatText(ms, settings.format)
    case 'unix':
      return toUnix(ms, settings.precision)
    case 'Date':
      return settings.isSchemaless ? ms - msOfDay : Number((ms - msOfDay) / DAY_MS)
    case 'Time':
      return settings.isSchemaless ? msOfDay : Number(msOfDay)
    case 'Timestamp':
      return ms
  }
}

function parseText(text: string, format: SimpleDateFormat | undefined): bigint {
  if (format === undefined) {
    throw dataError(
      TRANSFORM_ERRORS.VALUE,
      'Could not parse timestamp: it is a string, and the setting format is empty',
    )
  }
  const ms = format.parse(text)
  if (ms !== undefined) return BigInt(ms)
  throw dataError(
    TRANSFORM_ERRORS.VALUE,
    `Could not parse timestamp: value does not match pattern (${format.pattern})`,
  )
}

/** The largest distance from the epoch that text can be made of. */
const TEXT_MS_MAX = 8_640_000_000_000_000n

function formatText(ms: bigint, format: SimpleDateFormat | undefined): string {
  if (format !== undefined && ms <= TEXT_MS_MAX && ms >= -TEXT_MS_MAX) {
    return format.format(Number(ms))
  }
  throw dataError(
    TRANSFORM_ERRORS.VALUE,
    'Could not format timestamp: it is more than 270,000 years from 1970',
  )
}

function fromUnix(value: bigint, precision: UnixPrecision): bigint {
  switch (precision) {
    case 'seconds':
      return saturated(value * 1000n)
    case 'milliseconds':
      return value
    case 'microseconds':
      return value / 1000n
    case 'nanoseconds':
      return value / 1_000_000n
  }
}

function toUnix(ms: bigint, precision: UnixPrecision): bigint {
  switch (precision) {
    case 'seconds':
      return ms / 1000n
    case 'milliseconds':
      return ms
    case 'microseconds':
      return saturated(ms * 1000n)
    case 'nanoseconds':
      return saturated(ms * 1_000_000n)
  }
}

function saturated(value: bigint): bigint {
  if (value > LONG_MAX) return LONG_MAX
  return value < -LONG_MAX - 1n ? -LONG_MAX - 1n : value
}
