/**
 * The conversion rules of Cassandra's own `INSERT … JSON`, type by type: JSON tree to CQL value.
 * Compiled once per column by `compileJsonRules`; used by the classic KCQL sink.
 * Stricter than the server where that loses data: a float or double out of range is refused.
 * Invariant: a converter returns null for JSON null only; anything it cannot take is a
 * ConversionFailure, never a wrong value. Spec: cassandra-sink 10.3.
 */
import { Decimal } from '../../../base/decimal.ts'
import { monthLength, toEpochDay } from '../../../base/java-time/civil.ts'
import { parseCqlTimestamp } from '../../../base/java-time/cql-timestamp.ts'
import { UTC } from '../../../base/java-time/zone-rules.ts'
import { JsonNumber, type JsonValue } from '../../../base/json/parse-json.ts'
import { type CqlType, type CqlValue, formatCqlType } from '../../../cql/index.ts'
import { type FailureReason, failure } from './conversion-failure.ts'
import { parseDuration } from './duration-encoder.ts'
import { treeOfText } from './value-tree.ts'

export type FromJson = (node: JsonValue) => CqlValue

type Given = Exclude<JsonValue, null>
type Primitive = Exclude<
  CqlType['kind'],
  'custom' | 'list' | 'set' | 'map' | 'vector' | 'tuple' | 'udt'
>

/** The converter of a type; undefined for custom types. */
export function compileJsonRules(type: CqlType): FromJson | undefined {
  const convert = converterOf(type)
  return convert && (node => (node === null ? null : convert(node)))
}

function converterOf(type: CqlType): ((node: Given) => CqlValue) | undefined {
  const name = formatCqlType(type)
  switch (type.kind) {
    case 'custom':
      return undefined
    case 'list':
    case 'set':
    case 'vector':
      return listOf(name, compileJsonRules(type.element))
    case 'map':
      return mapOf(name, compileJsonRules(type.key), compileJsonRules(type.value))
    case 'tuple':
      return tupleOf(name, all(type.elements))
    case 'udt': {
      const members = all(type.fields.map(field => field.type))
      const names = type.fields.map(field => field.name)
      return members && udtOf(name, names, members)
    }
    default: {
      const convert = PRIMITIVES[type.kind]
      return node => convert(node, name)
    }
  }
}

function all(types: readonly CqlType[]): FromJson[] | undefined {
  const members = types.map(compileJsonRules)
  return members.every(one => one !== undefined) ? (members as FromJson[]) : undefined
}

const PRIMITIVES: Readonly<Record<Primitive, (node: Given, type: string) => CqlValue>> = {
  text: (node, type) => text(node, type),
  ascii: (node, type) => {
    const found = text(node, type)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
    return /^[\x00-\x7f]*$/.test(found) ? found : refuse('not ASCII', type, node)
  },
  tinyint: (node, type) => Number(integer(node, type, 8)),
  smallint: (node, type) => Number(integer(node, type, 16)),
  int: (node, type) => Number(integer(node, type, 32)),
  bigint: (node, type) => integer(node, type, 64),
  counter: (node, type) => integer(node, type, 64),
  varint: (node, type) => integer(node, type, undefined),
  float: (node, type) => {
    const value = Math.fround(number(node, type))
    const isLost = !Number.isFinite(value) && Number.isFinite(number(node, type))
    return isLost ? refuse('overflow', type, node) : value
  },
  double: (node, type) => number(node, type),
  decimal: (node, type) => {
    const value = Decimal.parse(numberText(node, type))
    return value ?? refuse('not a number', type, node)
  },
  boolean: (node, type) => {
    if (typeof node === 'boolean') return node
    const word = typeof node === 'string' ? node.toLowerCase() : ''
    if (word !== 'true' && word !== 'false') return refuse('not a boolean', type, node)
    return word === 'true'
  },
  blob: (node, type) => {
    const found = text(node, type)
    const isHex = /^0x(?:[0-9a-fA-F]{2})*$/.test(found)
    return isHex ? Buffer.from(found.slice(2), 'hex') : refuse('not hexadecimal', type, node)
  },
  date,
  time,
  timestamp,
  uuid,
  timeuuid: (node, type) => {
    const found = uuid(node, type)
    return found[14] === '1' ? found : refuse('not a version-1 UUID', type, node)
  },
  inet: (node, type) => text(node, type),
  duration: (node, type) => {
    const found = parseDuration(text(node, type))
    if (found === undefined) return refuse('not a duration', type, node)
    const { months, days, nanos } = found
    return { months: Number(months), days: Number(days), nanoseconds: nanos }
  },
}

const DIGITS_MAX = 10_000

function text(node: Given, type: string): string {
  return typeof node === 'string' ? node : refuse('codec not found', type, node)
}

/** An integer, or a string holding one; `1.0` is none. */
function integer(node: Given, type: string, bits: number | undefined): bigint {
  const found = numberText(node, type)
  if (!/^[+-]?\d+$/.test(found) || found.length > DIGITS_MAX) {
    const reason = node instanceof JsonNumber ? 'overflow' : 'not a number'
    return refuse(reason, type, node)
  }
  const value = BigInt(found.replace(/^\+/, ''))
  if (bits !== undefined && BigInt.asIntN(bits, value) !== value) {
    return refuse('overflow', type, node)
  }
  return value
}

function number(node: Given, type: string): number {
  const found = numberText(node, type)
  if (/^[+-]?(?:NaN|Infinity)$/.test(found)) return Number(found)
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(found)) {
    return refuse('not a number', type, node)
  }
  const value = Number(found)
  return Number.isFinite(value) ? value : refuse('overflow', type, node)
}

function numberText(node: Given, type: string): string {
  if (node instanceof JsonNumber) return node.text
  return typeof node === 'string' ? node : refuse('codec not found', type, node)
}

function date(node: Given, type: string): number {
  const found = text(node, type)
  if (/^\d{1,10}$/.test(found)) return fromRawDays(Number(found), node, type)
  const match = /^(-?\d{4})-(\d{2})-(\d{2})$/.exec(found)
  if (match === null) return refuse('not a date', type, node)
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) {
    return refuse('not a date', type, node)
  }
  return toEpochDay(year, month, day)
}

/** The server's own form: days from 2^31 days before 1970. */
function fromRawDays(days: number, node: Given, type: string): number {
  return days < 2 ** 32 ? days - 2 ** 31 : refuse('not a date', type, node)
}

const DAY_NANOS = 86_400_000_000_000n

/** Nanoseconds as digits, or hours, minutes and seconds. */
function time(node: Given, type: string): bigint {
  const found = text(node, type)
  if (/^\d{1,14}$/.test(found)) {
    const nanos = BigInt(found)
    return nanos < DAY_NANOS ? nanos : refuse('not a time', type, node)
  }
  const match = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?$/.exec(found)
  if (match === null) return refuse('not a time', type, node)
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (hours > 23 || minutes > 59 || seconds > 59) return refuse('not a time', type, node)
  const nanos = BigInt((match[4] ?? '').padEnd(9, '0'))
  return BigInt((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000n + nanos
}

/** Milliseconds as a number or as digits, a date-time, or `now`. */
function timestamp(node: Given, type: string): bigint {
  if (node instanceof JsonNumber) return integer(node, type, 64)
  const found = text(node, type)
  if (/^[+-]?\d+$/.test(found)) return integer(node, type, 64)
  if (found === 'now') return BigInt(Date.now())
  const bytes = Buffer.from(found)
  const ms = parseCqlTimestamp(bytes, { start: 0, end: bytes.length }, UTC)
  return Number.isNaN(ms) ? refuse('not a timestamp', type, node) : BigInt(ms)
}

function uuid(node: Given, type: string): string {
  const found = text(node, type)
  const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(found)
  return isUuid ? found : refuse('not a UUID', type, node)
}

/** A list, or a string holding one. */
function arrayOf(node: Given, type: string): readonly JsonValue[] {
  const tree = nested(node)
  return Array.isArray(tree) ? tree : refuse('codec not found', type, node)
}

function objectOf(node: Given, type: string): ReadonlyMap<string, JsonValue> {
  const tree = nested(node)
  return tree instanceof Map ? tree : refuse('codec not found', type, node)
}

function nested(node: Given): JsonValue {
  return typeof node === 'string' ? treeOfText(Buffer.from(node)) : node
}

function listOf(type: string, element: FromJson | undefined) {
  if (element === undefined) return undefined
  return (node: Given): CqlValue =>
    arrayOf(node, type).map(item => element(item) ?? refuse('null element', type, node))
}

function mapOf(type: string, key: FromJson | undefined, value: FromJson | undefined) {
  if (key === undefined || value === undefined) return undefined
  return (node: Given): CqlValue =>
    [...objectOf(node, type)].map(([name, member]) => [
      key(name) ?? refuse('null element', type, node),
      value(member) ?? refuse('null element', type, node),
    ])
}

function tupleOf(type: string, members: readonly FromJson[] | undefined) {
  if (members === undefined) return undefined
  return (node: Given): CqlValue => {
    const items = arrayOf(node, type)
    if (items.length !== members.length) return refuse('wrong element count', type, node)
    return items.map((item, at) => members[at]!(item))
  }
}

/** Fields that are left out are null; unknown ones are refused. */
function udtOf(type: string, names: readonly string[], members: readonly FromJson[]) {
  return (node: Given): CqlValue => {
    const values: CqlValue[] = names.map(() => null)
    for (const [name, member] of objectOf(node, type)) {
      const at = indexOfName(names, name)
      if (at < 0) return refuse('wrong fields', type, node)
      values[at] = members[at]!(member)
    }
    return values
  }
}

/**
 * Cassandra's rule for names in JSON: in extra double quotes exact, else lower case; a name that is
 * exactly there is taken as well. -1: none.
 */
export function indexOfName(names: readonly string[], name: string): number {
  const exact = names.indexOf(name)
  if (exact >= 0) return exact
  const quoted = /^"(.*)"$/s.exec(name)?.[1]
  return names.indexOf(quoted ?? name.toLowerCase())
}

function refuse(reason: FailureReason, expected: string, node: Given): never {
  throw failure(reason, expected, foundIn(node))
}

function foundIn(node: Given): string {
  if (node instanceof JsonNumber) return 'JSON number'
  if (Array.isArray(node)) return 'JSON array'
  if (node instanceof Map) return 'JSON object'
  return `JSON ${typeof node}`
}
