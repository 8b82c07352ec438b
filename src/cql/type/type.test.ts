import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { ByteReader } from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import type { CqlType } from './cql-type.ts'
import { parseMarshalClass, toMarshalClass } from './marshal-class.ts'
import { PRIMITIVES } from './primitive-kinds.ts'
import { readTypeOption, writeTypeOption } from './type-option.ts'
import { fixedBytesOf, isSameEncoding } from './type-shape.ts'
import { formatCqlType, parseCqlType } from './type-text.ts'

const M = 'org.apache.cassandra.db.marshal.'
const int: CqlType = { kind: 'int' }
const text: CqlType = { kind: 'text' }
const address: CqlType = {
  kind: 'udt',
  keyspace: 'k',
  name: 'Ad"dress',
  fields: [
    { name: 'street', type: text },
    { name: 'codes', type: { kind: 'list', element: int, frozen: true } },
  ],
  frozen: false,
}
const lookup = (name: string, keyspace: string | undefined) =>
  name === 'Ad"dress' && (keyspace === undefined || keyspace === 'k') ? address : undefined

/** written, as the server writes it, type */
const TEXTS: [string, string, CqlType][] = [
  ...PRIMITIVES.map(p => [p.kind, p.kind, p.type] as [string, string, CqlType]),
  ['VARCHAR', 'text', text],
  ['list<int>', 'list<int>', { kind: 'list', element: int, frozen: false }],
  [' set < text > ', 'set<text>', { kind: 'set', element: text, frozen: false }],
  [
    'frozen<map<text, list<int>>>',
    'frozen<map<text, frozen<list<int>>>>',
    { kind: 'map', key: text, value: { kind: 'list', element: int, frozen: true }, frozen: true },
  ],
  [
    'map<text, frozen<set<int>>>',
    'map<text, frozen<set<int>>>',
    { kind: 'map', key: text, value: { kind: 'set', element: int, frozen: true }, frozen: false },
  ],
  ['tuple<int, text>', 'frozen<tuple<int, text>>', { kind: 'tuple', elements: [int, text] }],
  [
    'vector<float, 3>',
    'vector<float, 3>',
    { kind: 'vector', element: { kind: 'float' }, dimension: 3 },
  ],
  ['"Ad""dress"', '"Ad""dress"', address],
  ['frozen<k."Ad""dress">', 'frozen<"Ad""dress">', { ...address, frozen: true }],
  ["'com.example.Own'", "'com.example.Own'", { kind: 'custom', className: 'com.example.Own' }],
  [`'${M}DurationType'`, 'duration', { kind: 'duration' }],
]

describe('CQL text of types', () => {
  it.each(TEXTS)('%s', (written, canonical, type) => {
    expect(parseCqlType(written, lookup)).toEqual(type)
    expect(formatCqlType(type)).toBe(canonical)
    expect(parseCqlType(canonical, lookup)).toEqual(type)
  })

  it.each([
    ['', /expected a type name/],
    ['list<int', /expected '>'/],
    ['list<int, int>', /expected 1 parameters of list, found 2/],
    ['map<int>', /expected 2 parameters/],
    ['tuple<>', /expected/],
    ['int int', /expected the end/],
    ['vector<int>', /expected ','/],
    ['vector<int, 0>', /dimension/],
    ['nobody', /unknown type nobody/],
    ['"list"', /unknown type "list"/],
    [`${'list<'.repeat(100)}int${'>'.repeat(100)}`, /at most 64 levels/],
  ])('refuses %j', (written, message) => {
    expect(() => parseCqlType(written, lookup)).toThrow(message)
  })
})

describe('marshal classes', () => {
  const cases: [string, CqlType][] = [
    ...PRIMITIVES.map(p => [M + p.marshalClass, p.type] as [string, CqlType]),
    [`${M}ReversedType(${M}TimestampType)`, { kind: 'timestamp' }],
    [`${M}DateType`, { kind: 'timestamp' }],
    ['UTF8Type', text],
    [
      `${M}VectorType(${M}FloatType , 3)`,
      { kind: 'vector', element: { kind: 'float' }, dimension: 3 },
    ],
    [
      `${M}VectorType(${M}FloatType,3)`,
      { kind: 'vector', element: { kind: 'float' }, dimension: 3 },
    ],
    [
      `${M}FrozenType(${M}MapType(${M}UTF8Type,${M}ListType(${M}Int32Type)))`,
      { kind: 'map', key: text, value: { kind: 'list', element: int, frozen: true }, frozen: true },
    ],
    [`${M}TupleType(${M}Int32Type,${M}UTF8Type)`, { kind: 'tuple', elements: [int, text] }],
    [
      `${M}UserType(k,${hex('Ad"dress')},${hex('street')}:${M}UTF8Type,${hex('codes')}:${M}ListType(${M}Int32Type))`,
      address,
    ],
    ['com.example.Own', { kind: 'custom', className: 'com.example.Own' }],
    [
      `${M}CompositeType(${M}Int32Type,${M}UTF8Type)`,
      { kind: 'custom', className: `${M}CompositeType(${M}Int32Type,${M}UTF8Type)` },
    ],
    [
      `${M}DynamicCompositeType(b=>${M}BytesType,i=>${M}Int32Type)`,
      { kind: 'custom', className: `${M}DynamicCompositeType(b=>${M}BytesType,i=>${M}Int32Type)` },
    ],
    [
      `${M}ListType(${M}CompositeType(${M}Int32Type))`,
      {
        kind: 'list',
        element: { kind: 'custom', className: `${M}CompositeType(${M}Int32Type)` },
        frozen: false,
      },
    ],
  ]

  it.each(cases)('%s', (name, type) => {
    expect(parseMarshalClass(name)).toEqual(type)
    expect(parseMarshalClass(toMarshalClass(type))).toEqual(type)
  })

  const u: CqlType = {
    kind: 'udt',
    keyspace: 'adhoc',
    name: 'u',
    fields: [
      { name: 'a', type: int },
      { name: 'b', type: { kind: 'list', element: int, frozen: true } },
    ],
    frozen: true,
  }
  const frozenList: CqlType = { kind: 'list', element: int, frozen: true }

  it.each([
    [
      { kind: 'set', element: frozenList, frozen: true },
      `${M}FrozenType(${M}SetType(${M}ListType(${M}Int32Type)))`,
    ],
    [
      { kind: 'vector', element: frozenList, dimension: 2 },
      `${M}VectorType(${M}FrozenType(${M}ListType(${M}Int32Type)) , 2)`,
    ],
    [
      { kind: 'vector', element: u, dimension: 2 },
      `${M}VectorType(${M}FrozenType(${M}UserType(adhoc,75,61:${M}Int32Type,62:${M}ListType(${M}Int32Type))) , 2)`,
    ],
    [
      { kind: 'vector', element: { kind: 'tuple', elements: [int, text] }, dimension: 1 },
      `${M}VectorType(${M}TupleType(${M}Int32Type,${M}UTF8Type) , 1)`,
    ],
  ] as [CqlType, string][])('%# are written as Cassandra 5.0.6 writes them', (type, name) => {
    expect(toMarshalClass(type)).toBe(name)
    expect(isSameEncoding(parseMarshalClass(name), type)).toBe(true)
  })

  it.each([
    '',
    `${M}ListType(`,
    `${M}MapType(${M}Int32Type)`,
    `${M}UserType(k,abc)`,
    'a.B(c',
    `${'FrozenType('.repeat(100)}`,
  ])('refuses %j', name => {
    expect(() => parseMarshalClass(name)).toThrow(/CQL type/)
  })
})

describe('type options', () => {
  const cases: [ProtocolVersion, CqlType, string][] = [
    ...PRIMITIVES.map(
      p =>
        [5, p.type, p.option.toString(16).padStart(4, '0')] as [ProtocolVersion, CqlType, string],
    ),
    [3, { kind: 'date' }, customHex(`${M}SimpleDateType`)],
    [3, { kind: 'tinyint' }, customHex(`${M}ByteType`)],
    [4, { kind: 'duration' }, customHex(`${M}DurationType`)],
    [4, { kind: 'list', element: int, frozen: false }, '00200009'],
    [4, { kind: 'set', element: text, frozen: false }, '0022000d'],
    [
      4,
      {
        kind: 'map',
        key: int,
        value: { kind: 'list', element: text, frozen: true },
        frozen: false,
      },
      '002100090020000d',
    ],
    [4, { kind: 'tuple', elements: [int, text] }, '003100020009000d'],
    [
      5,
      { kind: 'vector', element: int, dimension: 2 },
      customHex(`${M}VectorType(${M}Int32Type , 2)`),
    ],
    [4, { kind: 'custom', className: 'a.B' }, customHex('a.B')],
    [
      4,
      { kind: 'udt', keyspace: 'k', name: 'n', fields: [{ name: 'f', type: int }], frozen: false },
      '003000016b00016e00010001660009',
    ],
  ]

  it.each(cases)('v%i %j', (version, type, bytes) => {
    const writer = new ByteWriter(64)
    writeTypeOption(writer, type, version)
    expect(writer.view().toString('hex')).toBe(bytes)
    expect(readTypeOption(new ByteReader(Buffer.from(bytes, 'hex')))).toEqual(type)
  })

  it('refuses unknown ids and endless nesting', () => {
    expect(() => readTypeOption(new ByteReader(Buffer.from('0099', 'hex')))).toThrow(/0x99/)
    const deep = Buffer.from('0020'.repeat(1000), 'hex')
    expect(() => readTypeOption(new ByteReader(deep))).toThrow(/at most 64 levels/)
  })
})

describe('type shape', () => {
  it.each([
    [int, 4],
    [{ kind: 'smallint' }, 0],
    [{ kind: 'time' }, 0],
    [{ kind: 'timestamp' }, 8],
    [text, 0],
    [{ kind: 'vector', element: { kind: 'vector', element: int, dimension: 2 }, dimension: 3 }, 24],
    [{ kind: 'vector', element: text, dimension: 3 }, 0],
  ] as [CqlType, number][])('%j is %i bytes wide in a vector', (type, bytes) => {
    expect(fixedBytesOf(type)).toBe(bytes)
  })

  it.each([
    ['list<int>', 'frozen<list<int>>', true],
    ['list<int>', 'set<int>', false],
    ['map<int, text>', 'map<int, ascii>', false],
    ['tuple<int, int>', 'tuple<int>', false],
    ['vector<int, 2>', 'vector<int, 3>', false],
    ['"Ad""dress"', 'frozen<"Ad""dress">', true],
    ["'a.B'", "'a.C'", false],
  ])('%s and %s have the same cells: %s', (a, b, same) => {
    expect(isSameEncoding(parseCqlType(a, lookup), parseCqlType(b, lookup))).toBe(same)
  })
})

function hex(value: string): string {
  return Buffer.from(value).toString('hex')
}

function customHex(name: string): string {
  return `0000${name.length.toString(16).padStart(4, '0')}${hex(name)}`
}
