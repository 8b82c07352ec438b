/**
 * Random Connect schemas and values of them, for the round trips of the registry converters.
 * Test support only. Invariant: a value fits its schema; what a format cannot hold is left out by the
 * options.
 */
import fc from 'fast-check'
import { Decimal } from '../../src/base/decimal.ts'
import {
  LOGICAL,
  Schema,
  type SchemaOptions,
  Struct,
  structSchema,
  type Value,
} from '../../src/flow/index.ts'

export interface RandomOptions {
  /** Lists of lists, maps of maps. */
  readonly nestedCollections: boolean
  readonly mapKeys: readonly Schema['type'][]
  /** Elements and members that may be null. */
  readonly nullElements: boolean
  readonly specialFloats: boolean
}

export interface SchemaAndValue {
  readonly schema: Schema
  readonly value: Value
}

type Case = fc.Arbitrary<{ schema: Schema; value: fc.Arbitrary<Value> }>

const SCALARS = [
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'boolean',
  'string',
  'bytes',
] as const

const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })

function scalarValue(type: Schema['type'], options: RandomOptions): fc.Arbitrary<Value> {
  const floats = options.specialFloats ? {} : { noNaN: true, noDefaultInfinity: true }
  switch (type) {
    case 'int8':
      return integer(8)
    case 'int16':
      return integer(16)
    case 'int32':
      return integer(32)
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'float32':
      return fc.float(floats).filter(value => !Object.is(value, -0))
    case 'float64':
      return fc.double(floats).filter(value => !Object.is(value, -0))
    case 'boolean':
      return fc.boolean()
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 40 })
    default:
      return fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes))
  }
}

const LOGICALS: readonly {
  options: SchemaOptions
  type: Schema['type']
  value: fc.Arbitrary<Value>
}[] = [
  {
    type: 'bytes',
    options: { name: LOGICAL.DECIMAL, version: 1, parameters: { scale: '2' } },
    value: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(value => new Decimal(value, 2)),
  },
  {
    type: 'int32',
    options: { name: LOGICAL.DATE, version: 1 },
    value: fc.integer({ min: -700_000, max: 2_900_000 }),
  },
  {
    type: 'int32',
    options: { name: LOGICAL.TIME, version: 1 },
    value: fc.integer({ min: 0, max: 86_399_999 }),
  },
  {
    type: 'int64',
    options: { name: LOGICAL.TIMESTAMP, version: 1 },
    value: fc.bigInt({ min: -(10n ** 13n), max: 10n ** 14n }),
  },
]

/** A struct with up to six fields, some of them structs, lists and maps. */
export function randomStruct(options: RandomOptions): fc.Arbitrary<SchemaAndValue> {
  return struct(options, 2, 'Root').chain(({ schema, value }) =>
    value.map(one => ({ schema, value: one })),
  )
}

/** The same few cases in every run, for tests against servers; such as every format holds. */
export function randomCases(count: number): SchemaAndValue[] {
  const options: RandomOptions = {
    nestedCollections: false,
    mapKeys: ['string', 'int32'],
    nullElements: false,
    specialFloats: false,
  }
  return fc.sample(randomStruct(options), { numRuns: count, seed: 42 })
}

function anyCase(options: RandomOptions, depth: number, name: string): Case {
  const scalar: Case = fc
    .constantFrom(...SCALARS)
    .map(type => ({ schema: new Schema(type), value: scalarValue(type, options) }))
  const logical: Case = fc
    .constantFrom(...LOGICALS)
    .map(one => ({ schema: new Schema(one.type, one.options), value: one.value }))
  if (depth === 0)
    return fc.oneof({ weight: 4, arbitrary: scalar }, { weight: 1, arbitrary: logical })
  return fc.oneof(
    { weight: 4, arbitrary: scalar },
    { weight: 2, arbitrary: logical },
    { weight: 1, arbitrary: list(options, depth - 1, name) },
    { weight: 1, arbitrary: map(options, depth - 1, name) },
    { weight: 1, arbitrary: struct(options, depth - 1, name) },
  )
}

function element(options: RandomOptions, depth: number, name: string): Case {
  const inner = options.nestedCollections
    ? anyCase(options, depth, name)
    : fc.oneof(anyCase(options, 0, name), struct(options, 0, name))
  return options.nullElements ? optional(inner) : inner
}

function list(options: RandomOptions, depth: number, name: string): Case {
  return element(options, depth, name).map(one => ({
    schema: new Schema('array', { values: one.schema }),
    value: fc.array(one.value, { maxLength: 4 }) as fc.Arbitrary<Value>,
  }))
}

function map(options: RandomOptions, depth: number, name: string): Case {
  return fc
    .tuple(fc.constantFrom(...options.mapKeys), element(options, depth, name))
    .map(([key, one]) => ({
      schema: new Schema('map', { keys: new Schema(key), values: one.schema }),
      value: fc
        .uniqueArray(fc.tuple(scalarValue(key, options), one.value), {
          selector: ([k]) => String(k),
          maxLength: 4,
        })
        .map(entries => new Map<Value, Value>(entries) as Value),
    }))
}

function struct(options: RandomOptions, depth: number, name: string): Case {
  return fc
    .array(fc.constant(0), { minLength: 1, maxLength: 6 })
    .chain(places =>
      fc.tuple(
        ...places.map((_, i) =>
          fc.oneof(
            anyCase(options, depth, `${name}_f${i}`),
            optional(anyCase(options, depth, `${name}_f${i}`)),
          ),
        ),
      ),
    )
    .map(cases => {
      const schema = structSchema(
        cases.map((one, i) => [`f${i}`, one.schema] as const),
        { name: `test.${name}` },
      )
      const value = fc
        .tuple(...cases.map(one => one.value))
        .map(values => new Struct(schema, values))
      return { schema, value: value as fc.Arbitrary<Value> }
    })
}

function optional(inner: Case): Case {
  return inner.map(({ schema, value }) => {
    const { type, name, version, parameters, values, keys, fields } = schema
    const all = { name, version, parameters, values, keys, fields }
    const given = Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined))
    return {
      schema: new Schema(type, { ...given, optional: true }),
      value: fc.option(value, { freq: 4 }),
    }
  })
}

/** Values as plain data, so that two structs over equal schemas compare equal. */
export function plain(value: Value | undefined): unknown {
  if (value instanceof Struct) return { struct: value.values.map(plain) }
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return { map: [...value].map(([k, v]) => [plain(k), plain(v)]) }
  if (value instanceof Decimal) return { decimal: `${value.unscaled}/${value.scale}` }
  return Buffer.isBuffer(value) ? { hex: value.toString('hex') } : value
}

/** What a schema says about data: types, names, fields. */
export function shape(schema: Schema | undefined | null): unknown {
  if (schema == null) return null
  return {
    type: schema.type,
    optional: schema.optional,
    name: schema.name,
    version: schema.version,
    defaultValue: plain(schema.defaultValue),
    keys: shape(schema.keys),
    values: shape(schema.values),
    fields: schema.fields.map(field => [field.name, shape(field.schema)]),
  }
}
