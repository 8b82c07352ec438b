import { describe, expect, it } from 'vitest'
import { Decimal } from '../../../base/decimal.ts'
import { JsonNumber, type JsonValue } from '../../../base/json/parse-json.ts'
import {
  LOGICAL,
  RawText,
  Schema,
  type SchemaType,
  Struct,
  structSchema,
  type Value,
} from '../../../flow/index.ts'
import { toTree } from './value-tree.ts'

function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return `#${value.text}`
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]))
  return value
}

const schema = (type: SchemaType, name?: string) =>
  new Schema(type, name === undefined ? {} : { name })

describe('toTree (section 10.2, D13)', () => {
  it.each<[string, Value, Schema | null, unknown]>([
    ['null', null, schema('string'), null],
    ['a default', null, new Schema('string', { defaultValue: 'x' }), 'x'],
    ['text', 'a', schema('string'), 'a'],
    ['boolean', false, schema('boolean'), false],
    ['int8', -5, schema('int8'), '#-5'],
    ['int64', 9223372036854775807n, schema('int64'), '#9223372036854775807'],
    ['float32', Math.fround(0.1), schema('float32'), '#0.1'],
    ['float64', 1e300, schema('float64'), '#1.0E300'],
    ['NaN', Number.NaN, schema('float64'), 'NaN'],
    ['decimal', new Decimal(-1234n, 2), schema('bytes', LOGICAL.DECIMAL), '#-12.34'],
    ['timestamp', 1551398400000n, schema('int64', LOGICAL.TIMESTAMP), '#1551398400000'],
    ['date', 17956, schema('int32', LOGICAL.DATE), '2019-03-01'],
    ['date before 1970', -1, schema('int32', LOGICAL.DATE), '1969-12-31'],
    ['time', 86_399_001, schema('int32', LOGICAL.TIME), '23:59:59.001'],
    ['bytes', Buffer.from([0, 255]), schema('bytes'), '0x00ff'],
    ['list', [1, null], new Schema('array', { values: schema('int32') }), ['#1', null]],
    [
      'map',
      new Map<Value, Value>([[7, 'a']]),
      new Schema('map', { keys: schema('int32'), values: schema('string') }),
      { 7: 'a' },
    ],
    ['text of JSON', new RawText('json', Buffer.from('{"a":1.50}'), 0, 10), null, { a: '#1.50' }],
    ['text as it is', new RawText('string', Buffer.from('{}'), 0, 2), null, '{}'],
  ])('%s', (_name, value, given, expected) => {
    expect(plain(toTree(value, given))).toEqual(expected)
  })

  it('a struct in a struct, by the schemas of the fields', () => {
    const inner = structSchema([['d', schema('int32', LOGICAL.DATE)]])
    const outer = structSchema([
      ['i', inner],
      ['n', new Schema('string', { optional: true })],
    ])
    const value = new Struct(outer, [new Struct(inner, [0]), null])
    expect(plain(toTree(value, outer))).toEqual({ i: { d: '1970-01-01' }, n: null })
  })
})
