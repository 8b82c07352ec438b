/**
 * Reading and writing the fields of structs as Kafka's Struct does: nulls may be read as the
 * default, and a null is not accepted where the field is required.
 * Used by every transform that copies structs.
 */
import { type Schema, type SchemaField, Struct, type Value } from '../flow/index.ts'
import { defaultOf } from './derived-schema.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'

export function readField(struct: Struct, field: SchemaField, replaceNull: boolean): Value {
  const value = struct.values[field.index] ?? null
  return value === null && replaceNull ? defaultOf(field.schema) : value
}

/** By name; a name that the schema lacks is a data error. */
export function readNamed(struct: Struct, name: string, replaceNull: boolean): Value {
  const field = struct.schema.field(name)
  if (field !== undefined) return readField(struct, field, replaceNull)
  throw dataError(TRANSFORM_ERRORS.FIELD, `${name} is not a valid field name`)
}

export function newStruct(schema: Schema): Struct {
  return new Struct(schema, new Array<Value>(schema.fields.length).fill(null))
}

export function putField(struct: Struct, name: string, value: Value): void {
  const field = struct.schema.field(name)
  if (field === undefined) {
    throw dataError(TRANSFORM_ERRORS.FIELD, `${name} is not a valid field name`)
  }
  if (value === null && !field.schema.optional) {
    const type = field.schema.type.toUpperCase()
    throw dataError(
      TRANSFORM_ERRORS.VALUE,
      `Invalid value: null used for required field: "${name}", schema type: ${type}`,
    )
  }
  struct.values[field.index] = value
}

/** Null where it is allowed to be; the value of a whole record has no such rule. */
export function copyFields(from: Struct, to: Struct, replaceNull: boolean): void {
  for (const field of from.schema.fields) {
    putField(to, field.name, readField(from, field, replaceNull))
  }
}
