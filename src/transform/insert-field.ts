/**
 * InsertField: adds topic, partition, offset, timestamp or a constant as fields.
 * Spec: connect-rest 15. Partition and offset are those the record was read from.
 * A null key or value passes through; numbers of schemaless records are INT64.
 */
import { type CheckContext, defineConfig, stringField } from '../config/index.ts'
import { type FlowRecord, NO_TIMESTAMP, Schema, type Struct, type Value } from '../flow/index.ts'
import { replaceNullField } from './common-fields.ts'
import { basicsOf, SchemaCache, StructBuilder } from './derived-schema.ts'
import type { TransformFactory } from './plugin.ts'
import { sidedFactories } from './side.ts'
import { copyFields, newStruct, putField } from './struct-fields.ts'
import { timestampSchema } from './timestamp-types.ts'
import { requireMap, requireStruct } from './value-shape.ts'

const PURPOSE = 'field insertion'
const SUFFIX = 'End the name with ! for a required field; ? or nothing makes it optional.'

const nameField = (name: string, what: string) =>
  stringField(name, { doc: `Field name for ${what}. ${SUFFIX}`, examples: [`kafka_${what}`] })

export const insertFieldConfig = defineConfig(
  'InsertField',
  {
    topic: nameField('topic.field', 'topic'),
    partition: nameField('partition.field', 'partition'),
    offset: nameField('offset.field', 'offset'),
    timestamp: nameField('timestamp.field', 'timestamp'),
    staticName: stringField('static.field', {
      doc: `Field name for the constant in static.value. ${SUFFIX}`,
      examples: ['source'],
    }),
    staticValue: stringField('static.value', { doc: 'Static field value.', examples: ['shop'] }),
    replaceNull: replaceNullField,
  },
  {
    summary: 'Inserts fields from the metadata of the record, or a constant.',
    description: 'Use the class that ends in $Key for record keys, $Value for record values.',
    examples: [
      { title: 'Topic and offset', config: { 'topic.field': 'topic', 'offset.field': 'offset!' } },
    ],
    crossChecks: [checkInsertions],
  },
)

interface InsertNames {
  readonly topic: string | undefined
  readonly partition: string | undefined
  readonly offset: string | undefined
  readonly timestamp: string | undefined
  readonly staticName: string | undefined
  readonly staticValue: string | undefined
}

function checkInsertions(settings: InsertNames, context: CheckContext): void {
  const { topic, partition, offset, timestamp, staticName, staticValue } = settings
  if ([topic, partition, offset, timestamp, staticName].every(name => name === undefined)) {
    const message = 'No field insertion configured'
    context.report({ key: 'topic.field', kind: 'missing', message })
  }
  if (staticName !== undefined && staticValue === undefined) {
    const message = `Invalid value null for configuration static.value: No value specified for static field: ${context.show('static.field')}`
    context.report({ key: 'static.value', kind: 'missing', message })
  }
}

interface Insertion {
  readonly name: string
  readonly schema: Schema
  /** Null: nothing is inserted. */
  readonly read: (record: FlowRecord) => Value
}

export const insertField: readonly TransformFactory[] = sidedFactories(
  'InsertField',
  insertFieldConfig,
  (settings, side) => {
    const insertions = insertionsOf(settings)
    const cache = new SchemaCache(schema => {
      const builder = new StructBuilder()
      for (const field of schema.fields) builder.field(field.name, field.schema)
      for (const { name, schema: inserted } of insertions) builder.field(name, inserted)
      return builder.build(basicsOf(schema))
    })
    return {
      apply: record => {
        const value = side.valueOf(record)
        const schema = side.schemaOf(record)
        if (value === null) return record
        if (schema === null) {
          const map = new Map(requireMap(value, PURPOSE))
          for (const { name, schema: type, read } of insertions) {
            const inserted = read(record)
            if (inserted !== null) map.set(name, asSchemaless(type, inserted))
          }
          return side.put(record, null, map)
        }
        const struct = requireStruct(schema, value, PURPOSE)
        const updated = newStruct(cache.of(struct.schema))
        copyFields(struct, updated, settings.replaceNull)
        insert(updated, record, insertions)
        return side.put(record, updated.schema, updated)
      },
    }
  },
)

function insert(struct: Struct, record: FlowRecord, insertions: readonly Insertion[]): void {
  for (const { name, read } of insertions) {
    const value = read(record)
    if (value !== null) putField(struct, name, value)
  }
}

/** Schemaless integers are INT64, else they would pass for floating-point numbers. */
function asSchemaless(schema: Schema, value: Value): Value {
  return schema.type === 'int32' && typeof value === 'number' ? BigInt(value) : value
}

function insertionsOf(settings: InsertNames): Insertion[] {
  const { topic, partition, offset, timestamp, staticName, staticValue } = settings
  const insertions: Insertion[] = []
  const add = (
    spec: string | undefined,
    schemaOf: (optional: boolean) => Schema,
    read: (record: FlowRecord) => Value,
  ) => {
    if (spec === undefined) return
    const name = /[!?]$/.test(spec) ? spec.slice(0, -1) : spec
    insertions.push({ name, schema: schemaOf(!spec.endsWith('!')), read })
  }
  const plain = (type: 'string' | 'int32' | 'int64') => (optional: boolean) =>
    new Schema(type, { optional })
  add(topic, plain('string'), record => record.topic)
  add(partition, plain('int32'), record => record.origin.partition)
  add(offset, plain('int64'), record => BigInt(record.origin.offset))
  add(timestamp, timestampSchema, ({ timestampMs }) =>
    timestampMs === NO_TIMESTAMP ? null : BigInt(timestampMs),
  )
  add(staticName, plain('string'), () => staticValue ?? null)
  return insertions
}
