/**
 * How the rows of one prepared SELECT become structs: which columns go where, under which names.
 * Made once per statement; `read` is called once per row with the cursor at it.
 * Invariant: values stand in schema order; a column that is not read leaves no trace.
 * Spec: cassandra-sink 11.5, 11.6.
 */
import type { CellCursor } from '../../cql/index.ts'
import { type Schema, Struct, structSchema, type Value } from '../../flow/index.ts'
import type { CellReader } from './cell-reader.ts'

export interface ShapeColumn {
  /** Index in the result. */
  readonly index: number
  /** Name of the field. */
  readonly name: string
  readonly reader: CellReader
}

export class RowShape {
  readonly schema: Schema
  readonly #indexes: Int32Array
  readonly #readers: readonly CellReader['read'][]

  constructor(name: string, columns: readonly ShapeColumn[]) {
    this.schema = structSchema(
      columns.map(column => [column.name, column.reader.schema] as const),
      { name },
    )
    this.#indexes = Int32Array.from(columns, column => column.index)
    this.#readers = columns.map(column => column.reader.read)
  }

  /** The current row of the cursor. */
  read(cursor: CellCursor): Struct {
    const { bytes, starts, lengths } = cursor
    const indexes = this.#indexes
    const readers = this.#readers
    const values: Value[] = []
    for (let i = 0; i < readers.length; i++) {
      const at = indexes[i]!
      const length = lengths[at]!
      values.push(length < 0 ? null : readers[i]!(bytes, starts[at]!, length))
    }
    return new Struct(this.schema, values)
  }
}

/** A schema's name: names of schemas have no dashes. */
export function schemaNameOf(...parts: readonly string[]): string {
  return parts.join('.').replaceAll('-', '.')
}
