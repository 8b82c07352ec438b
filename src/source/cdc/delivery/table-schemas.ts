/**
 * Connect schemas of a table's key and columns, made once per definition.
 * Used by the formats. Invariant: one definition gives one set of schema objects, so that converters
 * recognise them.
 * Spec: cdc-replication 3.2, 3.3, 3.7.
 */
import type { TableSchema } from '../../../commitlog/index.ts'
import type { CqlType, CqlValue } from '../../../cql/index.ts'
import { type Schema, Struct, structSchema, type Value } from '../../../flow/index.ts'
import type { ChangeEvent } from './change-event.ts'
import { type NumberForms, schemaOf, toConnect } from './connect-types.ts'

export interface ColumnPlace {
  readonly name: string
  readonly type: CqlType
  readonly schema: Schema
}

export interface TableSchemas {
  readonly key: Schema
  readonly keyColumns: readonly ColumnPlace[]
  /** Static columns, then regular ones. */
  readonly columns: readonly ColumnPlace[]
  /** All columns but the key's, as a struct. */
  readonly value: Schema
}

export interface Naming {
  readonly keyName: string
  readonly valueName: string
  readonly version: number | undefined
}

/** `optional`: the value struct may be absent (inside an envelope). */
export function tableSchemas(
  table: TableSchema,
  forms: NumberForms,
  { keyName, valueName, version, optional = false }: Naming & { readonly optional?: boolean },
): TableSchemas {
  const place = (isOptional: boolean) => (column: { name: string; type: CqlType }) => ({
    name: column.name,
    type: column.type,
    schema: schemaOf(column.type, forms, isOptional),
  })
  const keyColumns = [
    ...table.partitionKey.map(place(forms.debezium !== undefined)),
    ...table.clusteringKey.map(place(true)),
  ]
  const columns = [...table.staticColumns, ...table.regularColumns].map(place(true))
  const versioned = version === undefined ? {} : { version }
  return {
    keyColumns,
    columns,
    key: structSchema(fieldsOf(keyColumns), { name: keyName, ...versioned }),
    value: structSchema(fieldsOf(columns), { name: valueName, ...versioned, optional }),
  }
}

/** All key columns; clustering columns that the event does not have are null. */
export function keyStruct({ key, keyColumns }: TableSchemas, event: ChangeEvent): Struct {
  const values = new Map<string, CqlValue>()
  for (const one of event.key) values.set(one.name, one.value)
  for (const one of event.change.clustering) values.set(one.name, one.value)
  return new Struct(
    key,
    keyColumns.map(column => columnValue(column, values)),
  )
}

/** Columns that the event does not name are null. */
export function valueStruct({ value, columns }: TableSchemas, event: ChangeEvent): Struct {
  return new Struct(
    value,
    columns.map(column => columnValue(column, event.columns)),
  )
}

export function columnValue(
  { name, type, schema }: ColumnPlace,
  values: ReadonlyMap<string, CqlValue>,
): Value {
  return toConnect(type, values.get(name) ?? null, schema)
}

function fieldsOf(columns: readonly ColumnPlace[]): (readonly [string, Schema])[] {
  return columns.map(({ name, schema }) => [name, schema] as const)
}

/** Remembers one result per table definition. */
export class PerDefinition<T> {
  readonly #make: (event: ChangeEvent) => T
  readonly #known = new WeakMap<TableSchema, T>()

  constructor(make: (event: ChangeEvent) => T) {
    this.#make = make
  }

  of(event: ChangeEvent): T {
    let known = this.#known.get(event.table)
    if (known === undefined) {
      known = this.#make(event)
      this.#known.set(event.table, known)
    }
    return known
  }
}
