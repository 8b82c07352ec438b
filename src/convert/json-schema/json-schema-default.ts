/**
 * Default values of JSON Schemas as Connect values. Called while a schema is translated.
 * Invariant: a default that does not fit its type is undefined, never a wrong value.
 * Spec: connect-rest 12.3 (bytes are Base64, as in the payload).
 */
import { Decimal } from '../../base/decimal.ts'
import { JsonNumber, type JsonValue } from '../../base/json/parse-json.ts'
import { LOGICAL, type Schema, Struct, type Value } from '../../flow/index.ts'
import { decimalFromBytes, scaleOf } from '../decimal-bytes.ts'
import { fitsBits, fitsInt64, INTEGER_BITS } from '../value-kind.ts'

export function defaultOf(json: JsonValue, schema: Schema): Value | undefined {
  if (json === null) return schema.optional ? null : undefined
  switch (schema.type) {
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined
    case 'string':
      return typeof json === 'string' ? json : undefined
    case 'bytes':
      return bytes(json, schema)
    case 'array': {
      if (!Array.isArray(json)) return undefined
      const values = json.map(one => defaultOf(one, schema.values!))
      return values.some(one => one === undefined) ? undefined : (values as Value[])
    }
    case 'map':
    case 'struct':
      return json instanceof Map ? members(json, schema) : undefined
    default:
      return number(json, schema)
  }
}

function number(json: JsonValue, schema: Schema): Value | undefined {
  if (!(json instanceof JsonNumber)) return undefined
  if (schema.type === 'float32' || schema.type === 'float64') return Number(json.text)
  if (!json.isInteger || json.text.length > 20) return undefined
  if (schema.type === 'int64') {
    const value = BigInt(json.text)
    return fitsInt64(value) ? value : undefined
  }
  const bits = INTEGER_BITS[schema.type as keyof typeof INTEGER_BITS]
  return fitsBits(Number(json.text), bits) ? Number(json.text) : undefined
}

function bytes(json: JsonValue, schema: Schema): Value | undefined {
  if (schema.name !== LOGICAL.DECIMAL) {
    return typeof json === 'string' ? Buffer.from(json, 'base64') : undefined
  }
  if (json instanceof JsonNumber) return Decimal.parse(json.text)
  if (typeof json !== 'string') return undefined
  return decimalFromBytes(Buffer.from(json, 'base64'), scaleOf(schema))
}

function members(json: ReadonlyMap<string, JsonValue>, schema: Schema): Value | undefined {
  if (schema.type === 'map') {
    const out = new Map<Value, Value>()
    for (const [name, one] of json) {
      const value = defaultOf(one, schema.values!)
      if (value === undefined) return undefined
      out.set(name, value)
    }
    return out
  }
  const values: Value[] = []
  for (const { name, schema: field } of schema.fields) {
    const one = json.get(name)
    const value = one === undefined ? (field.defaultValue ?? null) : defaultOf(one, field)
    if (value === undefined || (value === null && !field.optional)) return undefined
    values.push(value)
  }
  return new Struct(schema, values)
}
