/**
 * Flatten: lifts nested fields to the top, names joined by a delimiter. Spec: connect-rest 15.
 * Arrays stay as they are. A null key or value passes through.
 * Invariant: a field below an optional struct is optional; defaults of structs go to their fields.
 */
import { defineConfig, stringField } from '../config/index.ts'
import { Schema, Struct, type Value, type ValueMap } from '../flow/index.ts'
import { basicsOf, defaultOf, SchemaCache, StructBuilder } from './derived-schema.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import type { TransformFactory } from './plugin.ts'
import { sidedFactories } from './side.ts'
import { newStruct, putField, readField } from './struct-fields.ts'
import { javaClass, requireMap, requireStruct } from './value-shape.ts'

const PURPOSE = 'flattening'

export const flattenConfig = defineConfig(
  'Flatten',
  {
    delimiter: stringField('delimiter', {
      default: '.',
      doc: 'Text between the names of the levels in the names of the result.',
      examples: ['_'],
    }),
  },
  {
    summary: 'Flattens nested structs or maps.',
    description:
      'Use the class that ends in $Key for record keys, $Value for record values. ' +
      'Arrays and their contents are not changed; with a schema, maps cannot be flattened.',
    examples: [{ title: 'Names that suit columns', config: { delimiter: '_' } }],
  },
)

export const flatten: readonly TransformFactory[] = sidedFactories(
  'Flatten',
  flattenConfig,
  ({ delimiter }, side) => {
    const join: Join = (prefix, name) => (prefix === '' ? name : `${prefix}${delimiter}${name}`)
    const cache = new SchemaCache(schema => {
      const builder = new StructBuilder()
      const top = { schema, prefix: '', optional: schema.optional, given: structOr(schema) }
      flattenSchema(top, builder, join)
      return builder.build(basicsOf(schema))
    })
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (value === null) return record
        if (schema === null) {
          const updated = new Map<Value, Value>()
          flattenMap({ map: requireMap(value, PURPOSE), prefix: '' }, updated, join)
          return side.put(record, null, updated)
        }
        const struct = requireStruct(schema, value, PURPOSE)
        const updated = newStruct(cache.of(schema))
        flattenStruct({ struct, prefix: '' }, updated, join)
        return side.put(record, updated.schema, updated)
      },
    }
  },
)

type Join = (prefix: string, name: string) => string

interface Level {
  readonly schema: Schema
  readonly prefix: string
  readonly optional: boolean
  /** The default of the struct at this level, its own or from above. */
  readonly given: Struct | null
}

function flattenSchema(level: Level, builder: StructBuilder, join: Join): void {
  for (const field of level.schema.fields) {
    const { schema } = field
    const prefix = join(level.prefix, field.name)
    const optional = level.optional || schema.optional
    const inherited = level.given === null ? null : readField(level.given, field, true)
    const given = defaultOf(schema) ?? inherited
    if (schema.type === 'map') throw unsupported('MAP', 'with schemas', prefix)
    if (schema.type === 'struct') {
      const own = given instanceof Struct ? given : null
      flattenSchema({ schema, prefix, optional, given: own }, builder, join)
    } else {
      const elements = schema.values === undefined ? {} : { values: schema.values }
      const preset = given === null ? {} : { defaultValue: given }
      const options = { ...basicsOf(schema), ...elements, ...preset, optional }
      builder.field(prefix, new Schema(schema.type, options))
    }
  }
}

function structOr(schema: Schema): Struct | null {
  const given = defaultOf(schema)
  return given instanceof Struct ? given : null
}

function flattenStruct(from: { struct: Struct; prefix: string }, to: Struct, join: Join): void {
  for (const field of from.struct.schema.fields) {
    const name = join(from.prefix, field.name)
    if (field.schema.type !== 'struct') {
      putField(to, name, readField(from.struct, field, true))
      continue
    }
    const nested = from.struct.values[field.index] ?? null
    if (nested !== null) {
      const struct = requireStruct(field.schema, nested, PURPOSE)
      flattenStruct({ struct, prefix: name }, to, join)
    }
  }
}

function flattenMap(from: { map: ValueMap; prefix: string }, to: ValueMap, join: Join): void {
  for (const [key, value] of from.map) {
    const name = join(from.prefix, String(key))
    if (value instanceof Map) flattenMap({ map: value, prefix: name }, to, join)
    else if (value instanceof Struct) {
      throw unsupported(`class ${javaClass(null, value)}`, 'without schemas', name)
    } else to.set(name, value)
  }
}

function unsupported(what: string, kind: string, name: string): Error {
  return dataError(
    TRANSFORM_ERRORS.VALUE,
    `Flatten transformation does not support ${what} for record ${kind} (for field ${name}).`,
  )
}
