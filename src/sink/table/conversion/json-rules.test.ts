import { describe, expect, it } from 'vitest'
import { Decimal } from '../../../base/decimal.ts'
import { parseJson } from '../../../base/json/parse-json.ts'
import { type CqlValue, parseCqlType } from '../../../cql/index.ts'
import { ConversionFailure } from './conversion-failure.ts'
import { compileJsonRules } from './json-rules.ts'

const pair = parseCqlType('text', () => undefined)
const UDT = {
  kind: 'udt',
  keyspace: 'k',
  name: 'pair',
  frozen: true,
  fields: [
    { name: 'a', type: parseCqlType('int', () => undefined) },
    { name: 'B', type: pair },
  ],
} as const

function convert(type: string, json: string): CqlValue | string {
  const cql = type === 'pair' ? UDT : parseCqlType(type, () => undefined)
  try {
    return compileJsonRules(cql)!(parseJson(Buffer.from(json)))
  } catch (error) {
    if (!(error instanceof ConversionFailure)) throw error
    return error.reason
  }
}

const UUID = '50554d6e-29bb-11e5-b345-feff819cdc9f'
const UUID_4 = 'b0ab3a2f-9d5c-4a35-8e4a-2b6f0a7a1c11'

describe('JSON rules (section 10.3)', () => {
  it.each<[string, string, CqlValue]>([
    ['int', 'null', null],
    ['text', '""', ''],
    ['text', '"é"', 'é'],
    ['ascii', '"a"', 'a'],
    ['tinyint', '-128', -128],
    ['smallint', '"32767"', 32767],
    ['int', '"-2147483648"', -2147483648],
    ['bigint', '9223372036854775807', 9223372036854775807n],
    ['varint', '"123456789012345678901234567890"', 123456789012345678901234567890n],
    ['float', '0.1', Math.fround(0.1)],
    ['float', '"NaN"', Number.NaN],
    ['double', '1e300', 1e300],
    ['double', '"-Infinity"', Number.NEGATIVE_INFINITY],
    ['decimal', '1.50', new Decimal(150n, 2)],
    ['boolean', 'true', true],
    ['boolean', '"FALSE"', false],
    ['blob', '"0x00FF"', Buffer.from([0, 255])],
    ['blob', '"0x"', Buffer.alloc(0)],
    ['date', '"1970-01-02"', 1],
    ['date', '"1969-12-31"', -1],
    ['time', '"00:00:01.5"', 1_500_000_000n],
    ['time', '"0:0:1"', 1_000_000_000n],
    ['time', '"5"', 5n],
    ['date', '"2147483653"', 5],
    ['timestamp', '"-5"', -5n],
    ['timestamp', '1551398400000', 1551398400000n],
    ['timestamp', '"1551398400000"', 1551398400000n],
    ['timestamp', '"2019-03-01 00:00:00Z"', 1551398400000n],
    ['uuid', `"${UUID_4}"`, UUID_4],
    ['timeuuid', `"${UUID}"`, UUID],
    ['inet', '"::1"', '::1'],
    ['duration', '"-1mo2d"', { months: -1, days: -2, nanoseconds: 0n }],
    ['list<int>', '[1,"2"]', [1, 2]],
    ['set<text>', '"[\\"a\\"]"', ['a']],
    ['list<int>', '[]', []],
    ['map<int, boolean>', '{"1":true}', [[1, true]]],
    ['tuple<int, text>', '[1,null]', [1, null]],
    ['vector<float, 2>', '[1,2]', [1, 2]],
    ['pair', '{"a":1}', [1, null]],
    ['pair', '{"\\"B\\"":"x","A":"2"}', [2, 'x']],
    ['list<frozen<map<text, int>>>', '[{"a":1}]', [[['a', 1]]]],
  ])('%s takes %s', (type, json, expected) => {
    expect(convert(type, json)).toEqual(expected)
  })

  it.each([
    ['text', '1', 'codec not found'],
    ['text', 'true', 'codec not found'],
    ['text', '{}', 'codec not found'],
    ['ascii', '"é"', 'not ASCII'],
    ['tinyint', '128', 'overflow'],
    ['int', '1.0', 'overflow'],
    ['int', '1e2', 'overflow'],
    ['int', '2147483648', 'overflow'],
    ['int', '"1.5"', 'not a number'],
    ['int', '" 1"', 'not a number'],
    ['int', '""', 'not a number'],
    ['int', 'true', 'codec not found'],
    ['int', '[1]', 'codec not found'],
    ['bigint', '9223372036854775808', 'overflow'],
    ['float', '1e39', 'overflow'],
    ['double', '1e309', 'overflow'],
    ['double', '"0x10"', 'not a number'],
    ['decimal', '"x"', 'not a number'],
    ['boolean', '1', 'not a boolean'],
    ['boolean', '"yes"', 'not a boolean'],
    ['blob', '"00ff"', 'not hexadecimal'],
    ['blob', '"0x0"', 'not hexadecimal'],
    ['date', '"2019-02-29"', 'not a date'],
    ['date', '5', 'codec not found'],
    ['time', '"24:00:00"', 'not a time'],
    ['time', '"01:00"', 'not a time'],
    ['time', '"86400000000000"', 'not a time'],
    ['date', '"4294967296"', 'not a date'],
    ['timestamp', '1.5', 'overflow'],
    ['timestamp', '"soon"', 'not a timestamp'],
    ['uuid', '"1-2-3-4-5"', 'not a UUID'],
    ['timeuuid', `"${UUID_4}"`, 'not a version-1 UUID'],
    ['duration', '"1x"', 'not a duration'],
    ['list<int>', '[1,null]', 'null element'],
    ['list<int>', '{"a":1}', 'codec not found'],
    ['list<int>', '"1,2"', 'not JSON'],
    ['map<text, int>', '{"a":null}', 'null element'],
    ['tuple<int, text>', '[1]', 'wrong element count'],
    ['pair', '{"c":1}', 'wrong fields'],
  ])('%s refuses %s', (type, json, reason) => {
    expect(convert(type, json)).toBe(reason)
  })
})
