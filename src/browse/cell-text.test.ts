import { describe, expect, it } from 'vitest'
import { Decimal } from '../base/decimal.ts'
import { type CqlType, type CqlValue, codecFor, parseCqlType } from '../cql/index.ts'
import { toCell } from './cell-text.ts'
import { toKeyValue } from './key-value.ts'

const type = (text: string): CqlType => parseCqlType(text, () => undefined)

describe('cells', () => {
  it.each<[string, CqlValue, string | null]>([
    ['text', null, null],
    ['text', '', ''],
    ['text', "it's", "it's"],
    ['bigint', 9223372036854775807n, '9223372036854775807'],
    ['varint', 123456789012345678901234567890n, '123456789012345678901234567890'],
    ['decimal', new Decimal(110n, 2), '1.10'],
    ['double', -0, '-0'],
    ['boolean', true, 'true'],
    ['blob', Buffer.from([10, 27]), '0x0a1b'],
    ['date', 20_000, '2024-10-04'],
    ['date', -2_147_483_648, '-2147483648 days'],
    ['time', 3_723_000_000_004n, '01:02:03.000000004'],
    ['timestamp', 1n, '1970-01-01 00:00:00.001Z'],
    ['timestamp', 9_223_372_036_854_775_807n, '9223372036854775807 ms'],
    ['duration', { months: 14, days: 3, nanoseconds: 3_661_000_000_001n }, '14mo3d1h1m1s1ns'],
    ['duration', { months: 0, days: 0, nanoseconds: 0n }, '0s'],
    ['duration', { months: -1, days: 0, nanoseconds: -1_000_000n }, '-1mo1ms'],
    ['list<text>', ['a', "b'c"], "['a', 'b''c']"],
    ['set<timestamp>', [0n], "{'1970-01-01 00:00:00.000Z'}"],
    ['map<text, bigint>', [['k', 1n]] as unknown as CqlValue, "{'k': 1}"],
    ['frozen<tuple<int, text>>', [1, null], '(1, null)'],
  ])('of %s', (cql, value, text) => {
    expect(toCell(value, type(cql), 100)).toBe(text)
  })

  it('are cut at a character and tell their size', () => {
    expect(toCell('ab😀', type('text'), 3)).toEqual({ text: 'ab', bytes: 6 })
    const blob = Buffer.alloc(1_000, 1)
    expect(toCell(blob, type('blob'), 6)).toEqual({ text: '0x0101', bytes: 1_000 })
  })
})

describe('keys', () => {
  it.each<[string, string]>([
    ['bigint', '-9223372036854775808'],
    ['varint', '123456789012345678901234567890'],
    ['decimal', '1.10'],
    ['timestamp', '2026-03-01 10:00:00.123Z'],
    ['date', '2026-03-01'],
    ['time', '14:02:31.204000000'],
    ['uuid', '00000000-0000-0000-0000-000000000001'],
    ['blob', '0x0a1b'],
    ['inet', '127.0.0.1'],
    ['boolean', 'true'],
    ['text', ''],
  ])('of %s read back what cells show', (cql, text) => {
    const value = toKeyValue(text, type(cql), 'k')
    expect(codecFor(type(cql))).toBeDefined()
    expect(toCell(value, type(cql), 100)).toBe(text)
  })

  it.each([
    ['int', '2147483648'],
    ['int', '1.5'],
    ['timestamp', 'soon'],
    ['uuid', 'x'],
    ['blob', '0x0'],
    ['date', '2026-02-31x'],
    ['time', '24:00'],
    ['boolean', 'yes'],
    ['list<int>', '[1]'],
  ])('of %s refuse %s with the form that is expected', (cql, text) => {
    expect(() => toKeyValue(text, type(cql), 'k')).toThrow(`key k: expected ${cql}`)
  })
})
