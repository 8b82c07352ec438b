/**
 * MaskField: replaces field values by the zero of their type, or by one replacement text.
 * Spec: connect-rest 15.
 * Nulls stay null; a null key or value is an error, as in Kafka: guard with a predicate.
 */
import { Decimal } from '../base/decimal.ts'
import { defineConfig, nonEmpty, stringField } from '../config/index.ts'
import { LOGICAL, type Schema, type SchemaType, Struct, type Value } from '../flow/index.ts'
import { namesField, replaceNullField } from './common-fields.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import { toFloat, toInteger } from './number-cast.ts'
import type { TransformFactory } from './plugin.ts'
import { sidedFactories } from './side.ts'
import { newStruct, putField, readField } from './struct-fields.ts'
import { isDateLike, javaClass, requireMap, requireStruct, typeOfValue } from './value-shape.ts'

const PURPOSE = 'mask fields'

export const maskFieldConfig = defineConfig(
  'MaskField',
  {
    fields: namesField('fields', 'Names of fields to mask.', ['password']),
    replacement: stringField('replacement', {
      importance: 'low',
      validator: nonEmpty(),
      doc: 'Value for all fields, which must then be numbers or strings; not given: zero, false, empty.',
      examples: ['***'],
    }),
    replaceNull: replaceNullField,
  },
  {
    summary: 'Masks fields with the zero of their type or with a replacement.',
    description:
      'Use the class that ends in $Key for record keys, $Value for record values. ' +
      'Numbers, booleans, strings, dates, lists and maps can be masked; bytes and structs cannot.',
    examples: [{ title: 'Hide a number', config: { fields: 'card', replacement: '0000' } }],
  },
)

type Mask = (schema: Schema | null, value: Value) => Value

export const maskField: readonly TransformFactory[] = sidedFactories(
  'MaskField',
  maskFieldConfig,
  ({ fields, replacement, replaceNull }, side) => {
    const names = new Set(fields)
    const mask = replacement === undefined ? zeroOf : replacementOf(replacement)
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (schema === null) {
          const map = new Map(requireMap(value, PURPOSE))
          for (const name of names) map.set(name, masked(mask, null, map.get(name) ?? null))
          return side.put(record, null, map)
        }
        const struct = requireStruct(schema, value, PURPOSE)
        return side.put(record, schema, maskStruct(struct, { names, mask, replaceNull }))
      },
    }
  },
)

function maskStruct(
  struct: Struct,
  plan: { names: ReadonlySet<string>; mask: Mask; replaceNull: boolean },
): Struct {
  const updated = newStruct(struct.schema)
  for (const field of struct.schema.fields) {
    const value = readField(struct, field, plan.replaceNull)
    const isMasked = plan.names.has(field.name)
    putField(updated, field.name, isMasked ? masked(plan.mask, field.schema, value) : value)
  }
  return updated
}

function masked(mask: Mask, schema: Schema | null, value: Value): Value {
  return value === null ? null : mask(schema, value)
}

/** Logical types first: their zero is day, time or instant 0. */
function zeroOf(schema: Schema | null, value: Value): Value {
  if (isDateLike(schema)) return schema?.name === LOGICAL.TIMESTAMP ? 0n : 0
  switch (typeof value) {
    case 'boolean':
      return false
    case 'number':
      return 0
    case 'bigint':
      return 0n
    case 'string':
      return ''
    default:
      if (value instanceof Decimal) return new Decimal(0n, value.scale)
      if (Array.isArray(value)) return []
      if (value instanceof Map) return new Map()
  }
  const found = classText(schema, value)
  throw dataError(TRANSFORM_ERRORS.VALUE, `Cannot mask value of type: ${found}`)
}

function classText(schema: Schema | null, value: Value): string {
  return `class ${javaClass(schema, value)}`
}

function replacementOf(text: string): Mask {
  const decimal = Decimal.parse(text)
  return (schema, value) => {
    if (typeof value === 'string') return text
    const type = maskedType(schema, value)
    if (type === undefined) {
      const found = classText(schema, value)
      const message = `Cannot mask value of type ${found} with custom replacement.`
      throw dataError(TRANSFORM_ERRORS.VALUE, message)
    }
    if (decimal === undefined) {
      const what = type === 'decimal' ? 'number' : 'a number'
      const message = `Unable to convert ${text} (class java.lang.String) to ${what}`
      throw dataError(TRANSFORM_ERRORS.VALUE, message)
    }
    if (type === 'decimal') return decimal
    if (type === 'float32' || type === 'float64') return toFloat(type, decimal)
    return toInteger(type, decimal)
  }
}

type Numeric = 'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64'
const NUMERIC: ReadonlySet<SchemaType> = new Set<SchemaType>([
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
])

/** The type that the replacement takes; undefined when it takes none. */
function maskedType(schema: Schema | null, value: Value): Numeric | 'decimal' | undefined {
  if (value instanceof Decimal) return 'decimal'
  if (isDateLike(schema) || value === null || value instanceof Struct) return undefined
  const type = schema?.type ?? typeOfValue(value)
  return type !== undefined && NUMERIC.has(type) ? (type as Numeric) : undefined
}
