import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../base/byte-writer.ts'
import { Decimal } from '../base/decimal.ts'
import { type CqlType, type CqlValue, codecFor, parseCqlType } from '../cql/index.ts'
import { cellConversion } from './convert-value.ts'

const udt = (name: string, ...fields: readonly (readonly [string, string])[]): CqlType => ({
  ...{ kind: 'udt', keyspace: name, name: 'u', frozen: true },
  fields: fields.map(([field, type]) => ({ name: field, type: parseCqlType(type) })),
})

function convert(from: CqlType, to: CqlType, value: CqlValue): CqlValue {
  const source = new ByteWriter()
  codecFor(from).encode(value, source)
  const out = new ByteWriter()
  cellConversion(from, to, 'c')!(source.bytes, { start: 0, length: source.position }, out)
  return codecFor(to).decode(out.bytes, 0, out.position)
}

describe('cellConversion', () => {
  it.each([
    ['text', 'text'],
    ['list<int>', 'frozen<list<int>>'],
    ['map<text,int>', 'map<text,int>'],
  ])('%s to %s copies the bytes', (from, to) => {
    expect(cellConversion(parseCqlType(from), parseCqlType(to), 'c')).toBeUndefined()
  })

  it.each<[string, string, CqlValue, CqlValue]>([
    ['int', 'bigint', -5, -5n],
    ['bigint', 'int', 7n, 7],
    ['int', 'varint', 9, 9n],
    ['int', 'text', -5, '-5'],
    ['text', 'int', ' 12 ', 12],
    ['text', 'bigint', '9007199254740993', 9007199254740993n],
    ['double', 'text', 1.5, '1.5'],
    ['text', 'double', '1e3', 1000],
    ['decimal', 'text', Decimal.parse('1.50')!, '1.50'],
    ['timestamp', 'text', 0n, '1970-01-01T00:00:00.000Z'],
    ['text', 'timestamp', '1970-01-01T00:00:01Z', 1000n],
    ['text', 'blob', 'ab', Buffer.from('ab')],
    ['blob', 'text', Buffer.from('ab'), 'ab'],
  ])('%s to %s', (from, to, value, expected) => {
    expect(convert(parseCqlType(from), parseCqlType(to), value)).toEqual(expected)
  })

  it('fields of user-defined types meet by name', () => {
    const from = udt('a', ['x', 'int'], ['y', 'text'])
    const to = udt('b', ['y', 'text'], ['z', 'int'], ['x', 'bigint'])
    expect(convert(from, to, [1, 'two'])).toEqual(['two', null, 1n])
    expect(cellConversion(from, udt('b', ['x', 'int'], ['y', 'text']), 'c')).toBeUndefined()
    expect(() => cellConversion(from, udt('b', ['x', 'int']), 'c')).toThrow(/no conversion/)
  })

  it.each([
    ['text', 'int', 'twelve'],
    ['text', 'int', ''],
    ['text', 'int', '1.5'],
    ['bigint', 'int', 2n ** 40n],
    ['text', 'timestamp', 'soon'],
    ['text', 'uuid', 'no'],
  ])('%s to %s refuses a value without telling it', (from, to, value) => {
    const run = () => convert(parseCqlType(from), parseCqlType(to), value as CqlValue)
    expect(run).toThrow()
    try {
      run()
    } catch (error) {
      expect(error).toMatchObject({ kind: 'data' })
      expect(
        String(value) === '' || !String((error as Error).message).includes(String(value)),
      ).toBe(true)
    }
  })

  it.each([
    ['int', 'inet'],
    ['list<int>', 'list<text>'],
    ['boolean', 'int'],
  ])('%s to %s has no conversion', (from, to) => {
    expect(() => cellConversion(parseCqlType(from), parseCqlType(to), 'c')).toThrow(
      /column c: expected/,
    )
  })
})
