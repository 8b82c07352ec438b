/**
 * Cells as values of JSON, for reject files, reports and filters: numbers beyond 53 bits and decimals
 * as text, blobs as 0x…, maps as pairs. Used only where people look at rows they asked to see.
 * Invariant: never throws: bytes that are no value of their type are shown as bytes.
 */
import { Decimal } from '../base/decimal.ts'
import { type CqlType, type CqlValue, codecFor } from '../cql/index.ts'

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

export function toJson(value: CqlValue): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return String(value)
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`
  if (value instanceof Decimal) return value.toString()
  if (Array.isArray(value)) return value.map(toJson)
  const { months, days, nanoseconds } = value as {
    months: number
    days: number
    nanoseconds: bigint
  }
  return `${months}mo${days}d${nanoseconds}ns`
}

/** What a cell holds; undecodable bytes are shown as bytes. */
export function cellJson(
  type: CqlType,
  bytes: Buffer,
  at: { readonly start: number; readonly length: number },
): JsonValue {
  if (at.length < 0) return null
  try {
    return toJson(codecFor(type).decode(bytes, at.start, at.length))
  } catch {
    return `0x${bytes.toString('hex', at.start, at.start + at.length)}`
  }
}

/** One line of text for comparison with an option and for tables. */
export function jsonText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
