/** CQL values as JSON text: exact, and as the server's toJson where it is. */
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../base/decimal.ts'
import { type CqlValue, parseCqlType } from '../../cql/index.ts'
import { toJsonInteger, toJsonValue } from './cql-json.ts'

const cases: [type: string, value: CqlValue, text: string][] = [
  ['text', 'a"b', '"a\\"b"'],
  ['int', -1, '-1'],
  ['bigint', 2n ** 53n - 1n, '9007199254740991'],
  ['bigint', 2n ** 53n, '"9007199254740992"'],
  ['varint', -(10n ** 20n), '"-100000000000000000000"'],
  ['float', Math.fround(0.1), '0.1'],
  ['double', 1e300, '1e+300'],
  ['double', -0, '-0.0'],
  ['double', Number.NaN, '"NaN"'],
  ['float', Number.NEGATIVE_INFINITY, '"-Infinity"'],
  ['decimal', new Decimal(-15n, 1), '"-1.5"'],
  ['decimal', new Decimal(1n, -3), '"1E+3"'],
  ['boolean', true, 'true'],
  ['blob', Buffer.from('00ff', 'hex'), '"0x00ff"'],
  ['blob', Buffer.alloc(0), '"0x"'],
  ['inet', '127.0.0.1', '"127.0.0.1"'],
  ['inet', '::1', '"0:0:0:0:0:0:0:1"'],
  ['inet', '2001:db8::a', '"2001:db8:0:0:0:0:0:a"'],
  ['inet', '::ffff:10.0.0.1', '"10.0.0.1"'],
  ['timestamp', 1_700_000_000_000n, '"2023-11-14 22:13:20.000Z"'],
  ['timestamp', -1n, '"1969-12-31 23:59:59.999Z"'],
  ['date', 0, '"1970-01-01"'],
  ['date', -1, '"1969-12-31"'],
  ['time', 86_399_999_999_999n, '"23:59:59.999999999"'],
  [
    'duration',
    { months: 14, days: 3, nanoseconds: 14_706_007_008_009n },
    '"1y2mo3d4h5m6s7ms8us9ns"',
  ],
  ['duration', { months: 0, days: -1, nanoseconds: 0n }, '"-1d"'],
  ['duration', { months: 0, days: 0, nanoseconds: 0n }, '""'],
  ['list<int>', [1, 2], '[1,2]'],
  ['map<text, int>', [['k', 1]], '{"k":1}'],
  ['map<int, boolean>', [[7, true]], '{"7":true}'],
  ['map<frozen<list<int>>, int>', [[[1, 2], 3]], '{"[1, 2]":3}'],
  ['tuple<int, text, int>', [1, 'x'], '[1,"x",null]'],
  ['vector<float, 2>', [1, 2], '[1,2]'],
]

describe('toJsonValue', () => {
  it.each(cases)('%s %s', (type, value, text) => {
    expect(JSON.stringify(toJsonValue(parseCqlType(type), value))).toBe(text)
  })

  it('shows zero bytes of types without an empty value as an empty text', () => {
    expect(toJsonValue({ kind: 'int' }, null, true)).toBe('')
    expect(toJsonValue({ kind: 'text' }, '', true)).toBe('')
    expect(toJsonValue({ kind: 'blob' }, Buffer.alloc(0), true)).toBe('0x')
  })

  it('shows all fields of a user-defined type', () => {
    const udt = {
      ...({ kind: 'udt', keyspace: 'k', name: 'u', frozen: true } as const),
      fields: [
        { name: 'A', type: { kind: 'int' } as const },
        { name: 'b', type: { kind: 'text' } as const },
      ],
    }
    expect(toJsonValue(udt, [1])).toEqual({ A: 1, b: null })
  })
})

it('keeps integers exact', () => {
  expect(toJsonInteger(-(2n ** 63n))).toBe('-9223372036854775808')
  expect(toJsonInteger(5)).toBe(5)
})
