/**
 * Connect schemas: the type of a key, a value, a header or a field of a struct.
 * Built by converters, read by transforms and sinks; immutable and shared between records.
 * Spec: connect-rest 11.1. Logical types are told by `name` (see LOGICAL).
 */
import type { Value } from './value.ts'

export type SchemaType =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'boolean'
  | 'string'
  | 'bytes'
  | 'array'
  | 'map'
  | 'struct'

/** Names of the logical types and how their values look in memory. */
export const LOGICAL = {
  /** base bytes, value `Decimal` */
  DECIMAL: 'org.apache.kafka.connect.data.Decimal',
  /** base int32, value number: days since 1970-01-01 */
  DATE: 'org.apache.kafka.connect.data.Date',
  /** base int32, value number: milliseconds since midnight */
  TIME: 'org.apache.kafka.connect.data.Time',
  /** base int64, value bigint: milliseconds since the epoch */
  TIMESTAMP: 'org.apache.kafka.connect.data.Timestamp',
} as const

export interface SchemaField {
  readonly name: string
  readonly index: number
  readonly schema: Schema
}

export interface SchemaOptions {
  readonly optional?: boolean
  readonly name?: string
  readonly version?: number
  readonly doc?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly defaultValue?: Value
  /** Element schema of an array, value schema of a map. */
  readonly values?: Schema
  /** Key schema of a map. */
  readonly keys?: Schema
  readonly fields?: readonly SchemaField[]
}

export class Schema {
  readonly type: SchemaType
  readonly optional: boolean
  readonly name: string | undefined
  readonly version: number | undefined
  readonly doc: string | undefined
  readonly parameters: Readonly<Record<string, string>> | undefined
  /** Undefined: no default. */
  readonly defaultValue: Value | undefined
  readonly values: Schema | undefined
  readonly keys: Schema | undefined
  readonly fields: readonly SchemaField[]
  /** Made at first use: fields of a recursive schema are added after it exists. */
  #byName: Map<string, SchemaField> | undefined

  constructor(type: SchemaType, options: SchemaOptions = {}) {
    this.type = type
    this.optional = options.optional ?? false
    this.name = options.name
    this.version = options.version
    this.doc = options.doc
    this.parameters = options.parameters
    this.defaultValue = options.defaultValue
    this.values = options.values
    this.keys = options.keys
    this.fields = options.fields ?? []
  }

  field(name: string): SchemaField | undefined {
    this.#byName ??= new Map(this.fields.map(field => [field.name, field]))
    return this.#byName.get(name)
  }
}

/** Fields in order, indexes filled in. */
export function structSchema(
  fields: readonly (readonly [name: string, schema: Schema])[],
  options: SchemaOptions = {},
): Schema {
  const indexed = fields.map(([name, schema], index) => ({ name, index, schema }))
  return new Schema('struct', { ...options, fields: indexed })
}

export const STRING = new Schema('string')
export const OPTIONAL_STRING = new Schema('string', { optional: true })
export const OPTIONAL_BYTES = new Schema('bytes', { optional: true })
