import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { Decimal } from '../../base/decimal.ts'
import { isScamanderError } from '../../base/scamander-error.ts'
import type { CqlType } from '../type/cql-type.ts'
import type { CqlValue } from '../type/cql-value.ts'
import { PRIMITIVES } from '../type/primitive-kinds.ts'
import { parseCqlType } from '../type/type-text.ts'
import { readCell, writeCell } from './codec.ts'
import { codecFor } from './codec-for.ts'

const person: CqlType = {
  kind: 'udt',
  keyspace: 'k',
  name: 'person',
  fields: [
    { name: 'name', type: { kind: 'text' } },
    { name: 'age', type: { kind: 'int' } },
  ],
  frozen: false,
}
const typeOf = (text: string) => parseCqlType(text, () => person)
const blob = (hex: string) => Buffer.from(hex, 'hex')
const decimal = (text: string) => Decimal.parse(text)!
const duration = (months: number, days: number, nanoseconds: bigint) => ({
  months,
  days,
  nanoseconds,
})

/** type, value, cell bytes */
const VALUES: [string, CqlValue, string][] = [
  ['tinyint', 0, '00'],
  ['tinyint', 127, '7f'],
  ['tinyint', -128, '80'],
  ['smallint', 0, '0000'],
  ['smallint', 32_767, '7fff'],
  ['smallint', -32_768, '8000'],
  ['int', 0, '00000000'],
  ['int', 1, '00000001'],
  ['int', -1, 'ffffffff'],
  ['int', 2_147_483_647, '7fffffff'],
  ['int', -2_147_483_648, '80000000'],
  ['bigint', 0n, '0000000000000000'],
  ['bigint', -1n, 'ffffffffffffffff'],
  ['bigint', 2n ** 63n - 1n, '7fffffffffffffff'],
  ['bigint', -(2n ** 63n), '8000000000000000'],
  ['counter', 5n, '0000000000000005'],
  ['timestamp', 0n, '0000000000000000'],
  ['timestamp', -1n, 'ffffffffffffffff'],
  ['timestamp', 1_700_000_000_000n, '0000018bcfe56800'],
  ['time', 0n, '0000000000000000'],
  ['time', 86_399_999_999_999n, '00004e94914effff'],
  ['date', 0, '80000000'],
  ['date', 1, '80000001'],
  ['date', -1, '7fffffff'],
  ['date', 2_147_483_647, 'ffffffff'],
  ['date', -2_147_483_648, '00000000'],
  ['float', 0, '00000000'],
  ['float', -0, '80000000'],
  ['float', 1.5, '3fc00000'],
  ['float', Number.NaN, '7fc00000'],
  ['float', -Infinity, 'ff800000'],
  ['double', 1.1, '3ff199999999999a'],
  ['double', -Number.MAX_VALUE, 'ffefffffffffffff'],
  ['double', Number.NaN, '7ff8000000000000'],
  ['boolean', false, '00'],
  ['boolean', true, '01'],
  ['text', '', ''],
  ['text', 'é😀', 'c3a9f09f9880'],
  ['ascii', 'a~', '617e'],
  ['blob', blob(''), ''],
  ['blob', blob('00ff'), '00ff'],
  ["'com.example.Own'", blob('0102'), '0102'],
  ['uuid', '00112233-4455-6677-8899-aabbccddeeff', '00112233445566778899aabbccddeeff'],
  ['timeuuid', '50554d6e-29bb-11e5-b345-feff819cdc9f', '50554d6e29bb11e5b345feff819cdc9f'],
  ['inet', '127.0.0.1', '7f000001'],
  ['inet', '2001:db8::ff00:42:8329', '20010db8000000000000ff0000428329'],
  ['varint', 0n, '00'],
  ['varint', 127n, '7f'],
  ['varint', 128n, '0080'],
  ['varint', -1n, 'ff'],
  ['varint', -128n, '80'],
  ['varint', -129n, 'ff7f'],
  ['varint', 2n ** 63n - 1n, '7fffffffffffffff'],
  ['varint', 2n ** 63n, '008000000000000000'],
  ['varint', -(2n ** 63n), '8000000000000000'],
  ['varint', -(2n ** 63n) - 1n, 'ff7fffffffffffffff'],
  ['varint', 2n ** 71n, '008000000000000000' + '00'],
  ['decimal', decimal('0'), '0000000000'],
  ['decimal', decimal('-1.23'), '0000000285'],
  ['decimal', decimal('1e10'), 'fffffff601'],
  ['duration', duration(0, 0, 0n), '000000'],
  ['duration', duration(1, 2, 3n), '020406'],
  ['duration', duration(-1, -2, -64n), '01037f'],
  ['duration', duration(2_147_483_647, 0, 2n ** 63n - 1n), 'f0fffffffe00fffffffffffffffffe'],
  ['list<int>', [], '00000000'],
  ['list<int>', [1, -1], '000000020000000400000001' + '00000004ffffffff'],
  ['set<text>', ['a', ''], '00000002' + '0000000161' + '00000000'],
  ['map<text, int>', [], '00000000'],
  ['map<text, int>', [['a', 1]], '00000001' + '0000000161' + '0000000400000001'],
  [
    'list<frozen<list<tinyint>>>',
    [[1], []],
    '00000002' + '00000009' + '000000010000000101' + '00000004' + '00000000',
  ],
  ['tuple<int, text>', [1, null], '0000000400000001' + 'ffffffff'],
  ['tuple<int, text>', [null, ''], 'ffffffff' + '00000000'],
  ['person', ['x', 7], '0000000178' + '0000000400000007'],
  ['frozen<person>', [null, null], 'ffffffffffffffff'],
  ['vector<float, 2>', [1.5, -1.5], '3fc00000bfc00000'],
  ['vector<smallint, 2>', [1, 2], '020001020002'],
  ['vector<text, 2>', ['a', ''], '016100'],
  ['vector<text, 1>', ['x'.repeat(200)], `80c8${'78'.repeat(200)}`],
  ['vector<vector<int, 1>, 2>', [[1], [2]], '0000000100000002'],
  ['vector<frozen<list<tinyint>>, 1>', [[1]], '09000000010000000101'],
]

describe('values', () => {
  it.each(VALUES)('%s #%#', (text, value, hex) => {
    const codec = codecFor(typeOf(text))
    const writer = new ByteWriter(64)
    writer.writeUInt8(0xee)
    codec.encode(value, writer)
    expect(writer.view().subarray(1).toString('hex')).toBe(hex)
    const bytes = Buffer.from(`ee${hex}ee`, 'hex')
    expect(codec.decode(bytes, 1, hex.length / 2)).toEqual(value)
  })

  it.each(PRIMITIVES.map(p => p.kind))('a null %s is a length of -1', kind => {
    const codec = codecFor({ kind })
    const writer = new ByteWriter(64)
    writeCell(codec, null, writer)
    expect(writer.view().toString('hex')).toBe('ffffffff')
    expect(readCell(codec, writer.view(), { start: 4, length: -1 })).toBeNull()
  })

  it('writes the length of a cell before it', () => {
    const writer = new ByteWriter(64)
    writeCell(codecFor({ kind: 'text' }), 'abc', writer)
    expect(writer.view().toString('hex')).toBe('00000003616263')
  })

  it('fills missing fields of tuples and types with null, both ways', () => {
    const codec = codecFor(person)
    const writer = new ByteWriter(64)
    codec.encode(['x'], writer)
    expect(writer.view().toString('hex')).toBe('0000000178ffffffff')
    expect(codec.decode(blob('0000000178'), 0, 5)).toEqual(['x', null])
    expect(codec.decode(blob(''), 0, 0)).toEqual([null, null])
  })

  it('decodes a null inside a collection', () => {
    expect(codecFor(typeOf('list<int>')).decode(blob('00000001ffffffff'), 0, 8)).toEqual([null])
  })

  it.each([
    'int',
    'bigint',
    'float',
    'uuid',
    'inet',
    'varint',
    'decimal',
    'duration',
    'list<int>',
    'map<int, int>',
    'vector<int, 2>',
  ])('an empty %s is null', text => {
    expect(codecFor(typeOf(text)).decode(blob(''), 0, 0)).toBeNull()
  })
})

/** type, values of a wrong type or outside the range */
const WRONG: [string, CqlValue[]][] = [
  ['tinyint', ['1', 128, -129, 1.5, Number.NaN, 1n, true]],
  ['smallint', ['1', 32_768, -32_769]],
  ['int', ['1', 2 ** 31, -(2 ** 31) - 1, 0.1, Infinity, 1n]],
  ['bigint', [1, '1', 2n ** 63n, -(2n ** 63n) - 1n]],
  ['counter', [1]],
  ['timestamp', [1, '2020-01-01']],
  ['time', [-1n, 86_400_000_000_000n, 1]],
  ['date', [2 ** 31, '2020-01-01', 1n]],
  ['float', ['1', 1n]],
  ['double', ['1', true]],
  ['boolean', [1, 'true']],
  ['text', [1, Buffer.alloc(1)]],
  ['ascii', ['é', 1]],
  ['blob', ['00', 1]],
  ['uuid', ['x', 1]],
  ['timeuuid', ['00112233-4455-4677-8899-aabbccddeeff', 'x', 1]],
  ['inet', ['localhost', '1.2.3', 1]],
  ['varint', [1, '1']],
  ['decimal', [1, '1', new Decimal(1n, 2 ** 31)]],
  ['duration', ['1d', duration(1, -1, 0n), duration(2 ** 31, 0, 0n), duration(0, 0, 2n ** 63n)]],
  ['list<int>', [1, [null], ['1'], [[1]]]],
  ['map<int, int>', [1, [1], [[1]], [[1, null]], [[null, 1]]]],
  ['tuple<int, int>', [1, [1, 2, 3], ['1']]],
  ['person', [[1], ['x', 1, 1], 'x']],
  ['vector<int, 2>', [[1], [1, 2, 3], [1, null], 1]],
  ['vector<text, 1>', [[1], [null], [null, null]]],
  ["'com.example.Own'", ['x']],
]

describe('wrong values', () => {
  const flat = WRONG.flatMap(([text, values]) => values.map((v, i) => ({ text, i, value: v })))

  it.each(flat)('$text refuses #$i', ({ text, value }) => {
    const encode = () => codecFor(typeOf(text)).encode(value, new ByteWriter(64))
    let thrown: unknown
    try {
      encode()
    } catch (error) {
      thrown = error
    }
    expect(isScamanderError(thrown, 'data') && thrown.code).toBe('SCM_CQL_VALUE')
    expect((thrown as Error).message).toMatch(/^\S.*: /)
  })

  it('never tells the value', () => {
    const secret = 'secret-1234'
    for (const text of ['int', 'inet', 'uuid', 'list<int>', 'blob']) {
      const encode = () => codecFor(typeOf(text)).encode(secret, new ByteWriter(64))
      expect(encode).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('1234') }),
      )
    }
  })
})

describe('wrong cells', () => {
  it.each([
    ['tinyint', '0000'],
    ['smallint', '00'],
    ['int', '000000'],
    ['bigint', '00'],
    ['time', '00'],
    ['date', '00'],
    ['float', '00'],
    ['double', '00000000'],
    ['boolean', '0000'],
    ['uuid', '00'],
    ['timeuuid', '00'],
    ['inet', '000000'],
    ['decimal', '00000000'],
    ['duration', '0000'],
    ['duration', '00000000'],
    ['list<int>', '0000'],
    ['list<int>', 'ffffffff'],
    ['list<int>', '7fffffff'],
    ['list<int>', '0000000100000008'],
    ['list<int>', '00000000ff'],
    ['map<int, int>', '0000000100000000'],
    ['map<int, int>', '00000000ff'],
    ['tuple<int, int>', '000000'],
    ['tuple<int>', '0000000400000001ff'],
    ['vector<int, 2>', '00000001'],
    ['vector<text, 2>', '0161'],
    ['vector<text, 1>', '016161'],
    ['vector<text, 1>', '0561'],
    ['vector<text, 1>', 'ffffffffffffffffff'],
  ])('%s refuses %s', (text, hex) => {
    const decode = () => codecFor(typeOf(text)).decode(blob(hex), 0, hex.length / 2)
    expect(decode).toThrow(expect.objectContaining({ code: 'SCM_CQL_CELL', kind: 'data' }))
  })
})
