import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../base/byte-writer.ts'
import { Decimal } from '../base/decimal.ts'
import { type CqlType, type CqlValue, codecFor, parseCqlType } from '../cql/index.ts'
import { cellsEqual, type Tolerances } from './compare-values.ts'

const TOLERANCES: Tolerances = { float: 0.01, timestampMs: 5 }
const decimal = (text: string) => Decimal.parse(text)!

function cell(type: CqlType, value: CqlValue) {
  if (value === null) return { bytes: Buffer.alloc(0), start: 0, length: -1 }
  const writer = new ByteWriter()
  writer.writeInt32(7)
  codecFor(type).encode(value, writer)
  return { bytes: writer.bytes, start: 4, length: writer.position - 4 }
}

describe('cellsEqual', () => {
  it.each<[string, CqlValue, CqlValue, boolean]>([
    ['int', 1, 1, true],
    ['int', 1, 2, false],
    ['int', null, null, true],
    ['int', 1, null, false],
    ['text', 'a', 'a ', false],
    ['text', 'é', 'e\u0301', false],
    ['text', '', null, false],
    ['double', 1, 1.01, true],
    ['double', 1, 1.02, false],
    ['double', Number.NaN, Number.NaN, true],
    ['double', Number.NaN, 0, false],
    ['double', 0, -0, true],
    ['double', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true],
    ['decimal', decimal('1.50'), decimal('1.5'), true],
    ['decimal', decimal('1.50'), decimal('1.51'), true],
    ['decimal', decimal('1.50'), decimal('1.5101'), false],
    ['decimal', decimal('1E+900'), decimal('1'), false],
    ['timestamp', 1000n, 1005n, true],
    ['timestamp', 1000n, 1006n, false],
    ['varint', 2n ** 70n, 2n ** 70n, true],
    ['list<int>', [1, 2], [2, 1], false],
    ['frozen<list<int>>', [], null, true],
    ['set<double>', [1, 2], [1.005, 2], true],
    ['set<text>', ['a', 'b'], ['b', 'a'], true],
    ['set<text>', ['a', 'a'], ['a', 'b'], false],
    [
      'map<text,double>',
      [
        ['a', 1],
        ['b', 2],
      ],
      [
        ['b', 2.001],
        ['a', 1],
      ],
      true,
    ],
    ['map<text,double>', [['a', 1]], [['b', 1]], false],
    ['tuple<int,text>', [1], [1, null], true],
    ['tuple<int,text>', [1, 'a'], [1, null], false],
    ['vector<float,2>', [1, 2], [1.001, 2], true],
    [
      'duration',
      { months: 1, days: 2, nanoseconds: 3n },
      { months: 1, days: 2, nanoseconds: 4n },
      false,
    ],
  ])('%# %s', (text, a, b, expected) => {
    const type = parseCqlType(text)
    const equal = cellsEqual(type, TOLERANCES)
    expect(equal(cell(type, a), cell(type, b))).toBe(expected)
    expect(equal(cell(type, b), cell(type, a))).toBe(expected)
  })

  it('without tolerance only zero of both signs and scales mean the same', () => {
    const type = parseCqlType('double')
    const equal = cellsEqual(type, { float: 0, timestampMs: 0 })
    expect(equal(cell(type, 0), cell(type, -0))).toBe(true)
    expect(equal(cell(type, 1), cell(type, 1.0000000001))).toBe(false)
  })
})
