/**
 * HoistField: wraps the whole key or value in a struct or map of one field.
 * Spec: connect-rest 15.
 * A null is wrapped too; with a schema it must be optional.
 */
import { defineConfig, stringField } from '../config/index.ts'
import { structSchema } from '../flow/index.ts'
import { SchemaCache } from './derived-schema.ts'
import type { TransformFactory } from './plugin.ts'
import { sidedFactories } from './side.ts'
import { newStruct, putField } from './struct-fields.ts'

export const hoistFieldConfig = defineConfig(
  'HoistField',
  {
    field: stringField('field', {
      required: true,
      doc: 'Name of the single field of the resulting struct or map.',
      examples: ['id'],
    }),
  },
  {
    summary: 'Wraps the key or value in a struct or map with one field.',
    description: 'Use the class that ends in $Key for record keys, $Value for record values.',
    examples: [{ title: 'A plain key becomes a column', config: { field: 'id' } }],
  },
)

export const hoistField: readonly TransformFactory[] = sidedFactories(
  'HoistField',
  hoistFieldConfig,
  ({ field }, side) => {
    const cache = new SchemaCache(schema => structSchema([[field, schema]]))
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (schema === null) return side.put(record, null, new Map([[field, value]]))
        const struct = newStruct(cache.of(schema))
        putField(struct, field, value)
        return side.put(record, struct.schema, struct)
      },
    }
  },
)
