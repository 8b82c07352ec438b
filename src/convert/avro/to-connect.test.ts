/** Tables for the translation of Avro types into Connect schemas, and the values read by them. */
import { describe, expect, it } from 'vitest'
import { LOGICAL, type Schema, type Struct } from '../../flow/index.ts'
import { AvroCodec } from './avro-converter.ts'
import type { AvroDataOptions } from './avro-names.ts'
import { parseAvroSchema } from './avro-schema.ts'
import { toConnectSchema } from './to-connect.ts'

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

const connect = (json: unknown, options: Partial<AvroDataOptions> = {}): Schema =>
  toConnectSchema(parseAvroSchema(JSON.stringify(json)), { ...OPTIONS, ...options })!

function read(json: unknown, hex: string, options: Partial<AvroDataOptions> = {}) {
  const codec = new AvroCodec({ ...OPTIONS, ...options })
  const text = JSON.stringify(json)
  const schema = { id: 1, version: undefined, format: 'AVRO', text, imports: [], references: [] }
  const bytes = Buffer.from(hex, 'hex')
  return codec.compileDecoder(schema as never).decode(bytes, 0, bytes.length)
}

describe('schemas', () => {
  it.each([
    ['boolean', { type: 'boolean' }],
    ['int', { type: 'int32' }],
    ['long', { type: 'int64' }],
    ['float', { type: 'float32' }],
    ['double', { type: 'float64' }],
    ['string', { type: 'string' }],
    ['bytes', { type: 'bytes' }],
    [{ type: 'int', 'connect.type': 'int8' }, { type: 'int8' }],
    [{ type: 'int', 'connect.type': 'int16' }, { type: 'int16' }],
    [
      { type: 'int', logicalType: 'date' },
      { type: 'int32', name: LOGICAL.DATE, version: 1 },
    ],
    [
      { type: 'int', logicalType: 'time-millis' },
      { type: 'int32', name: LOGICAL.TIME, version: 1 },
    ],
    [
      { type: 'long', logicalType: 'timestamp-millis' },
      { type: 'int64', name: LOGICAL.TIMESTAMP, version: 1 },
    ],
    [
      { type: 'long', logicalType: 'timestamp-micros' },
      { type: 'int64', name: undefined },
    ],
    [
      { type: 'long', logicalType: 'local-timestamp-millis' },
      { type: 'int64', name: undefined },
    ],
    [
      { type: 'string', logicalType: 'uuid' },
      { type: 'string', name: undefined },
    ],
    [
      { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 },
      {
        type: 'bytes',
        name: LOGICAL.DECIMAL,
        parameters: { scale: '2', 'connect.decimal.precision': '10' },
      },
    ],
    [
      { type: 'fixed', name: 'a.F', size: 12, logicalType: 'duration' },
      { type: 'bytes', name: 'a.F', parameters: { 'connect.fixed.size': '12' } },
    ],
    [
      { type: 'string', 'connect.name': 'x.Y', 'connect.version': 3, 'connect.doc': 'text' },
      { type: 'string', name: 'x.Y', version: 3, doc: 'text' },
    ],
    [
      { type: 'string', 'connect.parameters': { allowed: 'a,b' }, 'connect.default': 'a' },
      { type: 'string', parameters: { allowed: 'a,b' }, defaultValue: 'a' },
    ],
    [['null', 'int'], { type: 'int32', optional: true }],
    [['int', 'null'], { type: 'int32', optional: true }],
    [['int'], { type: 'int32', optional: false }],
  ])('%j', (json, expected) => {
    expect(connect(json)).toMatchObject(expected)
  })

  it('an enum is a text that keeps its symbols and doc', () => {
    const json = {
      type: 'enum',
      name: 'a.Color',
      symbols: ['RED', 'BLUE'],
      doc: 'paint',
      default: 'RED',
    }
    expect(connect(json)).toMatchObject({
      type: 'string',
      name: 'a.Color',
      parameters: {
        'io.confluent.connect.avro.enum.doc.Color': 'paint',
        'io.confluent.connect.avro.enum.default.Color': 'RED',
        'io.confluent.connect.avro.Enum': 'a.Color',
        'io.confluent.connect.avro.Enum.RED': 'RED',
        'io.confluent.connect.avro.Enum.BLUE': 'BLUE',
      },
    })
    expect(connect(json, { generalSumTypes: true, metaData: false }).parameters).toEqual({
      'org.apache.kafka.connect.data.Enum': 'a.Color',
      'org.apache.kafka.connect.data.Enum.RED': '0',
      'org.apache.kafka.connect.data.Enum.BLUE': '1',
    })
  })

  it('a record keeps docs and defaults of its fields', () => {
    const schema = connect({
      type: 'record',
      name: 'R',
      namespace: 'n.s',
      doc: 'all',
      fields: [
        { name: 'a', type: 'int', default: 5, doc: 'first' },
        { name: 'b', type: ['string', 'null'], default: 'x' },
        { name: 'c', type: { type: 'array', items: 'long' }, default: [1, 2] },
        { name: 'd', type: 'bytes', default: '\u00ff' },
        { name: 'e', type: ['null', 'int'], default: null },
        { name: 'f', type: { type: 'map', values: 'int' }, default: { k: 1 } },
        { name: 'g', type: 'int', default: 'not an int' },
      ],
    })
    expect(schema.name).toBe('n.s.R')
    expect(schema.parameters).toEqual({
      'io.confluent.connect.avro.record.doc': 'all',
      'io.confluent.connect.avro.field.doc.a': 'first',
    })
    expect(schema.fields.map(field => field.schema.defaultValue)).toEqual([
      5,
      'x',
      [1n, 2n],
      Buffer.from([0xff]),
      undefined,
      new Map([['k', 1]]),
      undefined,
    ])
  })

  it.each<[string, Partial<AvroDataOptions>, string[]]>([
    ['io.confluent.connect.avro.Union', {}, ['int', 'string', 'R']],
    ['io.confluent.connect.avro.Union', { enhanced: true }, ['int', 'string', 'a.R']],
    [
      'connect_union_0',
      { generalSumTypes: true },
      ['connect_union_field_1', 'connect_union_field_2', 'connect_union_field_3'],
    ],
  ])('a union is a struct: %s %j', (name, options, fields) => {
    const record = { type: 'record', name: 'a.R', fields: [] }
    const schema = connect(['null', 'int', 'string', record], options)
    expect(schema).toMatchObject({ type: 'struct', name, optional: true })
    expect(schema.fields.map(field => field.name)).toEqual(fields)
    expect(schema.fields.every(field => field.schema.optional)).toBe(true)
  })

  it('a recursive record is a circle', () => {
    const schema = connect({
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'value', type: 'int' },
        { name: 'next', type: ['null', 'Node'], default: null },
      ],
    })
    const inner = schema.field('next')!.schema
    expect(inner).toMatchObject({ type: 'struct', name: 'Node', optional: true })
    expect(inner.fields).toBe(schema.fields)
    expect(inner.field('next')!.schema.field('value')!.schema.type).toBe('int32')
  })

  it.each([
    ['"nope"', /found nope/],
    ['{"type":"record","name":"R"}', /fields of R/],
    ['{"type":"record","name":"1R","fields":[]}', /found "1R"/],
    ['{"type":"array"}', /expected a name/],
    ['"null"', /standalone null/],
    ['{"type":', /JSON/],
    ['["int","int"]', /several branches/],
  ])('refuses %s', (text, message) => {
    expect(() => toConnectSchema(parseAvroSchema(text), OPTIONS)).toThrow(message)
  })

  it('finds types of other texts by name and namespace', () => {
    const imports = [
      { name: 'a.In', text: '{"type":"record","name":"In","namespace":"a","fields":[]}' },
    ]
    const text =
      '{"type":"record","name":"Out","namespace":"a","fields":[{"name":"x","type":"In"}]}'
    expect(parseAvroSchema(text, imports).fields[0]!.type.fullName).toBe('a.In')
  })
})

describe('values', () => {
  it('follow a list through a recursive record', () => {
    const json = {
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'value', type: 'int' },
        { name: 'next', type: ['null', 'Node'] },
      ],
    }
    const { value } = read(json, '020204020600')
    const next = (value as Struct).values[1] as Struct
    expect((value as Struct).values[0]).toBe(1)
    expect(next.values[0]).toBe(2)
    expect((next.values[1] as Struct).values).toEqual([3, null])
  })

  it.each([
    ['long', '01', -1n],
    ['long', 'feffffffffffffffff01', 2n ** 63n - 1n],
    ['long', 'ffffffffffffffffff01', -(2n ** 63n)],
    ['long', '8080808010', 2n ** 31n],
    ['int', 'feffffff0f', 2147483647],
    ['int', 'ffffffff0f', -2147483648],
    ['double', '9a9999999999b93f', 0.1],
    [{ type: 'array', items: 'int' }, '0304020400', [1, 2]],
    [{ type: 'array', items: 'int' }, '040204' + '0206' + '00', [1, 2, 3]],
  ])('%j from %s', (json, hex, expected) => {
    expect(read(json, hex).value).toEqual(expected)
  })

  it('a union has the one field set that was written', () => {
    const { value } = read(['null', 'int', 'string'], '04026a')
    expect((value as Struct).values).toEqual([null, 'j'])
    expect(read(['null', 'int', 'string'], '00').value).toBeNull()
  })

  it.each([
    ['int', 'ffffffffff01', /at most 5 bytes/],
    ['long', 'ffffffffffffffffffff01', /at most 10 bytes/],
    ['string', '1461', /length beyond/],
    ['string', '0161', /length beyond/],
    ['int', '0202', /expected the end/],
    ['int', '', /found the end/],
    ['boolean', '02', /0 or 1/],
    [{ type: 'array', items: 'int' }, 'feffffff0f', /larger count/],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, '02', /a symbol of E/],
    [['null', 'int'], '06', /2 union branches/],
    [{ type: 'int', logicalType: 'time-millis' }, '01', /time of day/],
  ])('damaged %j from %s', (json, hex, message) => {
    expect(() => read(json, hex)).toThrow(message)
  })
})
