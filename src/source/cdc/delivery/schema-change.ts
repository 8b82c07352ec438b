/**
 * Schema changes and truncations as records of a topic of their own. What changed in a keyspace or one of
 * its types comes with every captured table in it: the first of them is given, without a table.
 * Made by EventMaker for control frames, when `scamander.schema.changes.topic` is set.
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
  /** Name of the type or the keyspace that changed; absent: the table did. */
  readonly of?: string
  readonly timestamp: string
  readonly before: string | null
  readonly after: string | null
}

/** Of one task: it has the first queue partition of all channels, where these frames are. */
export class SchemaChanges {
  readonly #topic: string
  readonly #given = new Set<string>()

  constructor(topic: string) {
    this.#topic = topic
  }

  begin(): void {
    this.#given.clear()
  }

  /** Undefined: it was given with another table. */
  record(frame: Frame, { table }: KnownDefinition): SourceRecord | undefined {
    const control = JSON.parse(frame.controlText) as Control
    const { type, of, timestamp, before, after } = control
    if (of !== undefined && !this.#isFirst(`${type} ${table.keyspace} ${of} ${timestamp}`)) {
      return undefined
    }
    const { keyspace } = table
    const [name, id] = of === undefined ? [table.name, table.id] : ['', '']
    return new SourceRecord({
      ...{ topic: this.#topic, position: null, keySchema: KEY, valueSchema: VALUE },
      key: new Struct(KEY, [keyspace, name]),
      value: new Struct(VALUE, [type, keyspace, name, id, BigInt(timestamp), before, after]),
      timestampMs: frame.readAtMs,
    })
  }

  #isFirst(change: string): boolean {
    if (this.#given.has(change)) return false
    this.#given.add(change)
    if (this.#given.size > GIVEN_MAX) this.#given.delete([...this.#given][0]!)
    return true
  }
}

const GIVEN_MAX = 1000
