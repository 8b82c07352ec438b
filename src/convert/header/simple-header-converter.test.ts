/** Tables for the inference of header types and for the text of headers. */
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../base/decimal.ts'
import { LOGICAL, Schema, STRING, type Value } from '../../flow/index.ts'
import { SimpleHeaderConverter } from './simple-header-converter.ts'

const converter = new SimpleHeaderConverter()
const read = (text: string) => converter.decode('t', { name: 'h', value: Buffer.from(text) })

describe('reading', () => {
  it.each<[string, string, Value]>([
    ['true', 'boolean', true],
    ['FALSE', 'boolean', false],
    ['127', 'int8', 127],
    ['-128', 'int8', -128],
    ['128', 'int16', 128],
    ['+32768', 'int32', 32768],
    ['1e3', 'int16', 1000],
    ['1.0', 'int8', 1],
    ['2147483648', 'int64', 2147483648n],
    ['9223372036854775807', 'int64', 9223372036854775807n],
    ['9223372036854775808', 'bytes', new Decimal(9223372036854775808n, 0)],
    ['1.5', 'float32', 1.5],
    ['-0.1', 'float32', Math.fround(-0.1)],
    ['2.23606797749979', 'float64', 2.23606797749979],
    ['0.12345678901234567890', 'bytes', new Decimal(12345678901234567890n, 20)],
    ['text', 'string', 'text'],
    ['', 'string', ''],
    ['  ', 'string', '  '],
    ['1,2', 'string', '1,2'],
    ['1.2.3', 'string', '1.2.3'],
    ['0x10', 'string', '0x10'],
    ['-', 'string', '-'],
    ['2024-02-30', 'string', '2024-02-30'],
    ['12:00', 'string', '12:00'],
    ['[a, b]', 'string', '[a, b]'],
    ['[1,,2]', 'string', '[1,,2]'],
    ['{"a":1', 'string', '{"a":1'],
    ['[1] x', 'string', '[1] x'],
  ])('%j is %s', (text, type, value) => {
    const header = read(text)
    expect(header.schema?.type).toBe(type)
    expect(header.value).toEqual(value)
  })

  it.each<[string, string, Value]>([
    ['2024-01-31', LOGICAL.DATE, 19753],
    ['12:34:56.789Z', LOGICAL.TIME, 45296789],
    ['2024-01-31T00:00:00.001Z', LOGICAL.TIMESTAMP, 1706659200001n],
  ])('%s is a %s', (text, name, value) => {
    const header = read(text)
    expect(header.schema?.name).toBe(name)
    expect(header.value).toBe(value)
  })

  it.each<[string, string | undefined, Value]>([
    ['[]', undefined, []],
    ['[1, 2,3]', 'int8', [1, 2, 3]],
    ['[1, 2147483648]', 'int64', [1n, 2147483648n]],
    ['[1, 2.5]', 'float32', [1, 2.5]],
    ['["a\\"b", "c"]', 'string', ['a"b', 'c']],
    ['[true,null]', 'boolean', [true, null]],
    ['[1,"a"]', undefined, [1, 'a']],
    ['[[1],[2]]', 'array', [[1], [2]]],
    ['[12:34:56.789Z]', 'int32', [45296789]],
  ])('%s is a list of %s', (text, elements, value) => {
    const header = read(text)
    expect(header.schema?.type).toBe('array')
    expect(header.schema?.values?.type).toBe(elements)
    expect(header.value).toEqual(value)
  })

  it('reads maps with common key and value types', () => {
    const header = read('{"a":1, "b" : 300,"c":}')
    expect(header.schema?.type).toBe('map')
    expect([header.schema?.keys?.type, header.schema?.values?.type]).toEqual(['string', 'int16'])
    expect(header.schema?.values?.optional).toBe(true)
    expect(header.value).toEqual(
      new Map<Value, Value>([
        ['a', 1],
        ['b', 300],
        ['c', null],
      ]),
    )
  })

  it('keeps bytes that are no text, and nulls', () => {
    const bytes = Buffer.from([0xff, 0x00])
    const header = converter.decode('t', { name: 'h', value: bytes })
    expect([header.schema?.type, header.value]).toEqual(['bytes', bytes])
    expect(converter.decode('t', { name: 'h', value: null })).toEqual({
      name: 'h',
      schema: null,
      value: null,
    })
    expect(read('null')).toEqual({ name: 'h', schema: null, value: null })
  })

  it('takes deep nesting as text', () => {
    const text = '['.repeat(100_000)
    expect(read(text).value).toBe(text)
  })
})

describe('writing', () => {
  it.each<[Schema | null, Value, string]>([
    [STRING, 'a"b', 'a"b'],
    [null, ['a"b', 1n, null], '["a\\"b",1,null]'],
    [null, new Map<Value, Value>([['k', true]]), '{"k":true}'],
    [new Schema('float64'), 1, '1.0'],
    [null, Buffer.from([1, 2]), 'AQI='],
    [new Schema('int32', { name: LOGICAL.DATE }), 19753, '2024-01-31'],
    [new Schema('int32', { name: LOGICAL.TIME }), 45296789, '12:34:56.789Z'],
    [new Schema('int64', { name: LOGICAL.TIMESTAMP }), 1706659200001n, '2024-01-31T00:00:00.001Z'],
    [null, new Decimal(150n, 2), '1.50'],
  ])('case %#', (schema, value, text) => {
    expect(converter.encode('t', { name: 'h', schema, value })?.toString()).toBe(text)
  })
})
