/**
 * ValueToKey: makes the key from fields of the value. Spec: connect-rest 15.
 * A null value is an error, as in Kafka: guard with a predicate.
 * Invariant: the value stays as it is.
 */
import { defineConfig } from '../config/index.ts'
import type { Value } from '../flow/index.ts'
import { namesField, replaceNullField } from './common-fields.ts'
import { SchemaCache, StructBuilder } from './derived-schema.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import { pluginFactory, type TransformFactory } from './plugin.ts'
import { valueSide } from './side.ts'
import { newStruct, putField, readNamed } from './struct-fields.ts'
import { requireMap, requireStruct } from './value-shape.ts'

const PURPOSE = 'copying fields from value to key'

export const valueToKeyConfig = defineConfig(
  'ValueToKey',
  {
    fields: namesField('fields', 'Fields of the record value that become the record key.', ['id']),
    replaceNull: replaceNullField,
  },
  {
    summary: 'Replaces the record key with fields of the record value.',
    description: 'The key becomes a struct, or a map when the value has no schema.',
    examples: [{ title: 'Key by two fields', config: { fields: 'tenant,id' } }],
  },
)

export const valueToKey: TransformFactory = pluginFactory(
  'ValueToKey',
  valueToKeyConfig,
  ({ fields, replaceNull }, context) => {
    const side = valueSide(context)
    const cache = new SchemaCache(schema => {
      const builder = new StructBuilder()
      for (const name of fields) {
        const field = schema.field(name)
        if (field === undefined) {
          throw dataError(TRANSFORM_ERRORS.FIELD, `Field does not exist: ${name}`)
        }
        builder.field(name, field.schema)
      }
      return builder.build({})
    })
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (schema === null) {
          const map = requireMap(value, PURPOSE)
          const key = new Map<Value, Value>()
          for (const name of fields) key.set(name, map.get(name) ?? null)
          record.keySchema = null
          record.key = key
          return record
        }
        const struct = requireStruct(schema, value, PURPOSE)
        const key = newStruct(cache.of(struct.schema))
        for (const name of fields) putField(key, name, readNamed(struct, name, replaceNull))
        record.keySchema = key.schema
        record.key = key
        return record
      },
    }
  },
)
