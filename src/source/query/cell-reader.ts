/**
 * From the bytes of a cell to a Connect value, with the Connect schema of the column's type.
 * Chosen once per column by both query sources; called once per cell with offsets.
 * Every schema is optional: a column may be null in any row.
 * Spec: cassandra-sink 11.6, 12 (D20).
 */
import { Decimal } from '../../base/decimal.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { type CqlType, type CqlValue, codecFor, formatCqlType } from '../../cql/index.ts'
import { LOGICAL, OPTIONAL_BYTES, OPTIONAL_STRING, Schema, type Value } from '../../flow/index.ts'
import { durationText, inetText, toJsonValue } from '../cdc/cql-json.ts'
import { QUERY_SOURCE_ERRORS } from './errors.ts'

export interface CellReader {
  readonly schema: Schema
  /** `length` is not negative: null cells are the caller's. */
  readonly read: (bytes: Buffer, start: number, length: number) => Value
}

export interface CellOptions {
  /** Lists, sets and maps as JSON text rather than arrays and maps. */
  readonly collectionsAsJson: boolean
}

const optional = (type: ConstructorParameters<typeof Schema>[0], name?: string) =>
  new Schema(type, { optional: true, ...(name === undefined ? {} : { name, version: 1 }) })

const DECIMAL_SCALE = 18
const DECIMAL = new Schema('bytes', {
  optional: true,
  name: LOGICAL.DECIMAL,
  version: 1,
  parameters: { scale: String(DECIMAL_SCALE) },
})
const BOOLEAN = optional('boolean')
const INT8 = optional('int8')
const INT16 = optional('int16')
const INT32 = optional('int32')
const INT64 = optional('int64')
const FLOAT32 = optional('float32')
const FLOAT64 = optional('float64')
const DATE = optional('int32', LOGICAL.DATE)
const TIMESTAMP = optional('int64', LOGICAL.TIMESTAMP)

/** Types whose decoded value is the Connect value as it is. */
const SAME: Readonly<Partial<Record<CqlType['kind'], Schema>>> = {
  ascii: OPTIONAL_STRING,
  text: OPTIONAL_STRING,
  uuid: OPTIONAL_STRING,
  timeuuid: OPTIONAL_STRING,
  boolean: BOOLEAN,
  tinyint: INT8,
  smallint: INT16,
  int: INT32,
  bigint: INT64,
  counter: INT64,
  float: FLOAT32,
  double: FLOAT64,
  blob: OPTIONAL_BYTES,
  date: DATE,
  timestamp: TIMESTAMP,
  time: INT64,
}

/** The reader of a type; every type has one. */
export function cellReaderFor(type: CqlType, options: CellOptions): CellReader {
  const codec = codecFor(type)
  const same = SAME[type.kind]
  // The decoded values of these types are Connect values by the table above.
  if (same !== undefined) return { schema: same, read: codec.decode as CellReader['read'] }
  const { schema, convert } = conversionOf(type, options)
  const read = (bytes: Buffer, start: number, length: number): Value => {
    const value = codec.decode(bytes, start, length)
    return value === null ? null : convert(value)
  }
  return { schema, read }
}

interface Conversion {
  readonly schema: Schema
  readonly convert: (value: NonNullable<CqlValue>) => Value
}

function conversionOf(type: CqlType, options: CellOptions): Conversion {
  switch (type.kind) {
    case 'inet':
      return { schema: OPTIONAL_STRING, convert: value => inetText(value as string) }
    case 'duration':
      return {
        schema: OPTIONAL_STRING,
        convert: value => durationText(value as Parameters<typeof durationText>[0]),
      }
    case 'varint':
      return { schema: INT64, convert: value => toInt64(value as bigint) }
    case 'decimal':
      return { schema: DECIMAL, convert: value => rescale(value as Decimal, DECIMAL_SCALE) }
    case 'list':
    case 'set':
    case 'map':
      return options.collectionsAsJson ? jsonText(type) : collection(type, options)
    case 'custom':
      return {
        schema: OPTIONAL_STRING,
        convert: value => `0x${(value as Buffer).toString('hex')}`,
      }
    default:
      return jsonText(type)
  }
}

/** As Cassandra's `toJson()` has it. */
function jsonText(type: CqlType): Conversion {
  return {
    schema: OPTIONAL_STRING,
    convert: value => JSON.stringify(toJsonValue(type, value)),
  }
}

type CollectionType = Extract<CqlType, { kind: 'list' | 'set' | 'map' }>

/** What is inside collections is never null. */
function collection(type: CollectionType, options: CellOptions): Conversion {
  if (type.kind === 'map') {
    const key = elementOf(type.key, options)
    const value = elementOf(type.value, options)
    const schema = new Schema('map', { optional: true, keys: key.schema, values: value.schema })
    const convert = (pairs: NonNullable<CqlValue>) =>
      new Map((pairs as [CqlValue, CqlValue][]).map(([k, v]) => [key.of(k), value.of(v)]))
    return { schema, convert }
  }
  const element = elementOf(type.element, options)
  return {
    schema: new Schema('array', { optional: true, values: element.schema }),
    convert: items => (items as CqlValue[]).map(item => element.of(item)),
  }
}

function elementOf(type: CqlType, options: CellOptions) {
  const same = SAME[type.kind]
  const { schema, convert } =
    same === undefined
      ? conversionOf(type, options)
      : { schema: same, convert: (value: NonNullable<CqlValue>) => value as Value }
  return { schema, of: (value: CqlValue): Value => (value === null ? null : convert(value)) }
}

function toInt64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value
  const message = 'expected a varint of at most 64 bits, found a larger one'
  throw new ScamanderError(QUERY_SOURCE_ERRORS.VALUE, message)
}

/** Half up: away from zero at exactly one half. */
export function rescale(value: Decimal, scale: number): Decimal {
  if (value.scale === scale) return value
  if (value.scale < scale) {
    const shift = scale - value.scale
    if (shift > SHIFT_MAX) {
      const message = `expected a decimal of at most ${SHIFT_MAX} digits, found a larger one`
      throw new ScamanderError(QUERY_SOURCE_ERRORS.VALUE, message)
    }
    return new Decimal(value.unscaled * 10n ** BigInt(shift), scale)
  }
  const drop = value.scale - scale
  // Beyond that even the largest number of digits rounds to zero.
  if (drop > value.unscaled.toString().length + 1) return new Decimal(0n, scale)
  const unit = 10n ** BigInt(drop)
  const isNegative = value.unscaled < 0n
  const absolute = isNegative ? -value.unscaled : value.unscaled
  const rounded = (absolute + unit / 2n) / unit
  return new Decimal(isNegative ? -rounded : rounded, scale)
}

const SHIFT_MAX = 10_000

/** For messages. */
export function typeText(type: CqlType): string {
  return formatCqlType(type)
}
