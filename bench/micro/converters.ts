/**
 * Cost of the converters with a schema registry: nanoseconds per record for reading and writing,
 * beside the libraries alone, which build objects without schemas, and beside plain JSON.
 * Usage: node bench/micro/converters.ts [RECORDS]
 * One record of ten fields; each form runs several times and the best run counts.
 */
import avro from 'avsc'
import protobuf from 'protobufjs'
import { sourceOf } from '../../src/config/index.ts'
import { converterClasses } from '../../src/convert/index.ts'
import { Schema, Struct, structSchema, type Value } from '../../src/flow/index.ts'
import { MemoryRegistry, withSchemas } from '../../test/support/memory-registry.ts'

const count = Number(process.argv[2] ?? '200000')
const ROUNDS = 7

const optional = (type: Schema['type']) => new Schema(type, { optional: true })
const schema = structSchema(
  [
    ['id', new Schema('int64')],
    ['name', new Schema('string')],
    ['city', optional('string')],
    ['age', new Schema('int32')],
    ['score', new Schema('float64')],
    ['active', new Schema('boolean')],
    ['seen', new Schema('int64')],
    ['mail', optional('string')],
    ['level', new Schema('int32')],
    ['note', new Schema('string')],
  ],
  { name: 'bench.User' },
)
const values: Value[] = [
  1234567n,
  'Ann Example',
  'Troy',
  41,
  12.75,
  true,
  1700000000123n,
  'ann@example.org',
  3,
  'a note of some length, as they are',
]
const value = new Struct(schema, values)
const plain = Object.fromEntries(
  schema.fields.map(({ name }, i) => [
    name,
    typeof values[i] === 'bigint' ? Number(values[i]) : values[i],
  ]),
)

function best(run: () => void): number {
  let bestNs = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint()
    for (let i = 0; i < count; i++) run()
    bestNs = Math.min(bestNs, Number(process.hrtime.bigint() - started) / count)
  }
  return Math.round(bestNs)
}

interface Row {
  readonly form: string
  readonly bytes: number
  readonly decodeNs: number
  readonly encodeNs: number
}

async function ours(
  className: string,
  options: Record<string, string>,
): Promise<[Row, MemoryRegistry]> {
  const registry = new MemoryRegistry()
  const converter = converterClasses.get(className)!.createConverter!(sourceOf(options), false, {
    openRegistry: () => registry,
  })
  const bytes = (await withSchemas(() => converter.encode('t', schema, value)))!
  await withSchemas(() => converter.decode('t', bytes, 0, bytes.length))
  const decodeNs = best(() => converter.decode('t', bytes, 0, bytes.length))
  const encodeNs = best(() => converter.encode('t', schema, value))
  return [{ form: className, bytes: bytes.length, decodeNs, encodeNs }, registry]
}

function avscAlone(registry: MemoryRegistry): Row {
  const type = avro.Type.forSchema(JSON.parse(registry.schemas.get(1)!.text))
  const branches = { ...plain, city: { string: 'Troy' }, mail: { string: 'ann@example.org' } }
  const input = type.isValid(plain) ? plain : branches
  const bytes = type.toBuffer(input)
  const decodeNs = best(() => type.fromBuffer(bytes))
  return {
    form: 'avsc alone',
    bytes: bytes.length,
    decodeNs,
    encodeNs: best(() => type.toBuffer(input)),
  }
}

function protobufAlone(registry: MemoryRegistry): Row {
  const type = protobuf
    .parse(registry.schemas.get(1)!.text, { keepCase: true })
    .root.lookupType('bench.User')
  const bytes = type.encode(plain).finish()
  const decodeNs = best(() => type.decode(bytes))
  const encodeNs = best(() => type.encode(plain).finish())
  return { form: 'protobufjs alone', bytes: bytes.length, decodeNs, encodeNs }
}

function jsonAlone(): Row {
  const bytes = Buffer.from(JSON.stringify(plain))
  const decodeNs = best(() => JSON.parse(bytes.utf8Slice(0, bytes.length)))
  const encodeNs = best(() => Buffer.from(JSON.stringify(plain)))
  return { form: 'JSON.parse alone', bytes: bytes.length, decodeNs, encodeNs }
}

const address = { 'schema.registry.url': 'http://registry' }
const [avroRow, avroRegistry] = await ours('AvroConverter', address)
const [protobufRow, protobufRegistry] = await ours('ProtobufConverter', address)
const [jsonRow] = await ours('JsonSchemaConverter', address)
const [envelopeRow] = await ours('JsonConverter', {})
console.table([
  avroRow,
  avscAlone(avroRegistry),
  protobufRow,
  protobufAlone(protobufRegistry),
  jsonRow,
  envelopeRow,
  jsonAlone(),
])
