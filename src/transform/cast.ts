/**
 * Cast: changes the type of fields, or of the whole key or value. Spec: connect-rest 15.
 * Top-level fields only; single values are converted by cast-value.ts.
 * Invariant: a null passes through, and a cast field keeps optionality and default, not its name.
 */
import { defineConfig, listField } from '../config/index.ts'
import { Schema, type Value } from '../flow/index.ts'
import { CAST_TYPES, type CastType, castValue } from './cast-value.ts'
import { replaceNullField } from './common-fields.ts'
import { basicsOf, defaultOf, SchemaCache, StructBuilder } from './derived-schema.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import type { TransformFactory } from './plugin.ts'
import { sidedFactories } from './side.ts'
import { newStruct, putField, readField } from './struct-fields.ts'
import { requireMap, requireStruct } from './value-shape.ts'

const PURPOSE = 'cast types'
const TYPES = CAST_TYPES.join(', ')

export const castConfig = defineConfig(
  'Cast',
  {
    spec: listField('spec', {
      required: true,
      importance: 'high',
      doc: `Fields and the types to cast them to, as field1:type,field2:type; or one type for the whole key or value. Types: ${TYPES}. Bytes can only be cast to string.`,
      examples: ['id:int32,active:boolean'],
      validator: {
        expected: 'a list of colon-delimited pairs, e.g. foo:int32,abc:string, or one type',
        check: specProblems,
      },
    }),
    replaceNull: replaceNullField,
  },
  {
    summary: 'Casts fields, or the whole key or value, to another type.',
    description:
      'Use the class that ends in $Key for record keys, $Value for record values. ' +
      'Integers are cut to the narrower type; texts must be numbers in range; bytes become Base64.',
    examples: [{ title: 'Two fields', config: { spec: 'id:int32,active:boolean' } }],
  },
)

interface CastSpec {
  readonly fields: ReadonlyMap<string, CastType>
  readonly whole: CastType | undefined
}

export const cast: readonly TransformFactory[] = sidedFactories(
  'Cast',
  castConfig,
  ({ spec: list, replaceNull }, side) => {
    const spec = readSpec(list)
    const cache = new SchemaCache(schema => castSchema(schema, spec))
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (value === null) return record
        if (schema === null) return side.put(record, null, castSchemaless(value, spec))
        if (spec.whole !== undefined) {
          return side.put(record, cache.of(schema), castValue(schema, value, spec.whole))
        }
        const struct = requireStruct(schema, value, PURPOSE)
        const updated = newStruct(cache.of(schema))
        for (const field of struct.schema.fields) {
          const target = spec.fields.get(field.name)
          const given = readField(struct, field, replaceNull)
          putField(updated, field.name, castNamed(field, given, target))
        }
        return side.put(record, updated.schema, updated)
      },
    }
  },
)

function castNamed(
  field: { name: string; schema: Schema | null },
  value: Value,
  target: CastType | undefined,
): Value {
  return target === undefined ? value : castValue(field.schema, value, target)
}

/** Fields that are missing come into being as nulls. */
function castSchemaless(value: Value, { fields, whole }: CastSpec): Value {
  if (whole !== undefined) return castValue(null, value, whole)
  const map = new Map(requireMap(value, PURPOSE))
  for (const [name, target] of fields) map.set(name, castValue(null, map.get(name) ?? null, target))
  return map
}

function castSchema(schema: Schema, { fields, whole }: CastSpec): Schema {
  if (whole !== undefined) return castPlain(schema, whole, basicsOf(schema))
  const builder = new StructBuilder()
  for (const field of schema.fields) {
    const target = fields.get(field.name)
    // As in Kafka, a cast field keeps neither name nor parameters of its schema.
    builder.field(
      field.name,
      target === undefined ? field.schema : castPlain(field.schema, target, {}),
    )
  }
  if (defaultOf(schema) !== null) {
    throw dataError(
      TRANSFORM_ERRORS.VALUE,
      'Cast transformation does not support structs with a default value',
    )
  }
  return builder.build({ ...basicsOf(schema), optional: schema.optional })
}

function castPlain(schema: Schema, target: CastType, basics: object): Schema {
  const given = castValue(schema, defaultOf(schema), target)
  return new Schema(target, {
    ...basics,
    optional: schema.optional,
    ...(given !== null && { defaultValue: given }),
  })
}

function readSpec(list: readonly string[]): CastSpec {
  const fields = new Map<string, CastType>()
  let whole: CastType | undefined
  for (const mapping of list) {
    const [first = '', second] = mapping.split(':')
    const type = castTypeOf(second ?? first)
    if (type === undefined) continue
    if (second === undefined) whole = type
    else fields.set(first.trim(), type)
  }
  return { fields, whole }
}

function castTypeOf(text: string): CastType | undefined {
  const name = text.trim().toLowerCase()
  return CAST_TYPES.find(type => type === name)
}

/** The type of Connect's that exist but cannot be cast to. */
const OTHER_TYPES = ['bytes', 'array', 'map', 'struct']

function specProblems(list: readonly string[]): string[] {
  if (list.length === 0) return ['Must specify at least one field to cast.']
  const problems = list.flatMap(mapping => {
    const parts = mapping.split(':')
    if (parts.length > 2) return [`Invalid rename mapping: ${mapping}`]
    const type = parts.at(-1)!.trim()
    if (castTypeOf(type) !== undefined) return []
    if (!OTHER_TYPES.includes(type.toLowerCase())) {
      return [`Invalid type found in casting spec: ${type}`]
    }
    const supported = TYPES.toUpperCase()
    return [
      `Cast transformation does not support casting to ${type.toUpperCase()}; supported types are [${supported}]`,
    ]
  })
  if (list.length > 1 && list.some(mapping => !mapping.includes(':'))) {
    problems.push(
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    )
  }
  return problems
}
