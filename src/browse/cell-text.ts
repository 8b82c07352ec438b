/**
 * Cells of Cassandra as the texts that people read: CQL literals, where text itself stands bare at the
 * top. Used for rows and results of statements.
 * Invariants: no number passes through a JavaScript number that could change it; a long text is cut at a
 * character and says how long it was; null is null.
 * Spec: ui 4.8.
 */
import type { DataCell } from '../api-v1-data.ts'
import { Decimal } from '../base/decimal.ts'
import type { CqlDuration, CqlType, CqlValue } from '../cql/index.ts'

const DAY_MS = 86_400_000
const DAY_NS = 86_400_000_000_000n
const SECOND_NS = 1_000_000_000n
/** The farthest that JavaScript's dates go. */
const DATE_MS_MAX = 8_640_000_000_000_000n

export function toCell(value: CqlValue, type: CqlType, charactersMax: number): DataCell {
  if (value === null) return null
  const text = typeof value === 'string' ? value : literal(value, type, charactersMax)
  if (text.length <= charactersMax) return text
  const bytes = Buffer.isBuffer(value) ? value.length : Buffer.byteLength(text)
  return { text: wellFormed(text.slice(0, charactersMax)), bytes }
}

/** A cut never leaves half of a character. */
function wellFormed(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text
}

/** As CQL writes it; blobs are cut before they are written out. */
function literal(value: CqlValue, type: CqlType, charactersMax: number): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return isBare(type) ? value : `'${value.replaceAll("'", "''")}'`
  if (Buffer.isBuffer(value))
    return `0x${value.toString('hex', 0, Math.min(value.length, charactersMax))}`
  if (value instanceof Decimal) return value.toString()
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return type.kind === 'date' ? toDate(value) : numberText(value)
  if (typeof value === 'bigint') return integerText(value, type)
  const inner = (one: CqlValue, of: CqlType) => quoted(one, of, charactersMax)
  if (Array.isArray(value)) return collection(value, type, inner)
  return durationText(value as CqlDuration)
}

/** Inside of a collection times stand in quotes. */
function quoted(value: CqlValue, type: CqlType, charactersMax: number): string {
  const text = literal(value, type, charactersMax)
  const isTime = type.kind === 'date' || type.kind === 'time' || type.kind === 'timestamp'
  return isTime && value !== null ? `'${text}'` : text
}

type Inner = (value: CqlValue, type: CqlType) => string

function collection(values: readonly CqlValue[], type: CqlType, inner: Inner): string {
  switch (type.kind) {
    case 'list':
    case 'vector':
      return `[${values.map(one => inner(one, type.element)).join(', ')}]`
    case 'set':
      return `{${values.map(one => inner(one, type.element)).join(', ')}}`
    case 'map': {
      const pairs = values as readonly (readonly [CqlValue, CqlValue])[]
      return `{${pairs.map(([k, v]) => `${inner(k, type.key)}: ${inner(v, type.value)}`).join(', ')}}`
    }
    case 'tuple':
      return `(${type.elements.map((of, i) => inner(values[i] ?? null, of)).join(', ')})`
    case 'udt':
      return `{${type.fields.map((one, i) => `${one.name}: ${inner(values[i] ?? null, one.type)}`).join(', ')}}`
    default:
      return String(values)
  }
}

function isBare(type: CqlType): boolean {
  return type.kind === 'uuid' || type.kind === 'timeuuid'
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function integerText(value: bigint, type: CqlType): string {
  if (type.kind === 'timestamp') return toTimestamp(value)
  return type.kind === 'time' ? toTime(value) : String(value)
}

function toDate(days: number): string {
  const ms = BigInt(days) * BigInt(DAY_MS)
  const isFar = ms > DATE_MS_MAX || ms < -DATE_MS_MAX
  return isFar ? `${days} days` : new Date(Number(ms)).toISOString().replace(/T.*/, '')
}

/** In UTC, which it says. */
function toTimestamp(ms: bigint): string {
  const isFar = ms > DATE_MS_MAX || ms < -DATE_MS_MAX
  return isFar ? `${ms} ms` : new Date(Number(ms)).toISOString().replace('T', ' ')
}

function toTime(ns: bigint): string {
  const day = ((ns % DAY_NS) + DAY_NS) % DAY_NS
  const seconds = Number(day / SECOND_NS)
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  const clock = `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${clock}.${String(day % SECOND_NS).padStart(9, '0')}`
}

const UNITS = [
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', SECOND_NS],
  ['ms', 1_000_000n],
  ['us', 1_000n],
  ['ns', 1n],
] as const

function durationText({ months, days, nanoseconds }: CqlDuration): string {
  const isNegative = months < 0 || days < 0 || nanoseconds < 0n
  const parts: [number | bigint, string][] = [
    [Math.abs(months), 'mo'],
    [Math.abs(days), 'd'],
  ]
  let rest = nanoseconds < 0n ? -nanoseconds : nanoseconds
  for (const [unit, ns] of UNITS) {
    parts.push([rest / ns, unit])
    rest %= ns
  }
  const told = parts.filter(([n]) => BigInt(n) !== 0n).map(([n, unit]) => `${n}${unit}`)
  return `${isNegative ? '-' : ''}${told.length === 0 ? '0s' : told.join('')}`
}
