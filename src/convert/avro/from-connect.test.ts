/** The exact texts of Avro schemas for Connect schemas, and writing by schemas of others. */
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { LOGICAL, Schema, STRING, Struct, structSchema, type Value } from '../../flow/index.ts'
import { AvroCodec } from './avro-converter.ts'
import type { AvroDataOptions } from './avro-names.ts'
import { toAvroText } from './from-connect.ts'

const OPTIONS: AvroDataOptions = {
  enhanced: false,
  metaData: true,
  scrubInvalidNames: false,
  allowOptionalMapKeys: false,
  generalSumTypes: false,
  flattenSingletonUnions: true,
  ignoreDefaultForNullables: false,
  discardTypeDocDefault: false,
}
const text = (schema: Schema | null, options: Partial<AvroDataOptions> = {}) =>
  toAvroText(schema, { ...OPTIONS, ...options })
const INT32 = new Schema('int32')

const COLOR = new Schema('string', {
  name: 'a.Color',
  parameters: {
    'io.confluent.connect.avro.Enum': 'a.Color',
    'io.confluent.connect.avro.Enum.RED': 'RED',
  },
})

describe('texts', () => {
  it.each<[Schema, string]>([
    [INT32, '"int"'],
    [new Schema('int8'), '{"type":"int","connect.type":"int8"}'],
    [new Schema('string', { optional: true }), '["null","string"]'],
    [
      new Schema('float64', { optional: true, defaultValue: 1 }),
      '[{"type":"double","connect.default":1.0},"null"]',
    ],
    [
      new Schema('int64', { defaultValue: 2n ** 60n }),
      '{"type":"long","connect.default":1152921504606846976}',
    ],
    [
      new Schema('bytes', { name: LOGICAL.DECIMAL, version: 1, parameters: { scale: '2' } }),
      '{"type":"bytes","scale":2,"precision":64,"connect.version":1,"connect.parameters":{"scale":"2"},"connect.name":"org.apache.kafka.connect.data.Decimal","logicalType":"decimal"}',
    ],
    [
      new Schema('int32', { name: LOGICAL.DATE, version: 1 }),
      '{"type":"int","connect.version":1,"connect.name":"org.apache.kafka.connect.data.Date","logicalType":"date"}',
    ],
    [new Schema('map', { keys: STRING, values: INT32 }), '{"type":"map","values":"int"}'],
    [
      new Schema('map', { keys: INT32, values: STRING }),
      '{"type":"array","items":{"type":"record","name":"MapEntry","namespace":"io.confluent.connect.avro","fields":[{"name":"key","type":"int"},{"name":"value","type":"string"}]}}',
    ],
    [
      structSchema([['a', INT32]]),
      '{"type":"record","name":"ConnectDefault","namespace":"io.confluent.connect.avro","fields":[{"name":"a","type":"int"}]}',
    ],
    [
      structSchema([['a', new Schema('int32', { optional: true })]], { name: 'n.s.R', version: 2 }),
      '{"type":"record","name":"R","namespace":"n.s","fields":[{"name":"a","type":["null","int"],"default":null}],"connect.version":2,"connect.name":"n.s.R"}',
    ],
  ])('case %#', (schema, expected) => {
    expect(text(schema)).toBe(expected)
  })

  it('says a named type once', () => {
    const inner = structSchema([['x', INT32]], { name: 'n.Inner' })
    const schema = structSchema(
      [
        ['a', inner],
        ['b', inner],
      ],
      { name: 'n.Outer' },
    )
    const definition =
      '{"type":"record","name":"Inner","fields":[{"name":"x","type":"int"}],"connect.name":"n.Inner"}'
    expect(text(schema)).toBe(
      `{"type":"record","name":"Outer","namespace":"n","fields":[{"name":"a","type":${definition}},{"name":"b","type":"Inner"}],"connect.name":"n.Outer"}`,
    )
  })

  it('refuses two types of one name', () => {
    const schema = structSchema([
      ['a', structSchema([['x', INT32]], { name: 'N' })],
      ['b', structSchema([['x', STRING]], { name: 'N' })],
    ])
    expect(() => text(schema)).toThrow('two different types are called N')
  })

  it('keeps enums only with enhanced support', () => {
    expect(text(COLOR)).toMatch(/^{"type":"string",/)
    expect(text(COLOR, { enhanced: true, metaData: false })).toBe(
      '{"type":"enum","name":"Color","namespace":"a","symbols":["RED"]}',
    )
  })

  it('leaves metadata out and scrubs names when told to', () => {
    const schema = structSchema([['1 a-b', new Schema('int8')]], { name: 'n.R-1', version: 1 })
    expect(text(schema, { metaData: false, scrubInvalidNames: true })).toBe(
      '{"type":"record","name":"R_1","namespace":"n","fields":[{"name":"x1_a_b","type":"int"}]}',
    )
  })
})

describe('written by the schema of somebody else', () => {
  const own = structSchema(
    [
      ['a', INT32],
      ['b', new Schema('string', { optional: true })],
    ],
    {
      name: 'R',
    },
  )
  const write = (registered: unknown, value: Value, dropUnknown = false): string => {
    const out = new ByteWriter()
    const registeredText = JSON.stringify(registered)
    const encoder = new AvroCodec(OPTIONS).compileEncoder(
      own,
      { text: registeredText, imports: [] },
      dropUnknown,
    )
    encoder.write(out, value)
    return out.view().toString('hex')
  }
  const record = (...fields: unknown[]) => ({ type: 'record', name: 'R', fields })
  const value = new Struct(own, [1, 'x'])

  it.each([
    [record({ name: 'b', type: ['null', 'string'] }, { name: 'a', type: 'long' }), '02027802'],
    [
      record(
        { name: 'a', type: 'int' },
        { name: 'n', type: 'int', default: 7 },
        { name: 'b', type: ['string', 'null'] },
      ),
      '020e000278',
    ],
    [
      record({ name: 'a', type: ['null', 'int'] }, { name: 'b', type: ['null', 'string'] }),
      '0202020278',
    ],
  ])('fields by name, defaults for the rest: case %#', (registered, hex) => {
    expect(write(registered, value)).toBe(hex)
  })

  it('refuses what would be lost, or what is missing', () => {
    expect(() => write(record({ name: 'a', type: 'int' }), value)).toThrow(/a field for b/)
    expect(write(record({ name: 'a', type: 'int' }), value, true)).toBe('02')
    const wanting = record({ name: 'a', type: 'int' }, { name: 'c', type: 'int' })
    expect(() => write(wanting, value, true)).toThrow(/c has no default/)
    const strict = record({ name: 'a', type: 'int' }, { name: 'b', type: 'string' })
    expect(() => write(strict, new Struct(own, [1, null]))).toThrow(/found null/)
  })

  it.each<[Value]>([[2 ** 31], [1.5], ['1'], [null], [1n]])('refuses %s as an int', wrong => {
    expect(() =>
      write(record({ name: 'a', type: 'int' }), new Struct(own, [wrong, null]), true),
    ).toThrow(/Expected/)
  })
})
