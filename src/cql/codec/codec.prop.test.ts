import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { Decimal } from '../../base/decimal.ts'
import { formatInet } from '../primitive/inet-address.ts'
import type { CqlType, PrimitiveKind } from '../type/cql-type.ts'
import type { CqlValue } from '../type/cql-value.ts'
import { parseMarshalClass, toMarshalClass } from '../type/marshal-class.ts'
import { isSameEncoding } from '../type/type-shape.ts'
import { formatCqlType, parseCqlType } from '../type/type-text.ts'
import { readCell, writeCell } from './codec.ts'
import { codecFor } from './codec-for.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const big = fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n })
const bytes = fc.uint8Array({ maxLength: 300 }).map(b => Buffer.from(b))
const positive = { max: 2 ** 31 - 1 }

const durations = fc
  .tuple(
    fc.nat(positive),
    fc.nat(positive),
    fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    fc.boolean(),
  )
  .map(([months, days, nanoseconds, negative]) =>
    negative
      ? { months: 0 - months, days: 0 - days, nanoseconds: -nanoseconds }
      : { months, days, nanoseconds },
  )

/** No values that compare unequal after a correct round trip: -0 is turned into 0 for integers. */
const VALUES: Readonly<Record<PrimitiveKind, fc.Arbitrary<CqlValue>>> = {
  ascii: fc.string({ unit: 'binary-ascii' }),
  bigint: int64,
  blob: bytes,
  boolean: fc.boolean(),
  counter: int64,
  date: int32,
  decimal: fc.tuple(big, int32).map(([unscaled, scale]) => new Decimal(unscaled, scale)),
  double: fc.double(),
  duration: durations,
  float: fc.float(),
  inet: fc
    .oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    )
    .map(b => formatInet(b, 0, b.length)),
  int: int32,
  smallint: fc.integer({ min: -32_768, max: 32_767 }),
  text: fc.string({ unit: 'grapheme', maxLength: 200 }),
  time: fc.bigInt({ min: 0n, max: 86_399_999_999_999n }),
  timestamp: int64,
  timeuuid: fc.uuid({ version: 1 }),
  tinyint: fc.integer({ min: -128, max: 127 }),
  uuid: fc.uuid(),
  varint: big,
}

const primitive: fc.Arbitrary<CqlType> = fc
  .constantFrom(...(Object.keys(VALUES) as PrimitiveKind[]))
  .map(kind => ({ kind }))

/** Types as the server accepts them: everything nested is frozen. */
const types: fc.Arbitrary<CqlType> = fc.letrec<{ type: CqlType }>(tie => {
  const inner = tie('type')
  const frozen = fc.constant(true)
  return {
    type: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      primitive,
      fc.record({ kind: fc.constantFrom('list' as const, 'set' as const), element: inner, frozen }),
      fc.record({ kind: fc.constant('map' as const), key: inner, value: inner, frozen }),
      fc.record({
        kind: fc.constant('tuple' as const),
        elements: fc.array(inner, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant('vector' as const),
        element: inner,
        dimension: fc.integer({ min: 1, max: 4 }),
      }),
    ),
  }
}).type

function valuesOf(type: CqlType): fc.Arbitrary<CqlValue> {
  switch (type.kind) {
    case 'list':
    case 'set':
      return fc.array(valuesOf(type.element), { maxLength: 4 })
    case 'map':
      return fc.array(fc.tuple(valuesOf(type.key), valuesOf(type.value)), { maxLength: 4 })
    case 'tuple':
      return fc.tuple(...type.elements.map(e => fc.option(valuesOf(e))))
    case 'vector': {
      const length = { minLength: type.dimension, maxLength: type.dimension }
      return fc.array(valuesOf(type.element), length)
    }
    case 'udt':
    case 'custom':
      return bytes
    default:
      return VALUES[type.kind]
  }
}

const typed = types.chain(type => valuesOf(type).map(value => ({ type, value })))

describe('random types and values', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        const codec = codecFor(type)
        const writer = new ByteWriter(64)
        writer.writeInt32(-1)
        writeCell(codec, value, writer)
        const length = writer.position - 8
        expect(writer.bytes.readInt32BE(4)).toBe(length)
        expect(readCell(codec, writer.view(), { start: 8, length })).toEqual(value)
      }),
      { numRuns: 300 },
    )
  })

  it('types survive their text and their marshal class', () => {
    fc.assert(
      fc.property(types, type => {
        expect(parseCqlType(formatCqlType(type))).toEqual(type)
        expect(isSameEncoding(parseMarshalClass(toMarshalClass(type)), type)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('random bytes either decode or are refused as data', () => {
    fc.assert(
      fc.property(types, bytes, (type, cell) => {
        try {
          codecFor(type).decode(cell, 0, cell.length)
        } catch (error) {
          expect(error).toMatchObject({ code: 'SCM_CQL_CELL' })
        }
      }),
      { numRuns: 300 },
    )
  })
})
