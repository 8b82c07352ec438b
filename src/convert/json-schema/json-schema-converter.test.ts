/** Tables for JSON Schemas of producers: types, references, unions, options, and what is refused. */
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../base/decimal.ts'
import type { ImportedSchema, Struct } from '../../flow/index.ts'
import { JsonSchemaCodec } from './json-schema-converter.ts'
import { JsonSchemaDocument } from './json-schema-document.ts'
import type { JsonSchemaOptions } from './json-schema-names.ts'
import { toConnectSchema } from './to-connect.ts'

const OPTIONS: JsonSchemaOptions = {
  additionalProperties: true,
  optionalForNonRequired: false,
  decimalFormat: 'BASE64',
  ignoreDefaultForNullables: false,
  generalSumTypes: false,
  flattenSingletonUnions: true,
  scrubInvalidNames: false,
}

function connect(
  json: unknown,
  options: Partial<JsonSchemaOptions> = {},
  imports: ImportedSchema[] = [],
) {
  const document = JsonSchemaDocument.parse(JSON.stringify(json), imports)
  return toConnectSchema(document, { ...OPTIONS, ...options })
}

function read(json: unknown, payload: string) {
  const text = JSON.stringify(json)
  const codec = new JsonSchemaCodec(OPTIONS)
  const schema = { id: 1, version: undefined, format: 'JSON', text, imports: [], references: [] }
  const bytes = Buffer.from(payload)
  return codec.compileDecoder(schema as never).decode(bytes, 0, bytes.length).value
}

const DECIMAL = {
  type: 'number',
  title: 'org.apache.kafka.connect.data.Decimal',
  'connect.type': 'bytes',
  'connect.parameters': { scale: '2' },
}

describe('schemas', () => {
  it.each([
    [{ type: 'integer' }, { type: 'int64' }],
    [{ type: 'number' }, { type: 'float64' }],
    [{ type: 'integer', 'connect.type': 'int16' }, { type: 'int16' }],
    [{ type: 'number', 'connect.type': 'float32' }, { type: 'float32' }],
    [{ type: 'string', 'connect.type': 'bytes' }, { type: 'bytes' }],
    [
      { type: 'boolean', title: 'a.B', description: 'd' },
      { type: 'boolean', name: 'a.B', doc: 'd' },
    ],
    [
      { type: 'string', default: 'x', 'connect.version': 2 },
      { defaultValue: 'x', version: 2 },
    ],
    [{ type: ['null', 'string'] }, { type: 'string', optional: true }],
    [
      { type: 'string', nullable: true },
      { type: 'string', optional: true },
    ],
    [{ oneOf: [{ type: 'null' }, { type: 'integer' }] }, { type: 'int64', optional: true }],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, { type: 'int64', optional: true }],
    [{ const: 'x' }, { type: 'string' }],
    [{ allOf: [{ type: 'string' }, { maxLength: 5 }] }, { type: 'string' }],
    [
      { enum: ['A', 'B'] },
      {
        type: 'string',
        parameters: {
          'io.confluent.connect.json.Enum': '',
          'io.confluent.connect.json.Enum.A': 'A',
          'io.confluent.connect.json.Enum.B': 'B',
        },
      },
    ],
  ])('%j', (json, expected) => {
    expect(connect(json)).toMatchObject(expected)
  })

  it('orders fields by connect.index, others as they stand', () => {
    const of = (properties: object) =>
      connect({ type: 'object', properties })!.fields.map(f => f.name)
    const text = { type: 'string' }
    expect(of({ b: { ...text, 'connect.index': 1 }, a: { ...text, 'connect.index': 0 } })).toEqual([
      'a',
      'b',
    ])
    expect(of({ z: text, a: text })).toEqual(['z', 'a'])
  })

  it('makes what is not required optional only when told to', () => {
    const json = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      required: ['a'],
    }
    const optional = (schema: ReturnType<typeof connect>) =>
      schema!.fields.map(f => f.schema.optional)
    expect(optional(connect(json))).toEqual([false, false])
    expect(optional(connect(json, { optionalForNonRequired: true }))).toEqual([false, true])
  })

  it('merges the parts of allOf, with references', () => {
    const schema = connect({
      allOf: [{ $ref: '#/$defs/base' }, { type: 'object', properties: { b: { type: 'integer' } } }],
      $defs: { base: { type: 'object', properties: { a: { type: 'string' } } } },
    })
    expect(schema!.fields.map(field => field.name)).toEqual(['a', 'b'])
  })

  it('finds references in other texts, by name and by $id', () => {
    const text = '{"$id":"http://x/in.json","type":"object","properties":{"a":{"type":"integer"}}}'
    const imports = [{ name: 'in.json', text }]
    for (const $ref of ['in.json', 'http://x/in.json', 'in.json#/properties/a']) {
      const schema = connect({ type: 'object', properties: { r: { $ref } } }, {}, imports)
      expect(schema!.fields[0]!.schema.type).toBe($ref.includes('#') ? 'int64' : 'struct')
    }
  })

  it('a schema that refers to itself is a circle', () => {
    const schema = connect({
      title: 'Node',
      type: 'object',
      properties: { next: { oneOf: [{ type: 'null' }, { $ref: '#' }] } },
    })!
    expect(schema.field('next')!.schema).toMatchObject({ name: 'Node', optional: true })
    expect(schema.field('next')!.schema.fields).toBe(schema.fields)
  })

  it.each([
    [{ type: 'array' }, /items type/],
    [{ $ref: '#/nope' }, /found none/],
    [{ $ref: 'other.json' }, /registered reference/],
    [{ type: 'null' }, /standalone null/],
    [{ type: 'object', properties: { a: true } }, /with a type/],
    [{ enum: ['A', { b: 1 }] }, /symbols/],
    [{ allOf: [{ type: 'string' }, { type: 'object' }] }, /different types/],
  ])('refuses %j', (json, message) => {
    expect(() => connect(json)).toThrow(message)
  })
})

describe('values', () => {
  it('decimals as numbers and as Base64, entries of maps, data without a schema', () => {
    expect(read(DECIMAL, '123.45')).toEqual(new Decimal(12345n, 2))
    expect(read(DECIMAL, '"MDk="')).toEqual(new Decimal(12345n, 2))
    const map = {
      type: 'array',
      'connect.type': 'map',
      items: {
        type: 'object',
        properties: { key: { type: 'integer' }, value: { type: 'string' } },
      },
    }
    expect(read(map, '[{"value":"a","key":1},{"key":2,"value":"b"}]')).toEqual(
      new Map([
        [1n, 'a'],
        [2n, 'b'],
      ]),
    )
    expect(read({}, '{"a":[1]}')).toEqual(new Map([['a', [1n]]]))
  })

  it.each([
    ['5', [5n, null, null, null]],
    ['"x"', [null, 'x', null, null]],
    ['{"a":1,"b":2}', [null, null, null, 'set']],
    ['{"a":1}', [null, null, 'set', null]],
  ])('a union takes the branch of %s', (payload, expected) => {
    const properties = { a: { type: 'integer' } }
    const value = read(
      {
        oneOf: [
          { type: 'integer' },
          { type: 'string' },
          { type: 'object', title: 'A', properties },
          { type: 'object', title: 'B', properties: { ...properties, b: { type: 'integer' } } },
        ],
      },
      payload,
    ) as Struct
    expect(value.values.map(one => (typeof one === 'object' && one ? 'set' : one))).toEqual(
      expected,
    )
  })

  it.each([
    [{ type: 'integer' }, '"5"', /INT64/],
    [{ type: 'integer' }, '5.5', /INT64/],
    [{ type: 'integer', 'connect.type': 'int8' }, '300', /8 bits/],
    [{ type: 'string' }, '5', /STRING/],
    [{ type: 'string' }, 'null', /null value for required/],
    [{ type: 'string' }, '{broken', /serialization error/],
    [{ type: 'object', properties: { a: { type: 'string' } } }, '{}', /required STRING field/],
    [{ type: 'array', items: { type: 'string' } }, '{}', /JSON arrays/],
  ])('refuses %j for %s', (json, payload, message) => {
    expect(() => read(json, payload)).toThrow(message)
  })
})
