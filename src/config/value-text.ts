/**
 * Text to value for Connect's types, with the error texts of Kafka's ConfigDef.
 * Used by the field constructors. Text is trimmed first; numbers are plain decimals in the range
 * of the Java type; LONG values beyond 2^53 lose their last digits (they are only ever limits).
 * Spec: cassandra-sink 1.3.
 */
import type { ConnectType, Parsed, Problem } from './field.ts'

const BOUNDS = {
  SHORT: [-32768n, 32767n],
  INT: [-2147483648n, 2147483647n],
  LONG: [-9223372036854775808n, 9223372036854775807n],
} as const

export function invalid<T>(what: Problem['what'], text: string, expected: string): Parsed<T> {
  return { problems: [{ what, text, expected }] }
}

export function parseInteger(type: 'SHORT' | 'INT' | 'LONG', text: string): Parsed<number> {
  const trimmed = text.trim()
  if (/^[+-]?\d{1,30}$/.test(trimmed)) {
    const value = BigInt(trimmed.replace(/^\+/, ''))
    if (value >= BOUNDS[type][0] && value <= BOUNDS[type][1]) return { value: Number(value) }
  }
  return notANumber(type)
}

export function parseDouble(text: string): Parsed<number> {
  const trimmed = text.trim()
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return { value: Number(trimmed) }
  return notANumber('DOUBLE')
}

function notANumber(type: ConnectType): Parsed<number> {
  const expected = type === 'DOUBLE' ? 'a number' : 'a whole number'
  return invalid('type', `Not a number of type ${type}`, expected)
}

export function parseBoolean(text: string): Parsed<boolean> {
  const word = text.trim().toLowerCase()
  if (word === 'true' || word === 'false') return { value: word === 'true' }
  return invalid('type', 'Expected value to be either true or false', 'true or false')
}

/** Split on commas, blanks around elements removed; blank text is the empty list. */
export function parseList(text: string): string[] {
  const trimmed = text.trim()
  return trimmed === '' ? [] : trimmed.split(/\s*,\s*/)
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  nano: 1e-6,
  nanos: 1e-6,
  nanosecond: 1e-6,
  nanoseconds: 1e-6,
  us: 1e-3,
  micro: 1e-3,
  micros: 1e-3,
  microsecond: 1e-3,
  microseconds: 1e-3,
  '': 1,
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
}

/** Duration text such as `30 seconds`, `500ms`, `1 minute`; no unit is milliseconds. */
export function parseDurationMs(text: string): Parsed<number> {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim())
  const unitMs = match === null ? undefined : UNIT_MS[match[2]!]
  if (match === null || unitMs === undefined) {
    return invalid(
      'type',
      'Not a duration',
      'a duration such as "30 seconds", "500ms" or "1 minute"',
    )
  }
  return { value: Number(match[1]) * unitMs }
}

const UNIT_BYTES: readonly (readonly [RegExp, number])[] = [
  [/^(b|bytes?)?$/i, 1],
  [/^(kb|kilobytes?)$/i, 1e3],
  [/^(k|kib|kibibytes?)$/i, 1024],
  [/^(mb|megabytes?)$/i, 1e6],
  [/^(m|mib|mebibytes?)$/i, 1024 ** 2],
  [/^(gb|gigabytes?)$/i, 1e9],
  [/^(g|gib|gibibytes?)$/i, 1024 ** 3],
]

/** Size text such as `256 MB` (powers of ten) or `64 MiB` (powers of two); no unit is bytes. */
export function parseSizeBytes(text: string): Parsed<number> {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim())
  const unit = UNIT_BYTES.find(([name]) => match !== null && name.test(match[2]!))
  if (match === null || unit === undefined) {
    return invalid('type', 'Not a size', 'a size such as "256 MB", "64 KiB" or "1024"')
  }
  return { value: Math.floor(Number(match[1]) * unit[1]) }
}
