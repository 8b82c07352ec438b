/**
 * CQL types and values as Connect's schemas and values.
 * Used by all event formats. What Connect cannot hold is an error of that record.
 * Invariant: a value fits the schema that `schemaOf` gives for its type and options.
 * Spec: cdc-replication 3.2.
 */

import { Decimal } from '../../../base/decimal.ts'
import { ScamanderError } from '../../../base/scamander-error.ts'
import {
  type CqlDuration,
  type CqlType,
  type CqlValue,
  toMarshalClass,
} from '../../../cql/index.ts'
import { LOGICAL, Schema, Struct, structSchema, type Value } from '../../../flow/index.ts'
import { durationText, inetText } from '../cql-json.ts'
import { CDC_ERRORS } from '../errors.ts'

export interface NumberForms {
  readonly decimal: 'string' | 'precise' | 'double'
  readonly varint: 'string' | 'precise' | 'long'
  /** Names and shapes of Debezium for Cassandra; `plain`: without names that may come twice. */
  readonly debezium?: 'plain' | 'named'
}

const UUID = 'io.debezium.data.Uuid'
const NANO_TIME = 'io.debezium.time.NanoTime'
const DEBEZIUM_TIME = {
  timestamp: 'io.debezium.time.Timestamp',
  date: 'io.debezium.time.Date',
} as const
const VARIABLE_DECIMAL = 'io.debezium.data.VariableScaleDecimal'
const DATE_DAYS_MAX = 2 ** 31
const LONG_MAX = 2n ** 63n

/** The schema of a type; everything inside is optional, but keys of maps. */
export function schemaOf(type: CqlType, forms: NumberForms, optional = true): Schema {
  const inner = (one: CqlType) => schemaOf(one, forms)
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'vector':
      return new Schema('array', { optional, values: inner(type.element) })
    case 'map':
      return mapSchema(type, forms, optional)
    case 'tuple':
      return tupleSchema(type, forms, optional)
    case 'udt':
      return structSchema(
        type.fields.map(field => [field.name, inner(field.type)] as const),
        { optional, name: `${type.keyspace}.${type.name}` },
      )
    default:
      return scalarSchema(type.kind, forms, optional)
  }
}

function tupleSchema(
  { elements }: Extract<CqlType, { kind: 'tuple' }>,
  forms: NumberForms,
  optional: boolean,
): Schema {
  const nameOf = (i: number) => (forms.debezium === undefined ? `_${i}` : `field${i + 1}`)
  const fields = elements.map((one, i) => [nameOf(i), schemaOf(one, forms)] as const)
  if (forms.debezium !== 'named') return structSchema(fields, { optional })
  const name = `${elements.map(className).join('')}Tuple`
  return structSchema(fields, { optional, name })
}

/** `Int32` of `org.apache.cassandra.db.marshal.Int32Type`. */
function className(type: CqlType): string {
  return /(\w+?)(?:Type)?(?:\(|$)/.exec(toMarshalClass(type).replace(/^[^(]*\./, ''))?.[1] ?? ''
}

/** Keys are never null; converters write maps as maps only when the schema says so. */
function mapSchema(
  { key, value }: Extract<CqlType, { kind: 'map' }>,
  forms: NumberForms,
  optional: boolean,
): Schema {
  const keys = schemaOf(key, forms, false)
  return new Schema('map', { optional, keys, values: schemaOf(value, forms) })
}

function scalarSchema(kind: string, forms: NumberForms, optional: boolean): Schema {
  const isDebezium = forms.debezium !== undefined
  switch (kind) {
    case 'boolean':
      return new Schema('boolean', { optional })
    case 'blob':
    case 'custom':
      return new Schema('bytes', { optional })
    case 'float':
      return new Schema('float32', { optional })
    case 'double':
      return new Schema('float64', { optional })
    case 'tinyint':
      return new Schema('int8', { optional })
    case 'smallint':
      return new Schema('int16', { optional })
    case 'int':
      return new Schema('int32', { optional })
    case 'bigint':
    case 'counter':
      return new Schema('int64', { optional })
    case 'uuid':
    case 'timeuuid':
      return new Schema('string', { optional, name: UUID, version: 1 })
    case 'timestamp':
      return timeSchema('int64', isDebezium ? DEBEZIUM_TIME.timestamp : LOGICAL.TIMESTAMP, optional)
    case 'date':
      return timeSchema('int32', isDebezium ? DEBEZIUM_TIME.date : LOGICAL.DATE, optional)
    case 'time':
      if (isDebezium) return new Schema('int64', { optional })
      return timeSchema('int64', NANO_TIME, optional)
    case 'decimal':
      return decimalSchema(forms.decimal, optional)
    case 'varint':
      return varintSchema(forms.varint, optional)
    default:
      return new Schema('string', { optional })
  }
}

function timeSchema(type: 'int32' | 'int64', name: string, optional: boolean): Schema {
  return new Schema(type, { optional, name, version: 1 })
}

function decimalSchema(form: NumberForms['decimal'], optional: boolean): Schema {
  if (form === 'double') return new Schema('float64', { optional })
  if (form === 'string') return new Schema('string', { optional })
  return structSchema(
    [
      ['scale', new Schema('int32')],
      ['value', new Schema('bytes')],
    ],
    { optional, name: VARIABLE_DECIMAL, version: 1 },
  )
}

function varintSchema(form: NumberForms['varint'], optional: boolean): Schema {
  if (form === 'long') return new Schema('int64', { optional })
  if (form === 'string') return new Schema('string', { optional })
  const parameters = { scale: '0' }
  return new Schema('bytes', { optional, name: LOGICAL.DECIMAL, version: 1, parameters })
}

/** The value of a type for the schema that was made for it. */
export function toConnect(type: CqlType, value: CqlValue, schema: Schema): Value {
  if (value === null) return null
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'vector':
      return (value as CqlValue[]).map(one => toConnect(type.element, one, schema.values!))
    case 'map':
      return new Map(
        (value as [CqlValue, CqlValue][]).map(([key, one]) => [
          toConnect(type.key, key, schema.keys!),
          toConnect(type.value, one, schema.values!),
        ]),
      )
    case 'tuple':
      return toStruct(type.elements, value as CqlValue[], schema)
    case 'udt':
      return toStruct(
        type.fields.map(field => field.type),
        value as CqlValue[],
        schema,
      )
    case 'decimal':
      return fromDecimal(value as Decimal, schema)
    case 'varint':
      return fromVarint(value as bigint, schema)
    case 'date':
      return checkedDate(value as number)
    case 'inet':
      return inetText(value as string)
    case 'duration':
      return durationText(value as CqlDuration)
    default:
      return value as Value
  }
}

function toStruct(types: readonly CqlType[], values: readonly CqlValue[], schema: Schema): Struct {
  return new Struct(
    schema,
    types.map((type, i) => toConnect(type, values[i] ?? null, schema.fields[i]!.schema)),
  )
}

function fromDecimal(value: Decimal, schema: Schema): Value {
  if (schema.type === 'float64') return Number(value.toString())
  if (schema.type === 'string') return value.toString()
  return new Struct(schema, [value.scale, bytesOf(value.unscaled)])
}

function fromVarint(value: bigint, schema: Schema): Value {
  if (schema.type === 'string') return value.toString()
  if (schema.type === 'bytes') return new Decimal(value, 0)
  if (value < LONG_MAX && value >= -LONG_MAX) return value
  throw outOfRange('a varint that fits 64 bits', 'a larger one; set scamander.varint=string')
}

function checkedDate(days: number): number {
  if (Math.abs(days) < DATE_DAYS_MAX) return days
  throw outOfRange('a date that fits 32 bits', 'one beyond')
}

function outOfRange(expected: string, found: string): ScamanderError {
  return new ScamanderError(CDC_ERRORS.VALUE, `expected ${expected}, found ${found}`)
}

/** Two's complement, shortest form. */
function bytesOf(value: bigint): Buffer {
  let bits = 8
  while (value >= 1n << BigInt(bits - 1) || value < -(1n << BigInt(bits - 1))) bits += 8
  const hex = BigInt.asUintN(bits, value).toString(16)
  return Buffer.from(hex.padStart(bits / 4, '0'), 'hex')
}
