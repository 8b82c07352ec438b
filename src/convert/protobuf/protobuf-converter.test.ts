/** Tables for .proto files of producers: types, presence, unions, options, paths, damaged bytes. */
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../base/decimal.ts'
import { type ImportedSchema, LOGICAL, Schema, Struct, structSchema } from '../../flow/index.ts'
import { toProtoText } from './from-connect.ts'
import type { ProtobufOptions } from './proto-names.ts'
import { ProtobufCodec } from './protobuf-converter.ts'

/** Its type lacks the static part. */
const Long = protobuf.util.Long as unknown as {
  fromString(text: string, unsigned?: boolean): unknown
}

const OPTIONS: ProtobufOptions = {
  enhanced: false,
  scrubInvalidNames: false,
  intForEnums: false,
  optionalForNullables: false,
  optionalForProto2: true,
  wrapperForNullables: false,
  wrapperForRawPrimitives: true,
  indexForUnions: true,
  flattenUnions: false,
  structForNulls: false,
  ignoreDefaultForNullables: false,
  generalSumTypes: false,
}

function decoder(
  text: string,
  options: Partial<ProtobufOptions> = {},
  imports: ImportedSchema[] = [],
) {
  const codec = new ProtobufCodec({ ...OPTIONS, ...options })
  const schema = { id: 1, version: undefined, format: 'PROTOBUF', text, imports, references: [] }
  const compiled = codec.compileDecoder(schema as never)
  return (hex: string) => {
    const bytes = Buffer.from(hex, 'hex')
    return compiled.decode(bytes, 0, bytes.length)
  }
}

const proto3 = (body: string) => `syntax = "proto3"; package n.s; ${body}`
const values = (decoded: { value: unknown }) => (decoded.value as Struct).values

const ALL = proto3(`message All {
  double a = 1; float b = 2; int32 c = 3; uint32 d = 4; sint32 e = 5; fixed32 f = 6; sfixed32 g = 7;
  int64 h = 8; uint64 i = 9; sint64 j = 10; fixed64 k = 11; sfixed64 l = 12; bool m = 13; string n = 14; bytes o = 15;
}`)

describe('scalars', () => {
  const type = protobuf.parse(ALL).root.lookupType('n.s.All')
  const read = decoder(ALL)
  const encoded = (value: object) => `00${Buffer.from(type.encode(value).finish()).toString('hex')}`

  it('read what another implementation wrote', () => {
    const long = (text: string) => Long.fromString(text)
    const value = {
      a: 0.1,
      b: 1.5,
      c: -5,
      d: 4_000_000_000,
      e: -6,
      f: 4_000_000_001,
      g: -7,
      h: long('-9223372036854775808'),
      i: Long.fromString('18446744073709551615', true),
      j: long('-9'),
      k: long('11'),
      l: long('-12'),
      m: true,
      n: 'grüße',
      o: Buffer.from([1, 2]),
    }
    expect(values(read(encoded(value)))).toEqual([
      0.1,
      1.5,
      -5,
      4_000_000_000n,
      -6,
      4_000_000_001n,
      -7,
      -(2n ** 63n),
      -1n,
      -9n,
      11n,
      -12n,
      true,
      'grüße',
      Buffer.from([1, 2]),
    ])
  })

  it('are zero when they do not come', () => {
    const zeros = [0, 0, 0, 0n, 0, 0n, 0, 0n, 0n, 0n, 0n, 0n, false, '', Buffer.alloc(0)]
    expect(values(read('00'))).toEqual(zeros)
    // Also behind fields that nobody knows: numbers 99 and 3000, and a group.
    expect(values(read('00' + '9a0602ffff' + 'c0bb0105' + '9b0608059c06'))).toEqual(zeros)
  })

  it.each([
    ['000801', 1], // field 1 of another wire type is passed over
  ])('passes over wrong wire types: %s', hex => {
    expect(values(read(hex))[0]).toBe(0)
  })
})

describe('schemas', () => {
  it('names structs by message, or with their package', () => {
    const text = proto3('message M { int32 a = 1; }')
    expect(decoder(text)('00').schema).toMatchObject({ type: 'struct', name: 'M' })
    expect(decoder(text, { enhanced: true })('00').schema!.name).toBe('n.s.M')
  })

  it('keeps numbers of fields, narrow integers and logical types', () => {
    const { schema } = decoder(
      proto3(`import "confluent/meta.proto"; import "confluent/type/decimal.proto"; import "google/type/date.proto";
      import "google/type/timeofday.proto"; import "google/protobuf/timestamp.proto";
      message M {
        int32 a = 4 [(confluent.field_meta) = { params: [ { key: "connect.type", value: "int8" } ] }];
        confluent.type.Decimal b = 5 [(confluent.field_meta) = { params: [ { value: "3", key: "scale" }, { key: "precision", value: "9" } ] }];
        google.type.Date c = 6; google.type.TimeOfDay d = 7; google.protobuf.Timestamp e = 8;
      }`),
    )('00')
    expect(schema!.fields.map(f => [f.schema.type, f.schema.name])).toEqual([
      ['int8', undefined],
      ['bytes', LOGICAL.DECIMAL],
      ['int32', LOGICAL.DATE],
      ['int32', LOGICAL.TIME],
      ['int64', LOGICAL.TIMESTAMP],
    ])
    expect(schema!.fields[1]!.schema.parameters).toEqual({
      scale: '3',
      'connect.decimal.precision': '9',
      'io.confluent.connect.protobuf.Tag': '5',
    })
  })

  it.each<[Partial<ProtobufOptions>, unknown[], boolean[]]>([
    [{}, [0, 0], [true, true]],
    [{ optionalForNullables: true }, [0, null], [false, true]],
    [{ wrapperForNullables: true }, [0, 0], [false, false]],
  ])('presence with %j', (options, expected, optional) => {
    const { schema, value } = decoder(
      proto3('message M { int32 a = 1; optional int32 b = 2; }'),
      options,
    )('00')
    expect((value as Struct).values).toEqual(expected)
    expect(schema!.fields.map(field => field.schema.optional)).toEqual(optional)
  })

  it('reads wrappers as structs, as scalars that may be null, or as the whole value', () => {
    const text = proto3(
      'import "google/protobuf/wrappers.proto"; message M { google.protobuf.StringValue a = 1; }',
    )
    expect(values(decoder(text)('000a030a0178'))[0]).toBeInstanceOf(Struct)
    const read = decoder(text, { wrapperForNullables: true })
    expect(values(read('000a030a0178'))).toEqual(['x'])
    expect(values(read('00'))).toEqual([null])
  })

  it('enums by symbol or number', () => {
    const text = proto3('enum C { RED = 0; BLUE = 5; } message M { C c = 1; }')
    expect(values(decoder(text)('000805'))).toEqual(['BLUE'])
    expect(values(decoder(text)('00'))).toEqual(['RED'])
    expect(values(decoder(text)('000809'))).toEqual(['UNKNOWN_ENUM_VALUE_C_9'])
    expect(values(decoder(text, { intForEnums: true })('000805'))).toEqual([5])
  })

  it.each<[Partial<ProtobufOptions>, string[]]>([
    [{}, ['pick_0', 'z']],
    [{ indexForUnions: false }, ['pick', 'z']],
    [{ flattenUnions: true }, ['z', 'x', 'y']],
  ])('oneof with %j', (options, names) => {
    const text = proto3('message M { int32 z = 1; oneof pick { string x = 2; int64 y = 3; } }')
    const read = decoder(text, options)
    expect(read('00').schema!.fields.map(field => field.name)).toEqual(names)
    const found = values(read('001805'))
    if (options.flattenUnions) expect(found).toEqual([0, null, 5n])
    else expect((found[0] as Struct).values).toEqual([null, 5n])
  })

  it('lists packed and not, maps in both forms', () => {
    const text =
      proto3(`message M { repeated int32 a = 1; map<string, int32> b = 2; repeated CEntry c = 3;
      message CEntry { int32 key = 1; string value = 2; } }`)
    const read = decoder(text)
    expect(values(read('000a020102' + '0803'))[0]).toEqual([1, 2, 3])
    expect(values(read('0012050a01781007'))[1]).toEqual(new Map([['x', 7]]))
    expect(values(read('001a0508051201' + '79'))[2]).toEqual(new Map([[5, 'y']]))
    expect(values(read('00'))).toEqual([[], new Map(), new Map()])
  })

  it('proto2: defaults, and null where a field may be absent', () => {
    const text =
      'syntax = "proto2"; message M { required int32 a = 1; optional int32 b = 2 [default = 7]; }'
    expect(values(decoder(text)('000801'))).toEqual([1, 7])
    expect(values(decoder(text, { optionalForNullables: true })('000801'))).toEqual([1, null])
  })

  it('recursive messages and types of other files', () => {
    const imports = [{ name: 'other.proto', text: proto3('message In { int32 a = 1; }') }]
    const text = proto3('import "other.proto"; message M { M next = 1; In in = 2; }')
    const { schema, value } = decoder(text, {}, imports)('000a0412020805')
    const next = (value as Struct).values[0] as Struct
    expect((next.values[1] as Struct).values).toEqual([5])
    expect(schema!.field('next')!.schema.fields).toBe(schema!.fields)
  })

  it.each([
    ['syntax = "proto3"; message M { Nope a = 1; }', /Nope/],
    ['import "a.proto"; message M {}', /a\.proto is not registered/],
    ['syntax = "proto3"; enum E { A = 0; }', /expected a message/],
    ['{', /\.proto file/],
  ])('refuses %s', (text, message) => {
    expect(() => decoder(text)).toThrow(message)
  })
})

describe('paths', () => {
  const read = decoder(
    proto3(
      'message A { message X { int32 x = 1; } } message B { int32 b = 1; message Y { int32 y = 1; } }',
    ),
  )

  it.each([
    ['00', 'A'],
    ['0200', 'A'],
    ['0202' + '0805', 'B'],
    ['040200' + '0805', 'Y'],
    ['040000' + '0805', 'X'],
  ])('%s is %s', (hex, name) => {
    expect(read(hex).schema!.name).toBe(name)
  })

  it.each(['0208', '040400', 'ffffffff0f', '01'])('refuses %s', hex => {
    expect(() => read(hex)).toThrow(/Protobuf data/)
  })
})

it.each(['000a05', '000b', '000f', '0003', '0a'])('refuses damaged bytes %s', hex => {
  expect(() => decoder(proto3('message M { string a = 1; }'))(hex)).toThrow(/Protobuf data/)
})

describe('texts', () => {
  it('a struct with everything', () => {
    const inner = structSchema([['x', new Schema('int32')]], { name: 'n.Inner', optional: true })
    const schema = structSchema(
      [
        ['id', new Schema('int64')],
        ['small', new Schema('int16')],
        ['amount', new Schema('bytes', { name: LOGICAL.DECIMAL, parameters: { scale: '2' } })],
        ['tags', new Schema('array', { values: new Schema('string') })],
        ['counts', new Schema('map', { keys: new Schema('string'), values: new Schema('int32') })],
        ['inner', inner],
        ['again', inner],
        ['name', new Schema('string', { optional: true })],
      ],
      { name: 'n.s.All' },
    )
    expect(toProtoText(schema, { ...OPTIONS, optionalForNullables: true })).toEqual({
      fullName: 'n.s.All',
      text: `syntax = "proto3";
package n.s;
import "confluent/meta.proto";
import "confluent/type/decimal.proto";

message All {
  int64 id = 1;
  int32 small = 2 [(confluent.field_meta) = { params: [ { key: "connect.type", value: "int16" } ] }];
  confluent.type.Decimal amount = 3 [(confluent.field_meta) = { params: [ { key: "scale", value: "2" } ] }];
  repeated string tags = 4;
  map<string, int32> counts = 5;
  Inner inner = 6;
  .n.s.All.Inner again = 7;
  optional string name = 8;
  message Inner {
    int32 x = 1;
  }
}
`,
    })
  })

  it('keeps the numbers that fields tell', () => {
    const tagged = (number: string) =>
      new Schema('int32', { parameters: { 'io.confluent.connect.protobuf.Tag': number } })
    const schema = structSchema(
      [
        ['a', new Schema('int32')],
        ['b', tagged('1')],
        ['c', tagged('7')],
      ],
      { name: 'M' },
    )
    expect(toProtoText(schema, OPTIONS).text).toMatch(/a = 2;\n {2}int32 b = 1;\n {2}int32 c = 7;/)
  })

  it.each([
    [new Schema('array', { values: new Schema('int32') }), /root schema of type ARRAY/],
    [
      structSchema([
        [
          'a',
          new Schema('array', { values: new Schema('array', { values: new Schema('int32') }) }),
        ],
      ]),
      /Array cannot be nested/,
    ],
  ])('refuses what Protobuf cannot hold: case %#', (schema, message) => {
    expect(() => toProtoText(schema, OPTIONS)).toThrow(message)
  })

  it('a decimal of another scale keeps its own', () => {
    const text = proto3(
      'import "confluent/type/decimal.proto"; message M { confluent.type.Decimal a = 1; }',
    )
    expect(values(decoder(text)('000a060a0230391802'))).toEqual([new Decimal(12345n, 2)])
  })
})
