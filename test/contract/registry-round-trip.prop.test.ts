/** Round trips of random schemas and values through each format, and Avro's bytes beside avsc's. */
import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sourceOf } from '../../src/config/index.ts'
import { converterClasses } from '../../src/convert/index.ts'
import { decode, encode, MemoryRegistry } from '../support/memory-registry.ts'
import { plain, type RandomOptions, randomStruct, shape } from '../support/random-values.ts'

function converter(name: string, registry: MemoryRegistry, options: Record<string, string> = {}) {
  const source = sourceOf({ 'schema.registry.url': 'http://r', ...options })
  const make = converterClasses.get(name)!.createConverter!
  return make(source, false, { openRegistry: () => registry })
}

const ALL: RandomOptions = {
  nestedCollections: true,
  mapKeys: ['string', 'int32', 'boolean', 'int64'],
  nullElements: true,
  specialFloats: true,
}
const JSON_DATA: RandomOptions = { ...ALL, specialFloats: false }
/** Protobuf knows no lists of lists, and no null inside a list. */
const PROTOBUF_DATA: RandomOptions = { ...ALL, nestedCollections: false, nullElements: false }

describe('round trips', () => {
  it('Avro keeps schema and value', async () => {
    await fc.assert(
      fc.asyncProperty(randomStruct(ALL), async ({ schema, value }) => {
        const registry = new MemoryRegistry()
        const bytes = await encode(converter('AvroConverter', registry), schema, value)
        const back = await decode(converter('AvroConverter', registry), bytes!)
        expect(plain(back.value)).toEqual(plain(value))
        expect(shape(back.schema)).toEqual(shape(schema))
      }),
      { numRuns: 150 },
    )
  })

  it('JSON Schema keeps schema and value', async () => {
    await fc.assert(
      fc.asyncProperty(randomStruct(JSON_DATA), async ({ schema, value }) => {
        const registry = new MemoryRegistry()
        const bytes = await encode(converter('JsonSchemaConverter', registry), schema, value)
        const back = await decode(converter('JsonSchemaConverter', registry), bytes!)
        expect(plain(back.value)).toEqual(plain(value))
        expect(shape(back.schema)).toEqual(shape(schema))
      }),
      { numRuns: 150 },
    )
  })

  it('Protobuf keeps values; a null without presence becomes zero', async () => {
    const options = { 'optional.for.nullables': 'true' }
    await fc.assert(
      fc.asyncProperty(randomStruct(PROTOBUF_DATA), async ({ schema, value }) => {
        const registry = new MemoryRegistry()
        const name = 'ProtobufConverter'
        const first = await encode(converter(name, registry, options), schema, value)
        const back = await decode(converter(name, registry, options), first!)
        // Null lists and maps come back empty; everything else is as it was.
        expect(withoutEmpty(plain(back.value))).toEqual(withoutEmpty(plain(value)))
        const second = await encode(converter(name, registry, options), back.schema, back.value)
        const again = await decode(converter(name, registry, options), second!)
        expect(plain(again.value)).toEqual(plain(back.value))
        expect(second!.subarray(5)).toEqual(first!.subarray(5))
      }),
      { numRuns: 150 },
    )
  })

  it('Avro writes the bytes that another implementation reads to the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomStruct({ ...ALL, specialFloats: false }),
        async ({ schema, value }) => {
          const registry = new MemoryRegistry()
          const bytes = await encode(converter('AvroConverter', registry), schema, value)
          const { text } = [...registry.schemas.values()][0]!
          const type = avro.Type.forSchema(JSON.parse(text), { registry: { long: LONG } } as object)
          const payload = bytes!.subarray(5)
          expect(type.toBuffer(type.fromBuffer(payload))).toEqual(payload)
        },
      ),
      { numRuns: 100 },
    )
  })
})

const LONG = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8)
    buffer.writeBigInt64LE(value)
    return buffer
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
})

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, one]) => [name, withoutEmpty(one)] as const)
  if (members.length === 1 && members[0]![0] === 'map' && members[0]![1] === null) return null
  return Object.fromEntries(members)
}
