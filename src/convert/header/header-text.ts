/**
 * Header values as text, the way Connect's SimpleHeaderConverter writes them: strings plain at the
 * top and quoted inside collections, bytes as Base64, dates and times in ISO form.
 * Spec: connect-rest 11.3. What is written here, the header parser reads again.
 */
import { Decimal } from '../../base/decimal.ts'
import { LOGICAL, RawText, type Schema, Struct, type Value } from '../../flow/index.ts'
import { materialise } from '../materialise.ts'
import { plainNumberText } from '../value-text.ts'

const DAY_MS = 86_400_000

export function headerText(schema: Schema | null, value: Value): string {
  const plain = value instanceof RawText ? materialise(value) : value
  return typeof plain === 'string' ? plain : nestedText(schema, plain)
}

function nestedText(schema: Schema | null, given: Value): string {
  const value = given instanceof RawText ? materialise(given) : given
  switch (typeof value) {
    case 'string':
      return `"${value.replace(/["\\]/g, '\\$&')}"`
    case 'boolean':
      return String(value)
    case 'number':
    case 'bigint':
      return numberText(schema, value)
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) {
    return `[${value.map(element => nestedText(schema?.values ?? null, element)).join(',')}]`
  }
  if (value instanceof Map) {
    const members = [...value].map(([key, member]) => {
      const text = nestedText(schema?.values ?? null, member)
      return `${nestedText(schema?.keys ?? null, key)}:${text}`
    })
    return `{${members.join(',')}}`
  }
  if (value instanceof Struct) return structText(value)
  return value instanceof Decimal ? value.toString() : (value as Buffer).toString('base64')
}

function structText(struct: Struct): string {
  const members = struct.schema.fields.map(({ name, index, schema }) => {
    const text = nestedText(schema, struct.values[index] ?? null)
    return `${nestedText(null, name)}:${text}`
  })
  return `{${members.join(',')}}`
}

function numberText(schema: Schema | null, value: number | bigint): string {
  switch (schema?.name) {
    case LOGICAL.DATE:
      return isoText(Number(value) * DAY_MS).slice(0, -14)
    case LOGICAL.TIME:
      return isoText(Number(value)).slice(-13)
    case LOGICAL.TIMESTAMP:
      return isoText(Number(value))
    default:
      return plainNumberText(schema, value)
  }
}

function isoText(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
