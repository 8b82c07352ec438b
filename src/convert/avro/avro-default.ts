/**
 * Default values of Avro schemas as values, by the schema that the field was translated to.
 * Called while a schema is translated and while a writer is compiled, never per record.
 * Invariant: a default that does not fit its type is undefined, never a wrong value.
 * Spec: Avro 1.11, "Complex Types" (bytes as text of code points 0 to 255).
 */
import { JsonNumber, type JsonValue } from '../../base/json/parse-json.ts'
import { LOGICAL, type Schema, Struct, type Value } from '../../flow/index.ts'
import { decimalFromBytes, scaleOf } from '../decimal-bytes.ts'
import { fitsBits, fitsInt64, INTEGER_BITS } from '../value-kind.ts'
import type { AvroType } from './avro-schema.ts'

interface Target {
  readonly type: AvroType
  readonly schema: Schema
}

/** Undefined when the JSON does not fit. */
export function defaultFromJson(json: JsonValue, { type, schema }: Target): Value | undefined {
  if (json === null) return schema.optional ? null : undefined
  switch (schema.type) {
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined
    case 'int8':
    case 'int16':
    case 'int32':
      return integer(json, INTEGER_BITS[schema.type])
    case 'int64':
      return long(json)
    case 'float32':
    case 'float64':
      return json instanceof JsonNumber ? Number(json.text) : undefined
    case 'string':
      return typeof json === 'string' ? json : undefined
    case 'bytes':
      return bytes(json, schema)
    case 'array':
      return array(json, { type, schema })
    case 'map':
      return map(json, { type, schema })
    case 'struct':
      return struct(json, { type, schema })
  }
}

function integer(json: JsonValue, bits: number): number | undefined {
  const value = json instanceof JsonNumber && json.isInteger ? Number(json.text) : Number.NaN
  return fitsBits(value, bits) ? value : undefined
}

function long(json: JsonValue): bigint | undefined {
  const isLong = json instanceof JsonNumber && json.isInteger && json.text.length <= 20
  const value = isLong ? BigInt(json.text) : undefined
  return value !== undefined && fitsInt64(value) ? value : undefined
}

function bytes(json: JsonValue, schema: Schema): Value | undefined {
  if (typeof json !== 'string') return undefined
  const raw = Buffer.from(json, 'latin1')
  return schema.name === LOGICAL.DECIMAL ? decimalFromBytes(raw, scaleOf(schema)) : raw
}

function array(json: JsonValue, { type, schema }: Target): Value | undefined {
  const element = type.element
  if (!Array.isArray(json) || element === undefined) return undefined
  const target = { type: branchOf(element), schema: schema.values! }
  const values = json.map(one => defaultFromJson(one, target))
  return values.some(value => value === undefined) ? undefined : (values as Value[])
}

function map(json: JsonValue, { type, schema }: Target): Value | undefined {
  // Entries of maps with other keys have no default that the reference reads.
  if (!(json instanceof Map) || type.kind !== 'map') return undefined
  const target = { type: branchOf(type.element!), schema: schema.values! }
  const out = new Map<Value, Value>()
  for (const [key, member] of json) {
    const value = defaultFromJson(member, target)
    if (value === undefined) return undefined
    out.set(key, value)
  }
  return out
}

function struct(json: JsonValue, { type, schema }: Target): Value | undefined {
  if (type.kind === 'union') return union(json, { type, schema })
  if (!(json instanceof Map) || type.kind !== 'record') return undefined
  const values: Value[] = []
  for (const [index, field] of type.fields.entries()) {
    const fieldSchema = schema.fields[index]!.schema
    const member = json.get(field.name) ?? field.defaultValue
    if (member === undefined) return undefined
    const value = defaultFromJson(member, { type: branchOf(field.type), schema: fieldSchema })
    if (value === undefined) return undefined
    values.push(value)
  }
  return new Struct(schema, values)
}

/** A default of a union is one of its first branch. */
function union(json: JsonValue, { type, schema }: Target): Value | undefined {
  const first = type.branches[0]
  if (first === undefined || first.kind === 'null') return undefined
  const value = defaultFromJson(json, { type: first, schema: schema.fields[0]!.schema })
  if (value === undefined) return undefined
  return new Struct(schema, [value, ...schema.fields.slice(1).map(() => null)])
}

/** The type behind an optional one. */
function branchOf(type: AvroType): AvroType {
  if (type.kind !== 'union' || type.branches.length > 2) return type
  const others = type.branches.filter(branch => branch.kind !== 'null')
  return others.length === 1 ? others[0]! : type
}
