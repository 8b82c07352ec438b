/**
 * Bytes of Avro's and Protobuf's Java libraries: read by our converters and written again to the same
 * bytes; and schema texts as Avro's Java library prints them.
 * Captured by scripts/golden/capture-schema-bytes.sh.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../src/base/decimal.ts'
import { sourceOf } from '../../src/config/index.ts'
import { converterClasses } from '../../src/convert/index.ts'
import type { SchemaFormat, Value } from '../../src/flow/index.ts'
import { decode, encode, MemoryRegistry } from '../support/memory-registry.ts'
import { plain } from '../support/random-values.ts'

interface Golden {
  readonly avro: readonly { schema: string; value: string; hex: string }[]
  readonly protobuf: readonly { value: string; hex: string }[]
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('schema-bytes.json', import.meta.url), 'utf8'),
)

const CLASSES = { AVRO: 'AvroConverter', PROTOBUF: 'ProtobufConverter', JSON: '' } as const

function setup(format: SchemaFormat, text: string, options: Record<string, string> = {}) {
  const registry = new MemoryRegistry()
  registry.add({ format, text, references: [] }, [], 1)
  const source = sourceOf({ 'schema.registry.url': 'http://r', ...options })
  const converter = converterClasses.get(CLASSES[format])!.createConverter!(source, false, {
    openRegistry: () => registry,
  })
  return { registry, converter }
}

const framed = (hex: string, path = '') => Buffer.from(`0000000001${path}${hex}`, 'hex')
/** Avro's text of a named type, in one word. */
const nameOf = (schema: string) => /"name":"(\w+)"/.exec(schema)?.[1] ?? schema

describe('Avro', () => {
  it.each(golden.avro.map(one => [nameOf(one.schema), one.value.slice(0, 40), one] as const))(
    '%s %s',
    async (_name, _value, { schema, hex }) => {
      const { converter } = setup('AVRO', schema, { 'use.schema.id': '1' })
      const decoded = await decode(converter, framed(hex))
      const bytes = await encode(converter, decoded.schema, decoded.value)
      expect(bytes!.toString('hex')).toBe(framed(hex).toString('hex'))
    },
  )

  it('reads every kind of field', async () => {
    const { schema, hex } = golden.avro.at(-1)!
    const { value } = await decode(setup('AVRO', schema).converter, framed(hex))
    const one: Value = new Map<Value, Value>([[1, 'one']])
    expect(plain(value)).toEqual({
      struct: [
        -5n,
        'Ann grüßt',
        -3,
        plain(new Decimal(12345n, 2)),
        19_000,
        1,
        1_700_000_000_123n,
        ['a', 'b'],
        plain(new Map<Value, Value>([['x', 7]])),
        plain(one),
        { struct: ['Troy'] },
        { struct: ['Sparta'] },
        'Ithaca',
        -0.25,
      ],
    })
  })

  it('registers the text that the Java library prints', async () => {
    const { schema, hex } = golden.avro.at(-1)!
    const { converter, registry } = setup('AVRO', schema)
    const decoded = await decode(converter, framed(hex))
    await encode(converter, decoded.schema, decoded.value)
    expect([...registry.schemas.values()].map(one => one.text)).toEqual([schema])
  })
})

const PROTO = `syntax = "proto3"; package n.s;
import "google/protobuf/timestamp.proto";
message All {
  double a = 1; float b = 2; int32 c = 3; uint32 d = 4; sint32 e = 5; fixed32 f = 6; sfixed32 g = 7;
  int64 h = 8; uint64 i = 9; sint64 j = 10; fixed64 k = 11; sfixed64 l = 12; bool m = 13; string n = 14; bytes o = 15;
  repeated int32 p = 16; repeated string q = 17; map<string, sint64> r = 18; Inner s = 19; Color t = 20;
  oneof pick { string u = 21; int64 v = 2000; }
  google.protobuf.Timestamp w = 22;
}
message Inner { int32 x = 1; }
enum Color { RED = 0; BLUE = 5; }`

describe('Protobuf', () => {
  it.each(golden.protobuf.map(one => [one.value.slice(0, 60), one] as const))(
    '%s',
    async (_value, { hex }) => {
      const { converter } = setup('PROTOBUF', PROTO, { 'use.schema.id': '1' })
      const decoded = await decode(converter, framed(hex, '00'))
      const bytes = await encode(converter, decoded.schema, decoded.value)
      expect(bytes!.toString('hex')).toBe(framed(hex, '00').toString('hex'))
    },
  )

  it('reads every kind of field', async () => {
    const { converter } = setup('PROTOBUF', PROTO)
    const read = async (index: number) => {
      const decoded = await decode(converter, framed(golden.protobuf[index]!.hex, '00'))
      return (plain(decoded.value) as { struct: unknown[] }).struct
    }
    expect((await read(1)).slice(1, 16)).toEqual([
      0.1,
      1.5,
      -5,
      4_000_000_000n,
      -6,
      4_000_000_001n,
      -7,
      -(2n ** 63n),
      5n,
      -9n,
      11n,
      -12n,
      true,
      'grüßt',
      { hex: '01ff' },
    ])
    const third = await read(2)
    expect(third[0]).toEqual({ struct: [null, 0n] })
    expect(third.slice(16)).toEqual([
      [1, -1, 300],
      ['x', ''],
      plain(new Map<Value, Value>([['k', -1n]])),
      { struct: [5] },
      'BLUE',
      1_700_000_000_123n,
    ])
    expect((await read(3)).at(-1)).toBe(-995n)
  })
})
