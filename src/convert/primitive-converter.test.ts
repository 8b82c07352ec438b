/** Bytes written out for the fixed-width converters and the byte array converter. */
import { describe, expect, it } from 'vitest'
import { Schema, STRING, type Value } from '../flow/index.ts'
import { ByteArrayConverter } from './byte-array-converter.ts'
import { PrimitiveConverter, type PrimitiveName } from './primitive-converter.ts'

describe('PrimitiveConverter', () => {
  it.each<[PrimitiveName, Value, string]>([
    ['Boolean', true, '01'],
    ['Boolean', false, '00'],
    ['Short', -2, 'fffe'],
    ['Short', 32767, '7fff'],
    ['Integer', -2147483648, '80000000'],
    ['Integer', 305419896, '12345678'],
    ['Long', -(2n ** 63n), '8000000000000000'],
    ['Long', 1n, '0000000000000001'],
    ['Float', 1.5, '3fc00000'],
    ['Double', -0.1, 'bfb999999999999a'],
  ])('%s %s is %s', (name, value, hex) => {
    const converter = new PrimitiveConverter(name)
    expect(converter.encode('t', null, value)?.toString('hex')).toBe(hex)
    const bytes = Buffer.from(`ff${hex}ff`, 'hex')
    expect(converter.decode('t', bytes, 1, hex.length / 2).value).toBe(value)
  })

  it.each<[PrimitiveName, string, string]>([
    ['Integer', '0001', 'Failed to deserialize Integer: expected 4 bytes, found 2'],
    ['Long', '', 'Failed to deserialize Long: expected 8 bytes, found 0'],
    ['Boolean', '02', 'Failed to deserialize Boolean: expected 0x00 or 0x01'],
  ])('%s refuses %s', (name, hex, message) => {
    const bytes = Buffer.from(hex, 'hex')
    expect(() => new PrimitiveConverter(name).decode('t', bytes, 0, bytes.length)).toThrow(message)
  })

  it.each<[PrimitiveName, Value, Schema | null, string]>([
    ['Short', 32768, null, 'ShortConverter expected INT16, found FLOAT64'],
    ['Integer', 1.5, null, 'IntegerConverter expected INT32, found FLOAT64'],
    ['Long', 2n ** 63n, null, 'LongConverter expected INT64, found INT64'],
    ['Double', 'x', STRING, 'DoubleConverter expected FLOAT64, found STRING'],
    ['Double', 1, new Schema('float32'), 'DoubleConverter expected FLOAT64, found FLOAT32'],
  ])('%s refuses to write %s', (name, value, schema, message) => {
    expect(() => new PrimitiveConverter(name).encode('t', schema, value)).toThrow(message)
  })
})

describe('ByteArrayConverter', () => {
  it('passes a view of the bytes', () => {
    const bytes = Buffer.from([9, 1, 2, 9])
    const { value } = new ByteArrayConverter().decode('t', bytes, 1, 2)
    expect((value as Buffer).buffer).toBe(bytes.buffer)
    expect(value).toEqual(Buffer.from([1, 2]))
  })

  it('refuses other schemas and values', () => {
    const converter = new ByteArrayConverter()
    expect(() => converter.encode('t', STRING, 'x')).toThrow('Invalid schema type')
    expect(() => converter.encode('t', null, 'x')).toThrow('objects of type STRING')
  })
})
