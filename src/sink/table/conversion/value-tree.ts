/**
 * Connect values as JSON trees, by the rules that KCQL sinks write JSON with. Used where a record is
 * looked into as a whole (KCQL selections) and by the encoders of JSON rules.
 * Invariant: nothing is rounded: numbers keep their digits, as in the text they came from.
 * Spec: cassandra-sink 10.2 with D13.
 */
import { Decimal } from '../../../base/decimal.ts'
import { javaDouble, javaFloat } from '../../../base/java-number.ts'
import { toCivilDate } from '../../../base/java-time/civil.ts'
import {
  JsonNumber,
  type JsonObject,
  JsonSyntaxError,
  type JsonValue,
  parseJson,
} from '../../../base/json/parse-json.ts'
import { LOGICAL, RawText, type Schema, Struct, type Value } from '../../../flow/index.ts'
import { failure } from './conversion-failure.ts'

/** The tree of any value; text stays text. */
export function toTree(value: Value, schema: Schema | null): JsonValue {
  if (value === null) {
    const byDefault = schema?.defaultValue
    return byDefault === undefined || byDefault === null ? null : toTree(byDefault, schema)
  }
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
    case 'bigint':
      return fromNumber(value, schema)
    default:
      return fromObject(value, schema)
  }
}

/** The tree that a JSON text stands for; a text that is none throws a ConversionFailure. */
export function treeOfText(bytes: Buffer, start = 0, end = bytes.length): JsonValue {
  try {
    return parseJson(bytes, start, end)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw failure('not JSON', 'JSON', 'text')
  }
}

function fromNumber(value: number | bigint, schema: Schema | null): JsonValue {
  const name = schema?.name
  if (name === LOGICAL.DATE) return dateText(Number(value))
  if (name === LOGICAL.TIME) return timeText(Number(value))
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (schema?.type === 'float32') return new JsonNumber(javaFloat(Number(value)))
  if (schema?.type === 'float64') return new JsonNumber(javaDouble(Number(value)))
  return new JsonNumber(String(value))
}

function fromObject(value: object & Value, schema: Schema | null): JsonValue {
  if (value instanceof RawText) {
    if (value.form === 'string') return value.toString()
    return treeOfText(value.bytes, value.start, value.end)
  }
  if (value instanceof Decimal) return new JsonNumber(value.toString())
  if (value instanceof Struct) {
    const members: JsonObject = new Map()
    for (const { name, index, schema: field } of value.schema.fields) {
      members.set(name, toTree(value.values[index] ?? null, field))
    }
    return members
  }
  if (Array.isArray(value)) return value.map(item => toTree(item, schema?.values ?? null))
  if (value instanceof Map) {
    const members: JsonObject = new Map()
    for (const [key, member] of value) {
      members.set(keyText(key, schema?.keys ?? null), toTree(member, schema?.values ?? null))
    }
    return members
  }
  return `0x${(value as Buffer).toString('hex')}`
}

function keyText(key: Value, schema: Schema | null): string {
  const tree = toTree(key, schema)
  if (typeof tree === 'string') return tree
  if (tree instanceof JsonNumber) return tree.text
  return String(tree)
}

function dateText(epochDay: number): string {
  const { year, month, day } = toCivilDate(epochDay)
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`
}

function timeText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return `${digits(hours, 2)}:${digits(minutes, 2)}:${digits(seconds % 60, 2)}.${digits(ms % 1000, 3)}`
}

function digits(value: number, width: number): string {
  return value < 0 ? `-${digits(-value, width)}` : String(value).padStart(width, '0')
}
