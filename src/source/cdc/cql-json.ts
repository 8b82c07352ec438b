/**
 * CQL values as JSON, the way Cassandra's own `toJson()` shows them, but exact: nothing is rounded.
 * Used by the lines of `cdc dump` and by event formats that carry texts.
 * Invariant: integers beyond 2^53 are strings of digits; NaN and infinities are strings.
 * Spec: cdc-replication 2.6 (table of types).
 */
import { Decimal } from '../../base/decimal.ts'
import { shortestFloatText } from '../../base/java-number.ts'
import { toCivilDate } from '../../base/java-time/civil.ts'
import { type CqlDuration, type CqlType, type CqlValue, parseInet } from '../../cql/index.ts'

export type Json = null | boolean | number | string | RawJson | Json[] | { [name: string]: Json }

/** Text that is JSON already. */
export interface RawJson {
  readonly rawJSON: string
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): RawJson }

const SAFE = BigInt(Number.MAX_SAFE_INTEGER)
const NS_PER_DAY_PARTS = [
  [3_600_000_000_000n, 'h'],
  [60_000_000_000n, 'm'],
  [1_000_000_000n, 's'],
  [1_000_000n, 'ms'],
  [1_000n, 'us'],
  [1n, 'ns'],
] as const

/** A number where JSON readers keep it exactly, else its digits. */
export function toJsonInteger(value: bigint | number): Json {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : String(value)
  return value <= SAFE && value >= -SAFE ? Number(value) : value.toString()
}

/** The value of a type; `isEmpty` when it has zero bytes. */
export function toJsonValue(type: CqlType, value: CqlValue, isEmpty = false): Json {
  if (isEmpty && !HAS_EMPTY_VALUE.has(type.kind)) return ''
  if (value === null) return null
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'vector':
      return (value as CqlValue[]).map(one => toJsonElement(type.element, one))
    case 'map':
      return Object.fromEntries(
        (value as [CqlValue, CqlValue][]).map(([key, one]) => [
          toJsonKey(type.key, key),
          toJsonElement(type.value, one),
        ]),
      )
    case 'tuple':
      return type.elements.map((element, i) =>
        toJsonValue(element, (value as CqlValue[])[i] ?? null),
      )
    case 'udt':
      return Object.fromEntries(
        type.fields.map((field, i) => [
          field.name,
          toJsonValue(field.type, (value as CqlValue[])[i] ?? null),
        ]),
      )
    default:
      return toJsonScalar(type.kind, value)
  }
}

const HAS_EMPTY_VALUE: ReadonlySet<string> = new Set(['text', 'ascii', 'blob', 'custom'])

/** Collections hold no null: what decodes to one has zero bytes. */
function toJsonElement(type: CqlType, value: CqlValue): Json {
  return toJsonValue(type, value, value === null)
}

/** The name of a map entry: texts as they are, everything else as its JSON text. */
export function toJsonKey(type: CqlType, value: CqlValue): string {
  const json = toJsonElement(type, value)
  return typeof json === 'string' ? json : spacedText(json)
}

/** As the server separates: `{"a": 1, "b": [2, 3]}`. */
function spacedText(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(spacedText).join(', ')}]`
  if (typeof json !== 'object' || json === null || 'rawJSON' in json) return JSON.stringify(json)
  const members = Object.entries(json).map(
    ([name, value]) => `${JSON.stringify(name)}: ${spacedText(value)}`,
  )
  return `{${members.join(', ')}}`
}

function toJsonScalar(kind: string, value: CqlValue): Json {
  switch (kind) {
    case 'float':
      return toJsonFloat(value as number, shortestFloatText(value as number))
    case 'double':
      return toJsonFloat(value as number, String(value))
    case 'timestamp':
      return timestampText(value as bigint)
    case 'date':
      return dateText(value as number)
    case 'time':
      return timeText(value as bigint)
    case 'inet':
      return inetText(value as string)
    case 'duration':
      return durationText(value as CqlDuration)
    default:
      return toJsonPlain(value)
  }
}

function toJsonPlain(value: CqlValue): Json {
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`
  if (value instanceof Decimal) return value.toString()
  if (typeof value === 'bigint' || typeof value === 'number') return toJsonInteger(value)
  return value as string | boolean
}

function toJsonFloat(value: number, text: string): Json {
  if (!Number.isFinite(value)) return String(value)
  if (Object.is(value, -0)) return rawJSON('-0.0')
  return Number(text)
}

/** `yyyy-MM-dd HH:mm:ss.SSSZ`; times that no calendar here holds are their milliseconds. */
export function timestampText(ms: bigint): string {
  const date = new Date(Number(ms))
  if (Number.isNaN(date.getTime())) return ms.toString()
  return date.toISOString().replace('T', ' ')
}

export function dateText(epochDay: number): string {
  const { year, month, day } = toCivilDate(epochDay)
  const sign = year < 0 ? '-' : ''
  return `${sign}${padded(Math.abs(year), 4)}-${padded(month, 2)}-${padded(day, 2)}`
}

export function timeText(nanoseconds: bigint): string {
  const seconds = Number(nanoseconds / 1_000_000_000n)
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  const fraction = Number(nanoseconds % 1_000_000_000n)
  return `${padded(hours, 2)}:${padded(minutes, 2)}:${padded(seconds % 60, 2)}.${padded(fraction, 9)}`
}

/** IPv6 as eight groups; mapped IPv4 addresses as IPv4. */
export function inetText(text: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1]
  if (mapped !== undefined) return mapped
  const bytes = parseInet(text)
  if (bytes === undefined || bytes.length === 4) return text
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':')
}

export function durationText({ months, days, nanoseconds }: CqlDuration): string {
  const isNegative = months < 0 || days < 0 || nanoseconds < 0n
  const parts: string[] = []
  const add = (count: number | bigint, unit: string) => {
    if (count > 0) parts.push(`${count}${unit}`)
  }
  const positiveMonths = Math.abs(months)
  add(Math.floor(positiveMonths / 12), 'y')
  add(positiveMonths % 12, 'mo')
  add(Math.abs(days), 'd')
  let left = nanoseconds < 0n ? -nanoseconds : nanoseconds
  for (const [size, unit] of NS_PER_DAY_PARTS) {
    add(left / size, unit)
    left %= size
  }
  return `${isNegative ? '-' : ''}${parts.join('')}`
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
