/**
 * The text form of any value, as Java's `toString` of Connect's data gives it:
 * `Struct{a=1,b=x}`, `{k=v, l=w}`, `[a, b]`, `1.0E10`. Used by StringConverter.
 * Deviation: bytes, whose Java text is an object address, become Base64; dates are in UTC.
 * Invariant: the schema tells integers from floating-point numbers; schemaless numbers are FLOAT64.
 */
import { Decimal } from '../base/decimal.ts'
import { javaDouble, javaFloat } from '../base/java-number.ts'
import { LOGICAL, RawText, type Schema, Struct, type Value } from '../flow/index.ts'
import { materialise } from './materialise.ts'

const DAY_MS = 86_400_000
const WEEK_DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

export function toText(schema: Schema | null, value: Value): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'boolean':
      return String(value)
    case 'number':
    case 'bigint':
      return numberText(schema, value)
    default:
      return value === null ? 'null' : objectText(schema, value)
  }
}

function objectText(schema: Schema | null, value: NonNullable<Value> & object): string {
  if (value instanceof RawText) {
    return value.form === 'string' ? value.toString() : toText(null, materialise(value))
  }
  if (value instanceof Struct) return structText(value)
  if (Array.isArray(value)) {
    return `[${value.map(element => toText(schema?.values ?? null, element)).join(', ')}]`
  }
  if (value instanceof Map) {
    const members = [...value].map(([key, member]) => {
      const text = toText(schema?.values ?? null, member)
      return `${toText(schema?.keys ?? null, key)}=${text}`
    })
    return `{${members.join(', ')}}`
  }
  return value instanceof Decimal ? value.toString() : value.toString('base64')
}

/** Null fields are left out, as in Connect. */
function structText(struct: Struct): string {
  const parts: string[] = []
  for (const { name, index, schema } of struct.schema.fields) {
    const value = struct.values[index] ?? null
    if (value !== null) parts.push(`${name}=${toText(schema, value)}`)
  }
  return `Struct{${parts.join(',')}}`
}

/** A number by its schema; also used for headers and JSON texts. */
export function plainNumberText(schema: Schema | null, value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString()
  if (schema?.type === 'float32') return javaFloat(Math.fround(value))
  if (schema === null || schema.type === 'float64') return javaDouble(value)
  return String(value)
}

function numberText(schema: Schema | null, value: number | bigint): string {
  switch (schema?.name) {
    case LOGICAL.DATE:
      return javaDateText(Number(value) * DAY_MS)
    case LOGICAL.TIME:
    case LOGICAL.TIMESTAMP:
      return javaDateText(Number(value))
    default:
      return plainNumberText(schema, value)
  }
}

/** Java's Date.toString in UTC. */
function javaDateText(epochMs: number): string {
  const date = new Date(epochMs)
  const two = (n: number) => String(n).padStart(2, '0')
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  const day = `${WEEK_DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())}`
  return `${day} ${time} UTC ${date.getUTCFullYear()}`
}
