/**
 * HeaderFrom: moves or copies fields of the key or value to headers. Spec: connect-rest 15.
 * A null key or value is an error, as in Kafka: guard with a predicate.
 * Invariant: new headers come last, in the order of the setting.
 */
import { defineConfig, enumField } from '../config/index.ts'
import type { FlowRecord, Header, Schema, Struct } from '../flow/index.ts'
import { namesField, replaceNullField } from './common-fields.ts'
import { basicsOf, SchemaCache, StructBuilder } from './derived-schema.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import type { TransformFactory } from './plugin.ts'
import { sidedFactories } from './side.ts'
import { newStruct, putField, readField } from './struct-fields.ts'
import { requireMap, requireStruct } from './value-shape.ts'

export const headerFromConfig = defineConfig(
  'HeaderFrom',
  {
    fields: namesField('fields', 'Fields whose values are moved or copied to headers.', ['id']),
    headers: namesField('headers', 'Header names, in the same order as fields.', ['h-id']),
    operation: enumField('operation', ['move', 'copy'], {
      required: true,
      importance: 'high',
      doc: 'move: the fields are removed from the key or value. copy: they stay.',
    }),
    replaceNull: replaceNullField,
  },
  {
    summary: 'Moves or copies fields of the key or value to headers.',
    description: 'Use the class that ends in $Key for record keys, $Value for record values.',
    examples: [
      {
        title: 'Copy a field to a header',
        config: { fields: 'tenant', headers: 'tenant', operation: 'copy' },
      },
    ],
    crossChecks: [
      ({ fields, headers }, context) => {
        if (['fields', 'headers'].some(key => context.hasFailed(key))) return
        if (fields.length === headers.length) return
        const message = "'fields' config must have the same number of elements as 'headers' config."
        context.report({ key: 'headers', kind: 'conflict', message })
      },
    ],
  },
)

interface Plan {
  readonly fields: readonly string[]
  readonly headers: readonly string[]
  readonly isMove: boolean
  readonly replaceNull: boolean
  readonly cache: SchemaCache
}

export const headerFrom: readonly TransformFactory[] = sidedFactories(
  'HeaderFrom',
  headerFromConfig,
  ({ fields, headers, operation, replaceNull }, side) => {
    const cache = new SchemaCache(schema => withoutFields(schema, new Set(fields)))
    const plan: Plan = { fields, headers, isMove: operation === 'move', replaceNull, cache }
    const purpose = `header ${operation}`
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (schema === null) {
          const map = requireMap(value, purpose)
          const updated = new Map(map)
          const added = fields.map((name, i): Header => {
            if (plan.isMove) updated.delete(name)
            return { name: headers[i]!, schema: null, value: map.get(name) ?? null }
          })
          return side.put(withHeaders(record, added), null, updated)
        }
        const struct = requireStruct(schema, value, purpose)
        const updated = plan.isMove ? moved(struct, plan) : struct
        return side.put(withHeaders(record, headersOf(struct, plan)), updated.schema, updated)
      },
    }
  },
)

function withHeaders(record: FlowRecord, added: readonly Header[]): FlowRecord {
  record.headers = [...record.headers, ...added]
  return record
}

function headersOf(struct: Struct, { fields, headers, replaceNull }: Plan): Header[] {
  return fields.map((name, i) => {
    const field = struct.schema.field(name)
    if (field === undefined) {
      throw dataError(TRANSFORM_ERRORS.FIELD, `Field does not exist: ${name}`)
    }
    return { name: headers[i]!, schema: field.schema, value: readField(struct, field, replaceNull) }
  })
}

function moved(struct: Struct, { cache, replaceNull }: Plan): Struct {
  const updated = newStruct(cache.of(struct.schema))
  for (const { name } of updated.schema.fields) {
    const field = struct.schema.field(name)
    if (field !== undefined) putField(updated, name, readField(struct, field, replaceNull))
  }
  return updated
}

function withoutFields(schema: Schema, names: ReadonlySet<string>): Schema {
  const builder = new StructBuilder()
  for (const field of schema.fields) {
    if (!names.has(field.name)) builder.field(field.name, field.schema)
  }
  return builder.build(basicsOf(schema))
}
