/** Tables for JSON with schemas: envelopes, every type both ways, lax and strict reading, nulls. */
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../base/decimal.ts'
import { sourceOf } from '../../config/index.ts'
import {
  LOGICAL,
  RawText,
  Schema,
  STRING,
  Struct,
  structSchema,
  type Value,
} from '../../flow/index.ts'
import { materialise } from '../materialise.ts'
import { JsonConverter } from './json-converter.ts'

const make = (options: Record<string, string> = {}) => JsonConverter.fromConfig(sourceOf(options))

function decode(converter: JsonConverter, text: string) {
  const bytes = Buffer.from(`#${text}#`)
  return converter.decode('t', bytes, 1, bytes.length - 2)
}

const envelope = (schema: unknown, payload: string) =>
  `{"schema":${JSON.stringify(schema)},"payload":${payload}}`

const decimalSchema = (optional: boolean) => ({
  type: 'bytes',
  optional,
  name: LOGICAL.DECIMAL,
  version: 1,
  parameters: { scale: '2' },
})

describe('envelope, written and read', () => {
  const INT64 = new Schema('int64')
  const list = new Schema('array', { values: INT64, optional: true })
  const person = structSchema(
    [
      ['id', INT64],
      ['né "1"', new Schema('string', { optional: true, doc: 'a\nname' })],
      ['list', list],
    ],
    { name: 'Person', version: 3, parameters: { k: 'v' } },
  )
  it.each<[string, Schema | null, Value, string]>([
    [
      'int8',
      new Schema('int8'),
      -128,
      '{"schema":{"type":"int8","optional":false},"payload":-128}',
    ],
    [
      'int64',
      INT64,
      2n ** 63n - 1n,
      '{"schema":{"type":"int64","optional":false},"payload":9223372036854775807}',
    ],
    [
      'float',
      new Schema('float32'),
      Math.fround(0.1),
      '{"schema":{"type":"float","optional":false},"payload":0.1}',
    ],
    [
      'double',
      new Schema('float64'),
      1e10,
      '{"schema":{"type":"double","optional":false},"payload":1.0E10}',
    ],
    [
      'boolean',
      new Schema('boolean'),
      true,
      '{"schema":{"type":"boolean","optional":false},"payload":true}',
    ],
    [
      'string',
      STRING,
      'a"\\\u0001\né',
      '{"schema":{"type":"string","optional":false},"payload":"a\\"\\\\\\u0001\\né"}',
    ],
    [
      'bytes',
      new Schema('bytes'),
      Buffer.from([0xfb, 0xff]),
      '{"schema":{"type":"bytes","optional":false},"payload":"+/8="}',
    ],
    [
      'decimal (the example of the specification)',
      new Schema('bytes', { name: LOGICAL.DECIMAL, version: 1, parameters: { scale: '2' } }),
      new Decimal(12345n, 2),
      `{"schema":${JSON.stringify(decimalSchema(false))},"payload":"MDk="}`,
    ],
    [
      'negative decimal',
      new Schema('bytes', { name: LOGICAL.DECIMAL, version: 1, parameters: { scale: '2' } }),
      new Decimal(-128n, 2),
      `{"schema":${JSON.stringify(decimalSchema(false))},"payload":"gA=="}`,
    ],
    [
      'date',
      new Schema('int32', { name: LOGICAL.DATE, version: 1, optional: true }),
      19723,
      `{"schema":{"type":"int32","optional":true,"name":"${LOGICAL.DATE}","version":1},"payload":19723}`,
    ],
    [
      'timestamp',
      new Schema('int64', { name: LOGICAL.TIMESTAMP, version: 1 }),
      1700000000000n,
      `{"schema":{"type":"int64","optional":false,"name":"${LOGICAL.TIMESTAMP}","version":1},"payload":1700000000000}`,
    ],
    [
      'map with text keys',
      new Schema('map', { keys: STRING, values: INT64 }),
      new Map<Value, Value>([['a', 1n]]),
      '{"schema":{"type":"map","keys":{"type":"string","optional":false},"values":{"type":"int64","optional":false},"optional":false},"payload":{"a":1}}',
    ],
    [
      'map with other keys',
      new Schema('map', { keys: INT64, values: STRING }),
      new Map<Value, Value>([[7n, 'x']]),
      '{"schema":{"type":"map","keys":{"type":"int64","optional":false},"values":{"type":"string","optional":false},"optional":false},"payload":[[7,"x"]]}',
    ],
    [
      'struct',
      person,
      new Struct(person, [1n, null, [2n, 3n]]),
      '{"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"},' +
        '{"type":"string","optional":true,"doc":"a\\nname","field":"né \\"1\\""},' +
        '{"type":"array","items":{"type":"int64","optional":false},"optional":true,"field":"list"}],' +
        '"optional":false,"name":"Person","version":3,"parameters":{"k":"v"}},' +
        '"payload":{"id":1,"né \\"1\\"":null,"list":[2,3]}}',
    ],
    [
      'default',
      new Schema('int32', { defaultValue: 5 }),
      7,
      '{"schema":{"type":"int32","optional":false,"default":5},"payload":7}',
    ],
    [
      'null of an optional',
      new Schema('string', { optional: true }),
      null,
      '{"schema":{"type":"string","optional":true},"payload":null}',
    ],
  ])('%s', (_name, schema, value, text) => {
    const converter = make()
    expect(converter.encode('t', schema, value)?.toString()).toBe(text)
    const read = decode(converter, text)
    expect(read.value).toEqual(value)
    expect(converter.encode('t', read.schema, read.value)?.toString()).toBe(text)
  })

  it('writes schemaless data with a null schema', () => {
    const value = new Map<Value, Value>([['a', [1n, 1.5, null, true]]])
    const text = '{"schema":null,"payload":{"a":[1,1.5,null,true]}}'
    expect(make().encode('t', null, value)?.toString()).toBe(text)
    expect(decode(make(), text)).toEqual({ schema: null, value })
  })
})

describe('envelope, reading', () => {
  it.each([
    '{"schema":{"type":"string"}}',
    '{"schema":null,"payload":1,"more":2}',
    '{"payload":1,"data":2}',
    '[1,2]',
    '"text"',
    'null',
    '{}',
  ])('refuses %s with the message of the reference', text => {
    expect(() => decode(make(), text)).toThrow(
      'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain ' +
        'additional fields. If you are trying to deserialize plain JSON data, set schemas.enable=false ' +
        'in your converter configuration.',
    )
  })

  it.each([
    [{ type: 'decimal' }, 'Unknown schema type: decimal'],
    [{}, "Schema must contain 'type' field"],
    ['string', 'Schema must be a JSON object'],
    [{ type: 'array' }, 'Array schema did not specify the element type'],
    [{ type: 'map', keys: { type: 'string' } }, 'Map schema did not specify the value type'],
    [{ type: 'struct' }, 'Struct schema\'s "fields" argument is not an array.'],
    [
      { type: 'struct', fields: [{ type: 'int8' }] },
      "Struct schema's field name not specified properly",
    ],
    [{ type: 'int8', parameters: { a: 1 } }, 'Schema parameters must have string values.'],
    [{ type: 'bytes', name: LOGICAL.DECIMAL }, 'scale parameter not found'],
  ])('refuses schema %j', (schema, message) => {
    expect(() => decode(make(), envelope(schema, '1'))).toThrow(message)
  })

  it.each<[string, string, Value]>([
    ['int8', '300', 44],
    ['int32', '4294967297', 1],
    ['int32', '123456789012345678901234567890123456789', -1371963115],
    ['int32', '1.9', 1],
    ['int32', '1e20', 2147483647],
    ['int32', '"7"', 0],
    ['int64', '1.5', 1n],
    ['int64', 'true', 0n],
    ['double', '"x"', 0],
    ['boolean', '1', false],
    ['string', '1', null],
    ['string', '"\\u00e9"', 'é'],
  ])('reads a wrong %s %s as the reference does, unless strict', (type, payload, expected) => {
    const text = envelope({ type }, payload)
    expect(decode(make(), text).value).toEqual(expected)
    if (payload.startsWith('"\\u')) return
    expect(() => decode(make({ 'scamander.json.strict': 'true' }), text)).toThrow('Expected')
  })

  it.each([
    [{ type: 'int32' }, 'null', 'Invalid null value for required INT32 field'],
    [
      { type: 'int64' },
      '9223372036854775808',
      'Expected an integer of 64 bits (INT64), found one of 19 digits',
    ],
    [{ type: 'bytes' }, '"*"', 'Invalid bytes field'],
    [{ type: 'array', items: { type: 'int8' } }, '{}', 'JSON arrays, but found OBJECT'],
    [{ type: 'map', keys: { type: 'string' }, values: { type: 'int8' } }, '[]', 'but found ARRAY'],
    [
      { type: 'map', keys: { type: 'int8' }, values: { type: 'int8' } },
      '[[1]]',
      'expected length 2 but found :1',
    ],
    [
      { type: 'struct', fields: [{ type: 'int32', field: 'x' }] },
      '1',
      'JSON objects, but found NUMBER',
    ],
    [
      { type: 'struct', fields: [{ type: 'int32', field: 'x' }] },
      '{}',
      'Invalid null value for required INT32 field',
    ],
    [
      { type: 'struct', fields: [{ type: 'string', field: 'x' }] },
      '{"x":1}',
      'null used for required field: "x"',
    ],
    [
      { type: 'int32', name: LOGICAL.DATE },
      '"1"',
      'Invalid type for Date, underlying representation should be int32 but was STRING',
    ],
    [decimalSchema(false), 'true', 'should be numeric or bytes but was BOOLEAN'],
  ])('refuses %j with payload %s', (schema, payload, message) => {
    expect(() => decode(make(), envelope(schema, payload))).toThrow(message)
  })

  it('reads decimals from numbers whatever the option', () => {
    const text = envelope(decimalSchema(true), '12.50')
    expect(decode(make(), text).value).toEqual(new Decimal(1250n, 2))
  })

  it('fills defaults, drops extra members, finds members in any order', () => {
    const schema = {
      type: 'struct',
      fields: [
        { type: 'int32', default: 7, field: 'a' },
        { type: 'string', optional: true, field: 'b' },
        { type: 'int8', optional: true, default: 3, field: 'c' },
      ],
    }
    const text = envelope(schema, '{"z":[{}],"c":null,"b":"x"}')
    expect((decode(make(), text).value as Struct).values).toEqual([7, 'x', 3])
    const plain = make({ 'replace.null.with.default': 'false' })
    const withoutRequired = envelope(schema, '{"a":1,"c":null}')
    expect((decode(plain, withoutRequired).value as Struct).values).toEqual([1, null, null])
    expect(() => decode(plain, text)).toThrow('Invalid null value for required INT32 field')
  })

  it('reads nested collections of structs', () => {
    const point = { type: 'struct', fields: [{ type: 'int32', field: 'x' }] }
    const schema = {
      type: 'array',
      items: { type: 'map', keys: { type: 'string' }, values: point },
    }
    const value = decode(make(), envelope(schema, '[{"p":{"x":1},"q":{"x":2}},{}]')).value as Map<
      string,
      Struct
    >[]
    expect(value.map(map => [...map].map(([k, v]) => [k, v.values]))).toEqual([
      [
        ['p', [1]],
        ['q', [2]],
      ],
      [],
    ])
  })

  it('parses equal schema bytes once and keeps different ones apart', () => {
    const converter = make({ 'schemas.cache.size': '2' })
    const first = decode(converter, envelope({ type: 'int32' }, '1'))
    const other = decode(converter, envelope({ type: 'int64' }, '1'))
    const again = decode(converter, envelope({ type: 'int32' }, '2'))
    expect(again.schema).toBe(first.schema)
    expect([first.value, other.value, again.value]).toEqual([1, 1n, 2])
    decode(converter, envelope({ type: 'int8' }, '1'))
    expect(decode(converter, envelope({ type: 'int64' }, '1')).schema).not.toBe(other.schema)
    const uncached = make({ 'schemas.cache.size': '0' })
    expect(decode(uncached, envelope({ type: 'int32' }, '3')).value).toBe(3)
  })
})

describe('without schemas', () => {
  const plain = make({ 'schemas.enable': 'false' })

  it.each([
    ['{"a":1}', '{"a":1}'],
    [' [1, 2] trailing', '[1, 2]'],
    ['"text"', '"text"'],
    ['12', '12'],
  ])('%s is raw text', (text, raw) => {
    const { schema, value } = decode(plain, text)
    expect(schema).toBeNull()
    expect(value).toBeInstanceOf(RawText)
    expect((value as RawText).form).toBe('json')
    expect(String(value)).toBe(raw)
    expect(plain.encode('t', null, value)?.toString()).toBe(raw)
  })

  it.each([
    ['', 'expected a JSON value, found no bytes'],
    ['  ', 'expected a JSON value, found only white space'],
    ['{"a":\n x}', 'expected valid JSON, found a letter at line 2, column 2'],
    ['not json', 'expected valid JSON, found a letter at line 1, column 2'],
  ])('refuses %j', (text, message) => {
    expect(() => decode(plain, text)).toThrow(
      `Converting byte[] to Kafka Connect data failed due to serialization error: ${message}`,
    )
  })

  it('reads the null literal as null', () => {
    expect(decode(plain, 'null')).toEqual({ schema: null, value: null })
  })

  it('writes values with a schema without the envelope', () => {
    const schema = structSchema([
      ['d', new Schema('bytes', { name: LOGICAL.DECIMAL, parameters: { scale: '2' } })],
    ])
    const numeric = make({ 'schemas.enable': 'false', 'decimal.format': 'numeric' })
    const value = new Struct(schema, [new Decimal(150n, 2)])
    expect(numeric.encode('t', schema, value)?.toString()).toBe('{"d":1.50}')
    const optional = new Schema('string', { optional: true })
    expect(plain.encode('t', optional, null)?.toString()).toBe('null')
    expect(plain.encode('t', null, new Map<Value, Value>([[1n, 'x']]))?.toString()).toBe(
      '[[1,"x"]]',
    )
    expect(plain.encode('t', null, Number.NaN)?.toString()).toBe('"NaN"')
  })

  it.each<[Schema, Value, string]>([
    [
      STRING,
      null,
      'Conversion error: null value for field that is required and has no default value',
    ],
    [new Schema('int8'), 128, 'Invalid type for INT8'],
    [new Schema('int32'), 1n, 'Invalid type for INT32: INT64'],
    [new Schema('struct'), 'x', 'Invalid type for STRUCT: STRING'],
    [
      structSchema([['a', STRING]]),
      new Struct(structSchema([['b', STRING]]), ['x']),
      'Mismatching schema.',
    ],
    [
      new Schema('bytes', { name: LOGICAL.DECIMAL, parameters: { scale: '3' } }),
      new Decimal(1n, 2),
      'expected scale 3, found 2',
    ],
  ])('refuses to write case %#', (schema, value, message) => {
    expect(() => plain.encode('t', schema, value)).toThrow(message)
  })
})

describe('options', () => {
  it('reads payloads by the schema of schema.content', () => {
    const fixed = make({
      'schema.content': '{"type":"struct","fields":[{"type":"int64","field":"id"}]}',
    })
    const { value } = decode(fixed, '{"id":5}')
    expect((value as Struct).get('id')).toBe(5n)
    expect(fixed.encode('t', (value as Struct).schema, value)?.toString()).toBe('{"id":5}')
  })

  it('reports every bad option at once', () => {
    const bad = {
      'schemas.enable': 'maybe',
      'schemas.cache.size': '-1',
      'schema.content': '{"type":"x"}',
    }
    expect(() => make(bad)).toThrow(/3 problems/)
  })
})

describe('materialise', () => {
  it('keeps integers exact and refuses what INT64 and FLOAT64 cannot hold', () => {
    const raw = (text: string) => new RawText('json', Buffer.from(text), 0, text.length)
    expect(materialise(raw('{"a":[9223372036854775807,1.0,"x",null]}'))).toEqual(
      new Map([['a', [9223372036854775807n, 1, 'x', null]]]),
    )
    expect(() => materialise(raw('9223372036854775808'))).toThrow('19 digits')
    expect(() => materialise(raw('1e999'))).toThrow('range of FLOAT64')
    expect(materialise(new RawText('string', Buffer.from('xabx'), 1, 3))).toBe('ab')
  })
})
