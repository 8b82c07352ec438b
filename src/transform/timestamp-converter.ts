/**
 * TimestampConverter: changes instants between text, Unix time and Connect's Date, Time, Timestamp;
 * of the whole key or value, or of one field, also a nested one (field.syntax.version V2).
 * Spec: connect-rest 15. Nulls stay null; everything is in UTC.
 */
import { SimpleDateFormat } from '../base/java-time/simple-date-format.ts'
import { type CheckContext, defineConfig, enumField, stringField } from '../config/index.ts'
import { type Schema, Struct, type Value } from '../flow/index.ts'
import { replaceNullField, syntaxField } from './common-fields.ts'
import { dateFormat } from './date-format-setting.ts'
import { basicsOf, defaultOf, SchemaCache, StructBuilder } from './derived-schema.ts'
import { parseFieldPath } from './field-path.ts'
import { checkFieldPath } from './field-path-setting.ts'
import type { TransformFactory } from './plugin.ts'
import { sidedFactories } from './side.ts'
import { newStruct, putField, readField } from './struct-fields.ts'
import {
  readInstant,
  TIMESTAMP_TYPES,
  type TimestampSettings,
  type TimestampType,
  typeOfPlain,
  typeOfSchema,
  typeSchema,
  UNIX_PRECISIONS,
  writeInstant,
} from './timestamp-types.ts'
import { requireMap, requireMapOrNull, requireStructOrNull } from './value-shape.ts'

const PURPOSE = 'converting timestamp formats'

export const timestampConverterConfig = defineConfig(
  'TimestampConverter',
  {
    field: stringField('field', {
      default: '',
      importance: 'high',
      doc: 'The field with the timestamp; empty: the whole key or value is the timestamp.',
      examples: ['created'],
    }),
    target: enumField('target.type', TIMESTAMP_TYPES, {
      required: true,
      importance: 'high',
      doc: 'The representation to convert to.',
    }),
    format: stringField('format', {
      default: '',
      validator: dateFormat,
      doc: 'Pattern of timestamps as strings, as SimpleDateFormat of Java has it, in UTC; for reading and writing.',
      examples: ["yyyy-MM-dd'T'HH:mm:ss.SSSX"],
    }),
    precision: enumField('unix.precision', UNIX_PRECISIONS, {
      default: 'milliseconds',
      importance: 'low',
      doc: 'The unit of Unix time, for reading and writing. Parts below a millisecond are lost.',
    }),
    replaceNull: replaceNullField,
    syntax: syntaxField,
  },
  {
    summary: 'Converts timestamps between strings, Unix time and the types of Connect.',
    description:
      'Use the class that ends in $Key for record keys, $Value for record values. Integers (INT64) are read as Unix time. ' +
      'Without schema, Date, Time and Timestamp are milliseconds since the epoch.',
    examples: [
      {
        title: 'A string becomes a timestamp',
        config: { field: 'created', 'target.type': 'Timestamp', format: 'yyyy-MM-dd HH:mm:ss' },
      },
    ],
    crossChecks: [checkFieldPath, checkFormat],
  },
)

function checkFormat(
  { target, format }: { target: TimestampType; format: string },
  context: CheckContext,
): void {
  if (target !== 'string' || format !== '' || context.hasFailed('format')) return
  const message =
    'TimestampConverter requires format option to be specified when using string timestamps'
  context.report({ key: 'format', kind: 'missing', message })
}

interface Plan extends TimestampSettings {
  readonly target: TimestampType
  readonly replaceNull: boolean
}

export const timestampConverter: readonly TransformFactory[] = sidedFactories(
  'TimestampConverter',
  timestampConverterConfig,
  ({ field, target, format: pattern, precision, replaceNull, syntax }, side) => {
    const path = field === '' ? [] : parseFieldPath(field, syntax)
    const format = pattern === '' ? undefined : new SimpleDateFormat(pattern)
    const plan: Plan = { target, format, precision, replaceNull }
    const cache = new SchemaCache(schema => convertSchema(schema, path, plan))
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (schema === null) return side.put(record, null, convertPlain(value, path, plan))
        if (path.length === 0) {
          const converted = convertTyped(schema, value, plan)
          return side.put(record, cache.of(schema), converted)
        }
        const struct = requireStructOrNull(schema, value, PURPOSE)
        const updated = cache.of(schema)
        return side.put(record, updated, convertStruct(struct, updated, { path, plan }))
      },
    }
  },
)

function convertTyped(schema: Schema, value: Value, plan: Plan): Value {
  const type = typeOfSchema(schema)
  if (value === null) return null
  return writeInstant(plan.target, readInstant(type, value, plan), { ...plan, isSchemaless: false })
}

function convertPlain(value: Value, path: readonly string[], plan: Plan): Value {
  if (value === null) return null
  const [step, ...rest] = path
  if (step === undefined) {
    const ms = readInstant(typeOfPlain(value), value, plan)
    return writeInstant(plan.target, ms, { ...plan, isSchemaless: true })
  }
  const map = new Map(requireMap(value, PURPOSE))
  const inner = map.get(step) ?? null
  if (rest.length > 0) requireMapOrNull(inner, 'nested field access')
  if (rest.length === 0 || inner !== null) map.set(step, convertPlain(inner, rest, plan))
  return map
}

/** The schema with the type at the end of the path changed; a path that leads nowhere changes nothing. */
function convertSchema(schema: Schema, path: readonly string[], plan: Plan): Schema {
  const [step, ...rest] = path
  if (step === undefined) {
    return typeSchema(plan.target, schema.optional)
  }
  if (schema.type !== 'struct') return schema
  const builder = new StructBuilder()
  for (const field of schema.fields) {
    const isOnPath = field.name === step
    builder.field(field.name, isOnPath ? convertSchema(field.schema, rest, plan) : field.schema)
  }
  const options = { ...basicsOf(schema), optional: schema.optional }
  const given = defaultOf(schema)
  const updated = builder.build(options)
  if (!(given instanceof Struct)) return updated
  const defaultValue = convertStruct(given, updated, { path, plan })
  return builder.build({ ...options, ...(defaultValue !== null && { defaultValue }) })
}

function convertStruct(
  struct: Struct | null,
  schema: Schema,
  { path, plan }: { path: readonly string[]; plan: Plan },
): Struct | null {
  if (struct === null) return null
  const [step, ...rest] = path
  const updated = newStruct(schema)
  for (const field of struct.schema.fields) {
    const value = readField(struct, field, plan.replaceNull)
    if (field.name !== step) {
      putField(updated, field.name, value)
      continue
    }
    const target = schema.field(field.name)
    if (rest.length === 0 || target === undefined) {
      putField(updated, field.name, convertTyped(field.schema, value, plan))
    } else {
      const nested = requireStructOrNull(field.schema, value, 'nested field access')
      putField(updated, field.name, convertStruct(nested, target.schema, { path: rest, plan }))
    }
  }
  return updated
}
