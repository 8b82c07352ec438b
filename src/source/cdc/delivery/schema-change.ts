/**
 * Schema changes and truncations as records of a topic of their own.
 * Used by EventMaker for control frames, when `scamander.schema.changes.topic` is set.
 * Spec: cdc-replication 8.2, 8.3.
 */
import {
  OPTIONAL_STRING,
  Schema,
  SourceRecord,
  STRING,
  Struct,
  structSchema,
} from '../../../flow/index.ts'
import type { Frame } from '../frame.ts'
import type { KnownDefinition } from '../state/table-definition.ts'

const KEY = structSchema(
  [
    ['keyspace', STRING],
    ['table', STRING],
  ],
  { name: 'scamander.SchemaChange.Key' },
)
const VALUE = structSchema(
  [
    ['type', STRING],
    ['keyspace', STRING],
    ['table', STRING],
    ['tableId', STRING],
    ['ts', new Schema('int64')],
    ['before', OPTIONAL_STRING],
    ['after', OPTIONAL_STRING],
  ],
  { name: 'scamander.SchemaChange' },
)

interface Control {
  readonly type: string
  readonly timestamp: string
  readonly before: string | null
  readonly after: string | null
}

export function schemaChangeRecord(
  frame: Frame,
  { table }: KnownDefinition,
  topic: string,
): SourceRecord {
  const { type, timestamp, before, after } = JSON.parse(frame.controlText) as Control
  const { keyspace, name, id } = table
  return new SourceRecord({
    ...{ topic, position: null, keySchema: KEY, valueSchema: VALUE },
    key: new Struct(KEY, [keyspace, name]),
    value: new Struct(VALUE, [type, keyspace, name, id, BigInt(timestamp), before, after]),
    timestampMs: frame.readAtMs,
  })
}
