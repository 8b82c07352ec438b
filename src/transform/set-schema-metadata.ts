/**
 * SetSchemaMetadata: sets name and version of the schema of a key or value.
 * Spec: connect-rest 15. Values other than structs stay undecoded.
 * Deviation: Kafka fails on schemas other than structs; here they are renamed too.
 */
import { defineConfig, intField, stringField } from '../config/index.ts'
import { type FlowRecord, Schema, Struct } from '../flow/index.ts'
import { replaceNullField } from './common-fields.ts'
import { optionsOf, SchemaCache } from './derived-schema.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'
import type { TransformFactory } from './plugin.ts'
import { type Side, sidedFactories } from './side.ts'
import { copyFields, newStruct } from './struct-fields.ts'

export const setSchemaMetadataConfig = defineConfig(
  'SetSchemaMetadata',
  {
    name: stringField('schema.name', {
      importance: 'high',
      doc: 'Schema name to set.',
      examples: ['shop.Order'],
    }),
    version: intField('schema.version', { importance: 'high', doc: 'Schema version to set.' }),
    replaceNull: replaceNullField,
  },
  {
    summary: 'Sets the name, the version, or both, of the schema of the key or value.',
    description: 'Use the class that ends in $Key for record keys, $Value for record values.',
    examples: [{ title: 'Name a schema', config: { 'schema.name': 'shop.Order' } }],
    crossChecks: [
      ({ name, version }, context) => {
        if (name !== undefined || version !== undefined || context.hasFailed('schema.version'))
          return
        const message = 'Neither schema name nor version configured'
        context.report({ key: 'schema.name', kind: 'missing', message })
      },
    ],
  },
)

export const setSchemaMetadata: readonly TransformFactory[] = sidedFactories(
  'SetSchemaMetadata',
  setSchemaMetadataConfig,
  ({ name, version, replaceNull }, side) => {
    const cache = new SchemaCache(
      schema =>
        new Schema(schema.type, {
          ...optionsOf(schema),
          ...(name !== undefined && { name }),
          ...(version !== undefined && { version }),
        }),
    )
    return {
      apply: record => {
        const schema = side.schemaOf(record)
        if (schema === null) return passNull(record, side)
        const updated = cache.of(schema)
        const value = side.isKey ? record.key : record.value
        if (!(value instanceof Struct)) return side.put(record, updated, value)
        const struct = newStruct(updated)
        copyFields(value, struct, replaceNull)
        return side.put(record, updated, struct)
      },
    }
  },
)

function passNull(record: FlowRecord, side: Side): FlowRecord {
  if (side.valueOf(record) === null) return record
  throw dataError(TRANSFORM_ERRORS.SHAPE, 'Schema required for [updating schema metadata]')
}
