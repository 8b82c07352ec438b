/**
 * ExtractField: replaces the key or value by one of its fields. Spec: connect-rest 15.
 * The field may be nested (field.syntax.version V2).
 * Nulls pass through. With a schema an unknown field is an error; without, it is a null.
 */
import { defineConfig, stringField } from '../config/index.ts'
import type { Schema, SchemaField, Struct, Value, ValueMap } from '../flow/index.ts'
import { replaceNullField, syntaxField } from './common-fields.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import { parseFieldPath } from './field-path.ts'
import { checkFieldPath } from './field-path-setting.ts'
import type { TransformFactory } from './plugin.ts'
import { sidedFactories } from './side.ts'
import { readField } from './struct-fields.ts'
import { requireMapOrNull, requireStructOrNull } from './value-shape.ts'

const PURPOSE = 'field extraction'
const NESTED = 'nested field access'

export const extractFieldConfig = defineConfig(
  'ExtractField',
  {
    field: stringField('field', {
      required: true,
      doc: 'Field name to extract.',
      examples: ['id'],
    }),
    replaceNull: replaceNullField,
    syntax: syntaxField,
  },
  {
    summary: 'Replaces the key or value by one of its fields.',
    description: 'Use the class that ends in $Key for record keys, $Value for record values.',
    examples: [
      { title: 'The id as plain key', config: { field: 'id' } },
      { title: 'Nested', config: { field: 'after.id', 'field.syntax.version': 'V2' } },
    ],
    crossChecks: [checkFieldPath],
  },
)

export const extractField: readonly TransformFactory[] = sidedFactories(
  'ExtractField',
  extractFieldConfig,
  ({ field: text, syntax, replaceNull }, side) => {
    const path = parseFieldPath(text, syntax)
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (schema === null) {
          const map = requireMapOrNull(value, PURPOSE)
          return side.put(record, null, map === null ? null : fromMap(map, path))
        }
        const struct = requireStructOrNull(schema, value, PURPOSE)
        const field = fieldOf(schema, path)
        if (field === undefined) {
          throw dataError(TRANSFORM_ERRORS.FIELD, `Unknown field: ${text}`)
        }
        const found = struct === null ? null : fromStruct(struct, path, replaceNull)
        return side.put(record, field.schema, found)
      },
    }
  },
)

function fieldOf(schema: Schema, path: readonly string[]): SchemaField | undefined {
  let field: SchemaField | undefined
  for (const step of path) {
    field = (field?.schema ?? schema).field(step)
    if (field === undefined) return undefined
  }
  return field
}

/** Structs on the way are read with their defaults. */
function fromStruct(struct: Struct, path: readonly string[], replaceNull: boolean): Value {
  let current = struct
  for (const [i, step] of path.entries()) {
    const field = current.schema.field(step)
    if (field === undefined) return null
    if (i === path.length - 1) return readField(current, field, replaceNull)
    const next = requireStructOrNull(field.schema, readField(current, field, true), NESTED)
    if (next === null) return null
    current = next
  }
  return current
}

function fromMap(map: ValueMap, path: readonly string[]): Value {
  let current = map
  for (const [i, step] of path.entries()) {
    const found = current.get(step) ?? null
    if (i === path.length - 1) return found
    const next = requireMapOrNull(found, NESTED)
    if (next === null) return null
    current = next
  }
  return current
}
