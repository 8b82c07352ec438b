import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { Decimal } from '../../base/decimal.ts'
import { type CqlType, type CqlValue, codecFor, parseCqlType } from '../../cql/index.ts'
import type { Value } from '../../flow/index.ts'
import { cellReaderFor, rescale } from './cell-reader.ts'

function read(type: CqlType, value: CqlValue, collectionsAsJson = true): Value {
  const writer = new ByteWriter(64)
  codecFor(type).encode(value, writer)
  const bytes = Buffer.from(writer.view())
  return cellReaderFor(type, { collectionsAsJson }).read(bytes, 0, bytes.length)
}

const type = (text: string) => parseCqlType(text, () => undefined)

describe('cells as Connect values', () => {
  it.each<[string, CqlValue, string, Value]>([
    ['text', 'ü', 'string', 'ü'],
    ['ascii', 'a', 'string', 'a'],
    [
      'uuid',
      '50554d6e-29bb-41e5-b345-feff819cdc9f',
      'string',
      '50554d6e-29bb-41e5-b345-feff819cdc9f',
    ],
    ['inet', '10.0.0.1', 'string', '10.0.0.1'],
    ['inet', '::1', 'string', '0:0:0:0:0:0:0:1'],
    ['boolean', false, 'boolean', false],
    ['tinyint', -128, 'int8', -128],
    ['smallint', -32768, 'int16', -32768],
    ['int', -(2 ** 31), 'int32', -(2 ** 31)],
    ['bigint', -(2n ** 63n), 'int64', -(2n ** 63n)],
    ['counter', 5n, 'int64', 5n],
    ['varint', 2n ** 63n - 1n, 'int64', 2n ** 63n - 1n],
    ['float', 0.5, 'float32', 0.5],
    ['double', -1e300, 'float64', -1e300],
    ['date', 18_321, 'int32', 18_321],
    ['timestamp', -1n, 'int64', -1n],
    ['time', 86_399_999_999_999n, 'int64', 86_399_999_999_999n],
    ['blob', Buffer.from([1]), 'bytes', Buffer.from([1])],
    ['duration', { months: 14, days: 3, nanoseconds: 4n }, 'string', '1y2mo3d4ns'],
    ['list<int>', [1, 2], 'string', '[1,2]'],
    ['map<text, int>', [['a', 1]], 'string', '{"a":1}'],
    ['tuple<int, text>', [1, null], 'string', '[1,null]'],
    ['vector<float, 2>', [0.5, 1], 'string', '[0.5,1]'],
  ])('%s', (text, value, schema, expected) => {
    const reader = cellReaderFor(type(text), { collectionsAsJson: true })
    expect([reader.schema.type, reader.schema.optional]).toEqual([schema, true])
    expect(read(type(text), value)).toEqual(expected)
  })

  it('has arrays and maps when collections are not JSON', () => {
    expect(read(type('set<bigint>'), [1n, 2n], false)).toEqual([1n, 2n])
    const nested = type('map<uuid, frozen<list<varint>>>')
    const key = '50554d6e-29bb-41e5-b345-feff819cdc9f'
    expect(read(nested, [[key, [7n]]], false)).toEqual(new Map([[key, [7n]]]))
    const { schema } = cellReaderFor(nested, { collectionsAsJson: false })
    expect([schema.type, schema.keys?.type, schema.values?.values?.type]).toEqual([
      'map',
      'string',
      'int64',
    ])
  })

  it('refuses a varint beyond 64 bits without showing it', () => {
    expect(() => read(type('varint'), 2n ** 63n)).toThrow(
      'expected a varint of at most 64 bits, found a larger one',
    )
  })

  it.each<[string, string]>([
    ['1.5', '1.500000000000000000'],
    ['0.0000000000000000005', '0.000000000000000001'],
    ['0.0000000000000000004', '0.000000000000000000'],
    ['-0.0000000000000000005', '-0.000000000000000001'],
    ['1e3', '1000.000000000000000000'],
    ['1e-400', '0.000000000000000000'],
  ])('rounds the decimal %s half up to scale 18', (text, expected) => {
    const found = rescale(Decimal.parse(text)!, 18)
    expect(found.scale).toBe(18)
    expect(plain(found)).toBe(expected)
  })

  it('is off by half a unit at most', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: -20, max: 60 }), (unscaled, scale) => {
        const found = rescale(new Decimal(unscaled, scale), 18)
        const shift = 10n ** BigInt(Math.abs(scale - 18))
        const difference =
          scale <= 18 ? found.unscaled - unscaled * shift : found.unscaled * shift - unscaled
        const doubled = difference < 0n ? -2n * difference : 2n * difference
        expect(doubled <= (scale <= 18 ? 0n : shift)).toBe(true)
      }),
    )
  })
})

function plain({ unscaled, scale }: Decimal): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
