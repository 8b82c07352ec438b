/**
 * The envelope of Debezium for Cassandra: ts_ms, op, source, after; each column as a cell.
 * Spec: cdc-replication 3.4.
 * Chosen by `scamander.format=debezium`; one shape of schemas per table definition.
 */
import { PRODUCT_VERSION } from '../../../base/product-version.ts'
import { type CqlType, toMarshalClass } from '../../../cql/index.ts'
import { Schema, Struct, structSchema, type Value } from '../../../flow/index.ts'
import { type Bound, isRowChange, type NamedValue } from '../change.ts'
import { toJsonValue } from '../cql-json.ts'
import type { ChangeEvent } from './change-event.ts'
import { type NumberForms, schemaOf, toConnect } from './connect-types.ts'
import type { EventData, EventFormat } from './event-format.ts'
import { headersOf } from './event-headers.ts'
import { type ColumnPlace, keyStruct, PerDefinition, tableSchemas } from './table-schemas.ts'

const INT64 = new Schema('int64')
const STRING = new Schema('string')
const OPTIONAL_STRING = new Schema('string', { optional: true })
const OPTIONAL_INT64 = new Schema('int64', { optional: true })
const BOOLEAN = new Schema('boolean')

const SNAPSHOT = new Schema('string', {
  ...{ optional: true, name: 'io.debezium.data.Enum', version: 1, defaultValue: 'false' },
  parameters: {
    allowed: 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental',
  },
})
const SOURCE = structSchema(
  [
    ...(['version', 'connector', 'name'] as const).map(name => [name, STRING] as const),
    ['ts_ms', INT64],
    ['snapshot', SNAPSHOT],
    ['db', STRING],
    ['sequence', OPTIONAL_STRING],
    ['ts_us', OPTIONAL_INT64],
    ['ts_ns', OPTIONAL_INT64],
    ...(['cluster', 'file'] as const).map(name => [name, STRING] as const),
    ['pos', new Schema('int32')],
    ...(['keyspace', 'table'] as const).map(name => [name, STRING] as const),
  ],
  { name: 'source', version: 1 },
)
const BOUND_VALUE = structSchema(
  [
    ['name', STRING],
    ['value', STRING],
    ['type', STRING],
  ],
  { name: 'clustering_value', version: 1 },
)
const BOUND_VALUES = new Schema('array', {
  ...{ name: 'clustering_values', version: 1 },
  values: BOUND_VALUE,
})
const BOUND_START = boundSchema('_range_start')
const BOUND_END = boundSchema('_range_end')

interface Shape {
  readonly table: ReturnType<typeof tableSchemas>
  readonly columns: readonly { readonly place: ColumnPlace; readonly cell: Schema }[]
  readonly after: Schema
  readonly envelope: Schema
}

export interface DebeziumOptions {
  readonly forms: NumberForms
  readonly tombstones: boolean
  readonly prefix: string
  /** Names of schemas are such as Avro and Protobuf take, and each is defined once. */
  readonly hasTypeNames: boolean
}

export class DebeziumFormat implements EventFormat {
  readonly #options: DebeziumOptions
  readonly #shapes: PerDefinition<Shape>

  constructor(options: DebeziumOptions) {
    this.#options = options
    this.#shapes = new PerDefinition(event => shapeOf(event, options))
  }

  toRecords(event: ChangeEvent): EventData[] {
    const shape = this.#shapes.of(event)
    const headers = headersOf(event)
    const key = { keySchema: shape.table.key, key: keyStruct(shape.table, event) }
    const op = opOf(event)
    const after = new Struct(shape.after, [
      ...shape.columns.map(column => cellOf(column, event)),
      ...boundsOf(event),
    ])
    const source = sourceOf(event, this.#options.prefix)
    const value = new Struct(shape.envelope, [BigInt(Date.now()), op, source, after])
    const record = { ...key, valueSchema: shape.envelope, value, headers }
    if (op !== 'd' || !this.#options.tombstones) return [record]
    return [record, { ...key, valueSchema: null, value: null, headers }]
  }
}

function shapeOf({ table }: ChangeEvent, options: DebeziumOptions): Shape {
  const { prefix, hasTypeNames } = options
  const forms = { ...options.forms, debezium: hasTypeNames ? 'plain' : 'named' } as const
  const plain = `io.debezium.connector.cassandra.${prefix}.${table.keyspace}.${table.name}`
  const name = hasTypeNames ? toTypeName(plain) : plain
  const naming = { keyName: `${name}.Key`, valueName: `${name}.Value`, version: undefined }
  const schemas = tableSchemas(table, forms, naming)
  const columns = [...schemas.keyColumns, ...schemas.columns].map(one => {
    const schema = schemaOf(one.type, forms)
    const place = { ...one, schema }
    const cellName = hasTypeNames ? toTypeName(`cell_value_${one.name}`) : 'cell_value'
    return { place, cell: cellSchema(schema, cellName) }
  })
  const after = structSchema(
    [
      ...columns.map(({ place, cell }) => [place.name, cell] as const),
      ['_range_start', BOUND_START],
      ['_range_end', BOUND_END],
    ],
    { name: 'after', version: 1 },
  )
  const envelope = structSchema(
    [
      ['ts_ms', INT64],
      ['op', STRING],
      ['source', SOURCE],
      ['after', after],
    ],
    { name: `${name}.Envelope` },
  )
  return { table: schemas, columns, after, envelope }
}

/** Letters, digits and underlines between the dots, and no digit first. */
function toTypeName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.]/g, '_').replace(/(^|\.)(?=\d)/g, '$1_')
}

function cellSchema(value: Schema, name: string): Schema {
  return structSchema(
    [
      ['value', value],
      ['deletion_ts', OPTIONAL_INT64],
      ['set', BOOLEAN],
    ],
    { optional: true, name, version: 1 },
  )
}

function opOf({ change, operation }: ChangeEvent): string {
  if (change.op === 'delete_range') return 'r'
  if (operation === 'DELETE') return 'd'
  return operation === 'INSERT' ? 'i' : 'u'
}

/** Undefined columns are null; a deletion marks every column that it takes away. */
function cellOf({ place, cell }: Shape['columns'][number], event: ChangeEvent): Value {
  const { change, operation, key } = event
  const own = [...key, ...change.clustering].find(one => one.name === place.name)
  if (own !== undefined) {
    return new Struct(cell, [toConnect(own.type, own.value, place.schema), null, true])
  }
  if (change.op === 'delete_range') return null
  if (operation === 'DELETE') return new Struct(cell, [null, event.timestamp, true])
  if (!event.columns.has(place.name)) return null
  const value = toConnect(place.type, event.columns.get(place.name) ?? null, place.schema)
  return new Struct(cell, [value, expiryOf(event, place.name), true])
}

/** Of a cell that expires, in microseconds. */
function expiryOf({ change }: ChangeEvent, name: string): bigint | null {
  if (!isRowChange(change)) return null
  const cells = change.columns.find(one => one.column.name === name)?.cells ?? []
  const [first] = cells.filter(cell => !cell.isDeleted && cell.ttl > 0)
  return first === undefined ? null : BigInt(first.ldt) * 1_000_000n
}

function boundsOf({ change }: ChangeEvent): [Value, Value] {
  if (isRowChange(change) || change.range === undefined) return [null, null]
  const { start, end } = change.range
  return [boundStruct(start, BOUND_START, 'START'), boundStruct(end, BOUND_END, 'END')]
}

function boundSchema(name: string): Schema {
  const fields = [
    ['method', STRING],
    ['values', BOUND_VALUES],
  ] as const
  return structSchema(fields, { optional: true, name, version: 1 })
}

function boundStruct(bound: Bound | undefined, schema: Schema, side: 'START' | 'END'): Value {
  if (bound === undefined) return new Struct(schema, [`INCL_${side}_BOUND`, []])
  const method = `${bound.isInclusive ? 'INCL' : 'EXCL'}_${side}_BOUND`
  return new Struct(schema, [method, bound.values.map(boundValue)])
}

function boundValue({ name, type, value, isEmpty }: NamedValue): Struct {
  const json = toJsonValue(type, value, isEmpty)
  const text = typeof json === 'string' ? json : JSON.stringify(json)
  return new Struct(BOUND_VALUE, [name, text, classOf(type)])
}

function classOf(type: CqlType): string {
  return toMarshalClass(type)
}

function sourceOf(event: ChangeEvent, prefix: string): Struct {
  const { place, table, timestamp } = event
  return new Struct(SOURCE, [
    ...[
      PRODUCT_VERSION,
      'cassandra',
      prefix,
      timestamp / 1000n,
      String(event.isSnapshot),
      'NULL',
      null,
    ],
    ...[timestamp, timestamp * 1000n, place.cluster],
    ...[`CommitLog-${place.version}-${place.segmentId}.log`, place.position],
    ...[table.keyspace, table.name],
  ])
}
