/**
 * What a person types to find a row, as a value of a key column. Used by look-ups; the value is bound,
 * never written into a statement.
 * Invariants: nothing is guessed: a text that is no value of the type is refused with the form that is
 * expected; integers keep every digit.
 * Spec: ui 5.7 (Find).
 */
import { Decimal } from '../base/decimal.ts'
import { type CqlType, type CqlValue, formatCqlType, parseInet } from '../cql/index.ts'
import { badQuery } from './errors.ts'

const DAY_MS = 86_400_000
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const BITS: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, int: 32, bigint: 64 }

export function toKeyValue(text: string, type: CqlType, column: string): CqlValue {
  const value = parse(text, type)
  if (value !== undefined) return value
  const form = FORMS[type.kind] ?? 'a value that the tab CQL can look for'
  throw badQuery(`key ${column}`, `expected ${formatCqlType(type)}, that is ${form}`)
}

const FORMS: Readonly<Record<string, string>> = {
  timestamp: '2026-11-21 14:02:31.204, or milliseconds',
  date: '2026-11-21',
  time: '14:02:31.204',
  blob: '0x and hexadecimal digits',
  uuid: '8-4-4-4-12 hexadecimal digits',
  timeuuid: '8-4-4-4-12 hexadecimal digits',
  inet: 'an address',
  boolean: 'true or false',
}

function parse(text: string, type: CqlType): CqlValue | undefined {
  switch (type.kind) {
    case 'text':
      return text
    case 'ascii':
      return /^[\0-\x7f]*$/.test(text) ? text : undefined
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'varint':
      return toInteger(text.trim(), type.kind)
    case 'decimal':
      return Decimal.parse(text.trim())
    case 'float':
    case 'double':
      return toNumber(text.trim())
    case 'boolean':
      return /^(true|false)$/i.test(text.trim()) ? text.trim().toLowerCase() === 'true' : undefined
    case 'uuid':
    case 'timeuuid':
      return UUID.test(text.trim()) ? text.trim().toLowerCase() : undefined
    case 'inet':
      return parseInet(text.trim()) === undefined ? undefined : text.trim()
    case 'blob':
      return /^0x([\da-f]{2})*$/i.test(text.trim())
        ? Buffer.from(text.trim().slice(2), 'hex')
        : undefined
    default:
      return parseTime(text.trim(), type)
  }
}

function parseTime(text: string, type: CqlType): CqlValue | undefined {
  if (type.kind === 'timestamp') return toMs(text)
  if (type.kind === 'date') return toDays(text)
  return type.kind === 'time' ? toNs(text) : undefined
}

function toInteger(text: string, kind: string): number | bigint | undefined {
  if (!/^[+-]?\d{1,1000}$/.test(text)) return undefined
  const value = BigInt(text)
  const bits = BITS[kind]
  if (bits !== undefined && BigInt.asIntN(bits, value) !== value) return undefined
  return bits === undefined || bits === 64 ? value : Number(value)
}

function toNumber(text: string): number | undefined {
  if (text === '') return undefined
  const value = Number(text)
  return Number.isNaN(value) && text !== 'NaN' ? undefined : value
}

/** Without a zone it is UTC, as the rows show it. */
function toMs(text: string): bigint | undefined {
  if (/^-?\d{1,19}$/.test(text)) return BigInt(text)
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const iso = text.replace(' ', 'T')
  const ms = Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$/.test(iso) || !iso.includes('T') ? iso : `${iso}Z`)
  return Number.isNaN(ms) ? undefined : BigInt(ms)
}

function toDays(text: string): number | undefined {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms / DAY_MS
}

function toNs(text: string): bigint | undefined {
  const found = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?$/.exec(text)
  if (found === null) return undefined
  const [, hours = '0', minutes = '0', seconds = '0', fraction = ''] = found
  const clock = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  return BigInt(clock) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
}
