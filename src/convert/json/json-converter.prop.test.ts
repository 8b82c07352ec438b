/**
 * Properties of the JSON converter: random values of random schemas survive the round trip with
 * and without the envelope's schema cache, and damaged messages give data errors only.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../base/decimal.ts'
import { isScamanderError } from '../../base/scamander-error.ts'
import { sourceOf } from '../../config/index.ts'
import {
  LOGICAL,
  Schema,
  type SchemaType,
  Struct,
  structSchema,
  type Value,
} from '../../flow/index.ts'
import { JsonConverter } from './json-converter.ts'

interface Typed {
  readonly schema: Schema
  readonly value: fc.Arbitrary<Value>
}

const text = fc.string({ unit: 'grapheme', maxLength: 8 }).map(value => value.toWellFormed())
const plain = (type: SchemaType, value: fc.Arbitrary<Value>): Typed => ({
  schema: new Schema(type, { optional: true }),
  value: fc.option(value),
})

const SCALARS: readonly Typed[] = [
  plain('int8', fc.integer({ min: -128, max: 127 })),
  plain('int32', fc.integer()),
  plain('int64', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  plain('float32', fc.float({ noNaN: true, noDefaultInfinity: true })),
  plain('float64', fc.double({ noNaN: true, noDefaultInfinity: true })),
  plain('boolean', fc.boolean()),
  plain('string', text),
  plain(
    'bytes',
    fc.uint8Array({ maxLength: 9 }).map(bytes => Buffer.from(bytes)),
  ),
  {
    schema: new Schema('bytes', { name: LOGICAL.DECIMAL, version: 1, parameters: { scale: '3' } }),
    value: fc.bigInt().map(unscaled => new Decimal(unscaled, 3)),
  },
]

function typed(depth: number): fc.Arbitrary<Typed> {
  const scalar = fc.constantFrom(...SCALARS)
  if (depth === 0) return scalar
  const inner = typed(depth - 1)
  return fc.oneof(
    scalar,
    inner.map(values => ({
      schema: new Schema('array', { values: values.schema }),
      value: fc.array(values.value, { maxLength: 4 }),
    })),
    inner.map(values => ({
      schema: new Schema('map', { keys: new Schema('string'), values: values.schema }),
      value: fc.array(fc.tuple(text, values.value), { maxLength: 4 }).map(pairs => new Map(pairs)),
    })),
    inner.map(values => ({
      schema: new Schema('map', { keys: new Schema('int32'), values: values.schema }),
      value: fc
        .array(fc.tuple(fc.integer(), values.value), { maxLength: 4 })
        .map(pairs => new Map<Value, Value>(pairs)),
    })),
    fc
      .uniqueArray(fc.tuple(text, inner), { maxLength: 4, selector: ([name]) => name })
      .map(fields => {
        const schema = structSchema(fields.map(([name, field]) => [name, field.schema]))
        const values = fc.tuple(...fields.map(([, field]) => field.value))
        return { schema, value: values.map(list => new Struct(schema, list)) }
      }),
  )
}

const sample = typed(3).chain(({ schema, value }) => value.map(one => ({ schema, value: one })))
const converter = JsonConverter.fromConfig(sourceOf({ 'schemas.cache.size': '4' }))

/** Values without the identity of their schemas. */
function shape(value: Value): unknown {
  if (value instanceof Struct) return { struct: value.values.map(shape) }
  if (value instanceof Map) return { map: [...value].map(([k, v]) => [shape(k), shape(v)]) }
  return Array.isArray(value) ? value.map(shape) : value
}

describe('JsonConverter', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(sample, ({ schema, value }) => {
        const bytes = converter.encode('t', schema, value)!
        JSON.parse(bytes.toString())
        const read = converter.decode('t', bytes, 0, bytes.length)
        expect(shape(read.value)).toEqual(shape(value))
        expect(converter.encode('t', read.schema, read.value)).toEqual(bytes)
      }),
      { numRuns: 200 },
    )
  })

  it('answers damage with data errors only', () => {
    fc.assert(
      fc.property(
        sample,
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        ({ schema, value }, at, byte) => {
          const bytes = converter.encode('t', schema, value)!
          bytes[at % bytes.length] = byte
          try {
            const read = converter.decode('t', bytes, 0, bytes.length)
            expect(read.schema).toBeInstanceOf(Schema)
          } catch (error) {
            expect(isScamanderError(error, 'data')).toBe(true)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
