/** Tables for text: encodings, text forms of every kind of value, options. */
import { describe, expect, it } from 'vitest'
import { Decimal } from '../base/decimal.ts'
import { sourceOf } from '../config/index.ts'
import {
  LOGICAL,
  OPTIONAL_STRING,
  RawText,
  Schema,
  STRING,
  Struct,
  structSchema,
  type Value,
} from '../flow/index.ts'
import { StringConverter } from './string-converter.ts'

const converter = new StringConverter()
const INT32 = new Schema('int32')
const FLOAT64 = new Schema('float64')
const person = structSchema([
  ['a', INT32],
  ['b', STRING],
  ['c', OPTIONAL_STRING],
])

describe('StringConverter', () => {
  it('hands UTF-8 on without a copy', () => {
    const bytes = Buffer.from('..grüße..')
    const { schema, value } = converter.decode('t', bytes, 2, 7)
    expect(schema).toBe(OPTIONAL_STRING)
    expect(value).toEqual(new RawText('string', bytes, 2, 9))
    expect((value as RawText).bytes).toBe(bytes)
    expect(String(value)).toBe('grüße')
  })

  it.each<[Value, Schema | null, string]>([
    ['x', STRING, 'x'],
    [true, null, 'true'],
    [5, INT32, '5'],
    [5, null, '5.0'],
    [5n, null, '5'],
    [1e10, FLOAT64, '1.0E10'],
    [Math.fround(0.1), new Schema('float32'), '0.1'],
    [new Decimal(150n, 2), null, '1.50'],
    [Buffer.from([1, 2]), null, 'AQI='],
    [new Struct(person, [1, 'x', null]), person, 'Struct{a=1,b=x}'],
    [new Map<Value, Value>([['k', 'v']]), null, '{k=v}'],
    [
      new Map<Value, Value>([
        ['k', 1n],
        ['l', null],
      ]),
      null,
      '{k=1, l=null}',
    ],
    [['a', 'b', null], null, '[a, b, null]'],
    [[1, 2], new Schema('array', { values: INT32 }), '[1, 2]'],
    [new RawText('json', Buffer.from('{"a":[1,2.50,"x"]}'), 0, 18), null, '{a=[1, 2.5, x]}'],
    [0, new Schema('int32', { name: LOGICAL.DATE }), 'Thu Jan 01 00:00:00 UTC 1970'],
    [
      1700000000000n,
      new Schema('int64', { name: LOGICAL.TIMESTAMP }),
      'Tue Nov 14 22:13:20 UTC 2023',
    ],
  ])('text form of case %#', (value, schema, text) => {
    expect(converter.encode('t', schema, value)?.toString()).toBe(text)
  })

  it.each([
    ['ISO-8859-1', 'e9'],
    ['utf-8', 'c3a9'],
    ['UTF-16', 'feff00e9'],
    ['UTF-16BE', '00e9'],
    ['UTF-16LE', 'e900'],
  ])('reads and writes %s', (encoding, hex) => {
    const other = StringConverter.fromConfig(sourceOf({ 'converter.encoding': encoding }))
    expect(other.encode('t', STRING, 'é')?.toString('hex')).toBe(hex)
    const bytes = Buffer.from(hex, 'hex')
    expect(String(other.decode('t', bytes, 0, bytes.length).value)).toBe('é')
  })

  it('reads what it can only read, and refuses to write it wrongly', () => {
    const other = new StringConverter({ encoding: 'windows-1252' })
    expect(other.decode('t', Buffer.from([0x80]), 0, 1).value).toBe('€')
    expect(other.encode('t', STRING, 'abc')?.toString()).toBe('abc')
    expect(() => other.encode('t', STRING, '€')).toThrow('cannot be written in windows-1252')
  })

  it('names the key of an unknown encoding', () => {
    const source = sourceOf({ 'converter.encoding': 'klingon' })
    expect(() => StringConverter.fromConfig(source)).toThrow(/converter\.encoding/)
  })
})
