/**
 * Values that travel between the edges, as the Connect data model has them.
 * int8..int32, float32, float64: number; int64: bigint; bytes: Buffer; array: array;
 * map: Map; struct: Struct (values in schema order); logical types as LOGICAL says.
 * `RawText` keeps text in the bytes it arrived in, so that a hot path never builds a string.
 */
import type {} from '../base/buffer-methods.ts'
import type { Decimal } from '../base/decimal.ts'
import type { Schema } from './schema.ts'

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | Decimal
  | RawText
  | Struct
  | Value[]
  | ValueMap

/** A map value; its own interface because the type refers to itself. */
export interface ValueMap extends Map<Value, Value> {}

/**
 * Text that was not decoded: `bytes[start..end)` is UTF-8.
 * form `string`: the value is that string (StringConverter).
 * form `json`: the value is the schemaless data that this valid JSON text stands for
 * (JsonConverter without schemas: integers are INT64, other numbers FLOAT64).
 */
export class RawText {
  readonly form: 'string' | 'json'
  readonly bytes: Buffer
  readonly start: number
  readonly end: number

  constructor(form: 'string' | 'json', bytes: Buffer, start: number, end: number) {
    this.form = form
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  toString(): string {
    return this.bytes.utf8Slice(this.start, this.end)
  }
}

/** One struct: values in the order of `schema.fields`. */
export class Struct {
  readonly schema: Schema
  readonly values: Value[]

  constructor(schema: Schema, values: Value[]) {
    this.schema = schema
    this.values = values
  }

  /** The field's value; undefined when the schema has no such field. */
  get(name: string): Value | undefined {
    const field = this.schema.field(name)
    return field === undefined ? undefined : this.values[field.index]
  }
}
