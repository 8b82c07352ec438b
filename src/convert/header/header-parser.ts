/**
 * Finds out what a header's text is: null, boolean, number, date, time, timestamp, list, map, or
 * else a string. Spec: connect-rest 11.3. Used by SimpleHeaderConverter.
 * Integers take the smallest type that holds them. Deviation: a number with a fraction becomes
 * FLOAT32 only when that loses no digit, else FLOAT64, else Decimal; the reference rounds.
 * Invariant: never throws; a text that is not wholly of one form is a string.
 */
import { Decimal } from '../../base/decimal.ts'
import { javaDouble, javaFloat } from '../../base/java-number.ts'
import { monthLength, toEpochDay } from '../../base/java-time/civil.ts'
import { LOGICAL, Schema, type SchemaType, STRING, type Value } from '../../flow/index.ts'
import { fitsBits, fitsInt64 } from '../value-kind.ts'

export interface Parsed {
  readonly schema: Schema | null
  readonly value: Value
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^(\d{2}):(\d{2}):(\d{2})\.(\d{3})Z$/
const NUMBER = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,9})?$|^[+-]\.\d+(?:[eE][+-]?\d{1,9})?$/
const DEPTH_MAX = 64

const INT8 = new Schema('int8')
const INT16 = new Schema('int16')
const INT32 = new Schema('int32')
const INT64 = new Schema('int64')
const FLOAT32 = new Schema('float32')
const FLOAT64 = new Schema('float64')
const BOOLEAN = new Schema('boolean')
const DATE_SCHEMA = new Schema('int32', { name: LOGICAL.DATE, version: 1 })
const TIME_SCHEMA = new Schema('int32', { name: LOGICAL.TIME, version: 1 })
const TIMESTAMP_SCHEMA = new Schema('int64', { name: LOGICAL.TIMESTAMP, version: 1 })

/** Schema and value of a header's text. */
export function parseHeaderText(text: string): Parsed {
  const trimmed = text.trim()
  const first = trimmed[0]
  const parsed =
    first === '[' || first === '{' ? new CollectionParser(trimmed).parse() : parseToken(trimmed)
  return parsed ?? { schema: STRING, value: text }
}

/** A literal, number, date or time; undefined when the text is none of them. */
function parseToken(text: string): Parsed | undefined {
  if (text === 'null') return { schema: null, value: null }
  if (/^true$/i.test(text)) return { schema: BOOLEAN, value: true }
  if (/^false$/i.test(text)) return { schema: BOOLEAN, value: false }
  const first = text.charCodeAt(0)
  const isDigit = first >= 48 && first <= 57
  if (isDigit) {
    const temporal = parseTemporal(text.replaceAll('\\:', ':'))
    if (temporal !== undefined) return temporal
  }
  return isDigit || first === 43 || first === 45 ? parseNumber(text) : undefined
}

function parseTemporal(text: string): Parsed | undefined {
  const days = parseDate(text.slice(0, 10))
  if (text.length === 10)
    return days === undefined ? undefined : { schema: DATE_SCHEMA, value: days }
  if (text.length === 13) {
    const ms = parseTime(text)
    return ms === undefined ? undefined : { schema: TIME_SCHEMA, value: ms }
  }
  if (text.length !== 24 || text[10] !== 'T' || days === undefined) return undefined
  const ms = parseTime(text.slice(11))
  if (ms === undefined) return undefined
  return { schema: TIMESTAMP_SCHEMA, value: BigInt(days * 86_400_000 + ms) }
}

function parseDate(text: string): number | undefined {
  const match = DATE.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) return undefined
  return toEpochDay(year, month, day)
}

function parseTime(text: string): number | undefined {
  const match = TIME.exec(text)
  if (match === null) return undefined
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  return ((hour * 60 + minute) * 60 + second) * 1000 + Number(match[4])
}

function parseNumber(text: string): Parsed | undefined {
  if (!NUMBER.test(text)) return undefined
  const decimal = Decimal.parse(text)
  if (decimal === undefined) return undefined
  const integer = decimal.toInteger(19)
  if (integer !== undefined && fitsInt64(integer)) return smallestInteger(integer)
  const whole = decimal.toInteger(400)
  if (whole === undefined) {
    const value = Number(text)
    const single = Math.fround(value)
    if (isExact(javaFloat(single), decimal)) return { schema: FLOAT32, value: single }
    if (isExact(javaDouble(value), decimal)) return { schema: FLOAT64, value }
  }
  const exact = whole === undefined ? decimal : new Decimal(whole, 0)
  const parameters = { scale: String(exact.scale) }
  const schema = new Schema('bytes', { name: LOGICAL.DECIMAL, version: 1, parameters })
  return { schema, value: exact }
}

function isExact(text: string, decimal: Decimal): boolean {
  const other = Decimal.parse(text)?.stripTrailingZeros()
  const stripped = decimal.stripTrailingZeros()
  return other?.unscaled === stripped.unscaled && other.scale === stripped.scale
}

function smallestInteger(integer: bigint): Parsed {
  const value = Number(integer)
  if (fitsBits(value, 8)) return { schema: INT8, value }
  if (fitsBits(value, 16)) return { schema: INT16, value }
  if (fitsBits(value, 32)) return { schema: INT32, value }
  return { schema: INT64, value: integer }
}

/** Lists and maps; strings inside must be quoted, else the whole text is a string. */
class CollectionParser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): Parsed | undefined {
    const parsed = this.#element(0)
    return this.#at === this.#text.length ? parsed : undefined
  }

  #element(depth: number): Parsed | undefined {
    this.#skipBlank()
    switch (this.#text[this.#at]) {
      case '[':
        return depth < DEPTH_MAX ? this.#list(depth + 1) : undefined
      case '{':
        return depth < DEPTH_MAX ? this.#map(depth + 1) : undefined
      case '"':
        return this.#quoted()
      default:
        return this.#bare()
    }
  }

  #list(depth: number): Parsed | undefined {
    this.#at++
    const elements: Parsed[] = []
    if (!this.#accept(']')) {
      do {
        const element = this.#element(depth)
        if (element === undefined) return undefined
        elements.push(element)
      } while (this.#accept(','))
      if (!this.#accept(']')) return undefined
    }
    const values = commonSchema(elements)
    const schema = new Schema('array', values === undefined ? {} : { values })
    return { schema, value: elements.map(element => widened(element, values)) }
  }

  #map(depth: number): Parsed | undefined {
    this.#at++
    const members: [key: Parsed, member: Parsed][] = []
    if (!this.#accept('}')) {
      do {
        const key = this.#element(depth)
        if (key === undefined || key.value === null || !this.#accept(':')) return undefined
        const member = this.#isAtEnd() ? { schema: null, value: null } : this.#element(depth)
        if (member === undefined) return undefined
        members.push([key, member])
      } while (this.#accept(','))
      if (!this.#accept('}')) return undefined
    }
    const keys = commonSchema(members.map(([key]) => key))
    const values = commonSchema(members.map(([, member]) => member))
    const value = new Map<Value, Value>()
    for (const [key, member] of members) value.set(widened(key, keys), widened(member, values))
    const options = { ...(keys && { keys }), ...(values && { values }) }
    return { schema: new Schema('map', options), value }
  }

  #quoted(): Parsed | undefined {
    let value = ''
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const character = this.#text[at]!
      if (character === '"') {
        this.#at = at + 1
        return { schema: STRING, value }
      }
      const next = this.#text[at + 1]
      if (character === '\\' && (next === '"' || next === '\\')) {
        value += next
        at++
      } else value += character
    }
    return undefined
  }

  /** A token up to the next delimiter; times hold colons, which may be escaped. */
  #bare(): Parsed | undefined {
    const rest = this.#text.slice(this.#at)
    const time = /^(?:\d{4}-\d\d-\d\dT)?\d\d\\?:\d\d\\?:\d\d\.\d{3}Z/.exec(rest)?.[0]
    const token = time ?? /^[^,:[\]{}"\\]*/.exec(rest)![0]
    this.#at += token.length
    return parseToken(token.trim())
  }

  /** The value of a map entry is missing. */
  #isAtEnd(): boolean {
    this.#skipBlank()
    const next = this.#text[this.#at]
    return next === ',' || next === '}'
  }

  #accept(character: string): boolean {
    this.#skipBlank()
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #skipBlank(): void {
    while (this.#text[this.#at] === ' ') this.#at++
  }
}

const WIDTHS: readonly SchemaType[] = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64']

/** The schema that all elements share after widening numbers; undefined: none. */
function commonSchema(elements: readonly Parsed[]): Schema | undefined {
  let common: Schema | undefined
  for (const { schema } of elements) {
    if (schema === null) continue
    if (common === undefined || isSame(common, schema)) common ??= schema
    else {
      const rank = Math.max(widthOf(common), widthOf(schema))
      if (widthOf(common) < 0 || widthOf(schema) < 0) return undefined
      common = new Schema(WIDTHS[rank]!)
    }
  }
  const hasNull = elements.some(({ schema }) => schema === null)
  return common !== undefined && hasNull ? asOptional(common) : common
}

function asOptional(schema: Schema): Schema {
  const { type, name, version, parameters, keys, values } = schema
  return new Schema(type, {
    optional: true,
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(parameters !== undefined && { parameters }),
    ...(keys !== undefined && { keys }),
    ...(values !== undefined && { values }),
  })
}

function widthOf(schema: Schema): number {
  return schema.name === undefined ? WIDTHS.indexOf(schema.type) : -1
}

function isSame(a: Schema, b: Schema): boolean {
  if (a.type !== b.type || a.name !== b.name) return false
  return a.parameters?.['scale'] === b.parameters?.['scale'] && isSamePart(a, b)
}

function isSamePart(a: Schema, b: Schema): boolean {
  const isEqual = (x: Schema | undefined, y: Schema | undefined) =>
    x === y || (x !== undefined && y !== undefined && isSame(x, y))
  return isEqual(a.keys, b.keys) && isEqual(a.values, b.values)
}

/** The value in the form of the common schema: INT64 values are bigint. */
function widened(element: Parsed, schema: Schema | undefined): Value {
  const { value } = element
  if (schema?.type === 'int64' && typeof value === 'number') return BigInt(value)
  const isFloat = schema?.type === 'float32' || schema?.type === 'float64'
  return isFloat && typeof value === 'bigint' ? Number(value) : value
}
