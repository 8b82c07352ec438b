/**
 * The envelope that tells everything: operation, times, which columns were named, what changed
 * inside collections, the range of a range deletion, counter shards, and the place in the log.
 * Spec: cdc-replication 3.5.
 */
import type { TableSchema } from '../../../commitlog/index.ts'
import type { CqlType } from '../../../cql/index.ts'
import { Schema, STRING, Struct, structSchema, type Value } from '../../../flow/index.ts'
import { type Bound, type ColumnChange, isRowChange } from '../change.ts'
import { CELLS, cellsOf } from './cell-metadata.ts'
import type { ChangeEvent } from './change-event.ts'
import { type NumberForms, schemaOf, toConnect } from './connect-types.ts'
import type { EventData, EventFormat } from './event-format.ts'
import { headersOf, scopeOf } from './event-headers.ts'
import {
  type ColumnPlace,
  keyStruct,
  PerDefinition,
  tableSchemas,
  valueStruct,
} from './table-schemas.ts'

const INT32 = new Schema('int32')
const INT64 = new Schema('int64')
const BOOLEAN = new Schema('boolean')
const OPTIONAL_INT32 = new Schema('int32', { optional: true })
const OPTIONAL_INT64 = new Schema('int64', { optional: true })
const STRINGS = new Schema('array', { values: STRING })

const SHARDS = new Schema('array', {
  optional: true,
  values: structSchema([
    ['column', STRING],
    [
      'shards',
      new Schema('array', {
        values: structSchema([
          ['id', STRING],
          ['clock', INT64],
          ['count', INT64],
        ]),
      }),
    ],
  ]),
})
const SOURCE = structSchema([
  ...(['cluster', 'dc', 'node', 'segment'] as const).map(name => [name, STRING] as const),
  ...(['position', 'update', 'seq'] as const).map(name => [name, INT32] as const),
  ...(['keyspace', 'table', 'tableId'] as const).map(name => [name, STRING] as const),
  ['schemaVersion', INT32],
  ['snapshot', BOOLEAN],
  ['late', BOOLEAN],
  ['replica', STRING],
])

interface Shape {
  readonly table: ReturnType<typeof tableSchemas>
  readonly deltas: readonly { readonly place: ColumnPlace; readonly schema: Schema }[]
  readonly deltaStruct: Schema
  readonly bound: Schema
  readonly range: Schema
  readonly envelope: Schema
}

export interface ScamanderFormatOptions {
  readonly forms: NumberForms
  readonly tombstones: boolean
  /** Times of every value. */
  readonly cellMetadata: boolean
}

export class ScamanderFormat implements EventFormat {
  readonly #options: ScamanderFormatOptions
  readonly #shapes: PerDefinition<Shape>

  constructor(options: ScamanderFormatOptions) {
    this.#options = options
    this.#shapes = new PerDefinition(event => shapeOf(event.table, event, options))
  }

  toRecords(event: ChangeEvent): EventData[] {
    const shape = this.#shapes.of(event)
    const headers = headersOf(event)
    const key = { keySchema: shape.table.key, key: keyStruct(shape.table, event) }
    const isDelete = event.operation === 'DELETE'
    const { change } = event
    const row = isRowChange(change) && !isDelete ? change : undefined
    const value = new Struct(shape.envelope, [
      opOf(event),
      event.timestamp,
      row === undefined || row.ttl === 0 ? null : row.ttl,
      row === undefined || row.ttl === 0 ? null : BigInt(row.expiresAt),
      change.isStatic,
      !isDelete && !isWhole(event),
      [...event.columns.keys()],
      isDelete ? null : valueStruct(shape.table, event),
      row === undefined ? null : deltasOf(shape, row.columns, this.#options.forms),
      rangeOf(shape, event),
      row === undefined ? null : shardsOf(row.columns),
      ...(this.#options.cellMetadata ? [row === undefined ? null : cellsOf(row.columns)] : []),
      sourceOf(event),
    ])
    const record = { ...key, valueSchema: shape.envelope, value, headers }
    if (!isDelete || scopeOf(event) !== 'row' || !this.#options.tombstones) return [record]
    return [record, { ...key, valueSchema: null, value: null, headers }]
  }
}

function shapeOf(
  table: TableSchema,
  event: ChangeEvent,
  { forms, cellMetadata }: ScamanderFormatOptions,
): Shape {
  const name = `${table.keyspace}.${table.name}`
  const naming = { keyName: `${name}.Key`, valueName: `${name}.Value`, optional: true }
  const schemas = tableSchemas(table, forms, { ...naming, version: event.definitionNumber })
  const deltas = schemas.columns
    .filter(({ type }) => 'frozen' in type && !type.frozen)
    .map(place => ({ place, schema: deltaSchema(place.type, forms) }))
  const deltaStruct = structSchema(
    deltas.map(({ place, schema }) => [place.name, schema] as const),
    { optional: true },
  )
  const clustering = table.clusteringKey.map(
    column => [column.name, schemaOf(column.type, forms)] as const,
  )
  const bound = structSchema(
    [
      ['inclusive', BOOLEAN],
      ['values', structSchema(clustering)],
    ],
    { optional: true },
  )
  const range = structSchema(
    [
      ['start', bound],
      ['end', bound],
    ],
    { optional: true },
  )
  const envelope = structSchema(
    [
      ['op', STRING],
      ['ts', INT64],
      ['ttl', OPTIONAL_INT32],
      ['expiresAt', OPTIONAL_INT64],
      ['static', BOOLEAN],
      ['partial', BOOLEAN],
      ['updateFields', STRINGS],
      ['row', schemas.value],
      ['deltas', deltaStruct],
      ['range', range],
      ['counter', SHARDS],
      ...(cellMetadata ? [['cells', CELLS] as const] : []),
      ['source', SOURCE],
    ],
    { name: `scamander.${name}.Envelope`, version: event.definitionNumber },
  )
  return { table: schemas, deltas, deltaStruct, bound, range, envelope }
}

function deltaSchema(type: CqlType, forms: NumberForms): Schema {
  const list = (one: CqlType) =>
    new Schema('array', { optional: true, values: schemaOf(one, forms) })
  const shape = (fields: readonly (readonly [string, Schema])[]) =>
    structSchema([['mode', STRING], ...fields], { optional: true })
  switch (type.kind) {
    case 'map':
      return shape([
        ['put', schemaOf({ ...type, frozen: true }, forms)],
        ['remove', list(type.key)],
      ])
    case 'set':
      return shape([
        ['add', list(type.element)],
        ['remove', list(type.element)],
      ])
    case 'list': {
      const entry = structSchema([
        ['path', STRING],
        ['value', schemaOf(type.element, forms)],
      ])
      return shape([
        ['put', new Schema('array', { optional: true, values: entry })],
        ['remove', new Schema('array', { optional: true, values: STRING })],
      ])
    }
    default:
      return shape([
        ['fields', schemaOf(type, forms)],
        ['updateFields', STRINGS],
      ])
  }
}

function deltasOf(shape: Shape, columns: readonly ColumnChange[], forms: NumberForms): Value {
  if (shape.deltas.length === 0) return null
  const values = shape.deltas.map(({ place, schema }) => {
    const change = columns.find(one => one.column.name === place.name)
    return change === undefined ? null : deltaOf(place.type, schema, { change, forms })
  })
  return new Struct(shape.deltaStruct, values)
}

function deltaOf(
  type: CqlType,
  schema: Schema,
  { change, forms }: { readonly change: ColumnChange; readonly forms: NumberForms },
): Struct {
  const { deletion, cells } = change
  const live = cells.filter(cell => !cell.isDeleted)
  const gone = cells.filter(cell => cell.isDeleted)
  const mode = deletion === undefined ? 'merge' : live.length > 0 ? 'overwrite' : 'delete'
  const convert = (of: CqlType, value: ColumnChange['cells'][number]['value']) =>
    toConnect(of, value, schemaOf(of, forms))
  switch (type.kind) {
    case 'map':
      return new Struct(schema, [
        mode,
        new Map(live.map(one => [convert(type.key, one.path), convert(type.value, one.value)])),
        gone.map(one => convert(type.key, one.path)),
      ])
    case 'set':
      return new Struct(schema, [
        mode,
        live.map(one => convert(type.element, one.path)),
        gone.map(one => convert(type.element, one.path)),
      ])
    case 'list': {
      const entry = schema.field('put')!.schema.values!
      const put = live.map(
        one => new Struct(entry, [String(one.path), convert(type.element, one.value)]),
      )
      return new Struct(schema, [mode, put, gone.map(one => String(one.path))])
    }
    default: {
      const fields = type.kind === 'udt' ? type.fields : []
      const values = new Array(fields.length).fill(null)
      for (const one of live) values[Number(one.path)] = one.value
      const names = cells.map(one => fields[Number(one.path)]?.name ?? '')
      return new Struct(schema, [mode, convert(type, values), names])
    }
  }
}

/** Every column is known, and each as a whole. */
function isWhole({ table, columns, partial }: ChangeEvent): boolean {
  const all = table.staticColumns.length + table.regularColumns.length
  return partial.size === 0 && columns.size >= all
}

function opOf({ operation, change, isSnapshot }: ChangeEvent): string {
  if (isSnapshot) return 'READ'
  if (operation !== 'DELETE') return operation
  if (change.op === 'delete_range') return 'DELETE_RANGE'
  return change.op === 'delete_partition' ? 'DELETE_PARTITION' : 'DELETE'
}

function rangeOf(shape: Shape, { change }: ChangeEvent): Value {
  if (isRowChange(change) || change.range === undefined) return null
  const { start, end } = change.range
  return new Struct(shape.range, [boundOf(shape, start), boundOf(shape, end)])
}

function boundOf({ bound }: Shape, given: Bound | undefined): Value {
  if (given === undefined) return null
  const schema = bound.field('values')!.schema
  const values = schema.fields.map((field, i) => {
    const one = given.values[i]
    return one === undefined ? null : toConnect(one.type, one.value, field.schema)
  })
  return new Struct(bound, [given.isInclusive, new Struct(schema, values)])
}

function shardsOf(columns: readonly ColumnChange[]): Value {
  const entry = SHARDS.values!
  const shard = entry.field('shards')!.schema.values!
  const out: Value[] = []
  for (const { column, cells } of columns) {
    const shards = cells[0]?.shards
    if (shards === undefined) continue
    const values = shards.map(one => new Struct(shard, [one.counterId, one.clock, one.count]))
    out.push(new Struct(entry, [column.name, values]))
  }
  return out.length === 0 ? null : out
}

function sourceOf(event: ChangeEvent): Struct {
  const { place, table, seq, definitionNumber, isLate, isSnapshot } = event
  return new Struct(SOURCE, [
    ...[place.cluster, place.dataCenter, place.hostId, String(place.segmentId)],
    ...[place.position, place.updateIndex, seq, table.keyspace, table.name, table.id],
    ...[definitionNumber, isSnapshot, isLate, place.replica ?? 'snapshot'],
  ])
}
