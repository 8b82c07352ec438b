/**
 * What every converter must do, whatever its format: one list of cases, run for each class of
 * `converterClasses` by converters.test.ts. A new converter adds one line to SUBJECTS.
 */
import {
  OPTIONAL_BYTES,
  OPTIONAL_STRING,
  Schema,
  type SchemaFormat,
  type SchemaType,
  Struct,
  structSchema,
  type Value,
} from '../../src/flow/index.ts'

export interface ConverterSubject {
  readonly className: string
  readonly options: Readonly<Record<string, string>>
  readonly schema: Schema | null
  /** A value and the exact bytes that stand for it. */
  readonly value: Value
  readonly golden: Buffer
  /** Schemas of the registry: text by id, of the type that the class reads. */
  readonly registered?: { readonly id: number; readonly text: string; readonly type: SchemaFormat }
  /** Bytes that the converter must refuse; undefined when it reads any bytes. */
  readonly wrong: Buffer | undefined
}

const optional = (type: SchemaType) => new Schema(type, { optional: true })
const hex = (text: string) => Buffer.from(text, 'hex')
const connect = 'org.apache.kafka.connect'

const primitive = (
  name: string,
  type: SchemaType,
  example: { value: Value; golden: string },
): ConverterSubject => ({
  className: `${connect}.converters.${name}Converter`,
  options: {},
  schema: optional(type),
  value: example.value,
  golden: hex(example.golden),
  wrong: hex('010203'),
})

const person = (field: { name?: string; tag?: string } = {}) => {
  const { name = 'name', tag } = field
  const parameters =
    tag === undefined ? {} : { parameters: { 'io.confluent.connect.protobuf.Tag': tag } }
  return structSchema([[name, new Schema('string', { optional: true, ...parameters })]], {
    name: 'Person',
  })
}
const registry = { 'schema.registry.url': 'http://registry' }

export const SUBJECTS: readonly ConverterSubject[] = [
  {
    className: `${connect}.storage.StringConverter`,
    options: {},
    schema: OPTIONAL_STRING,
    value: 'Skamandros Σ',
    golden: hex('536b616d616e64726f7320cea3'),
    wrong: undefined,
  },
  {
    className: `${connect}.converters.ByteArrayConverter`,
    options: {},
    schema: OPTIONAL_BYTES,
    value: hex('00ff10'),
    golden: hex('00ff10'),
    wrong: undefined,
  },
  primitive('Boolean', 'boolean', { value: true, golden: '01' }),
  primitive('Short', 'int16', { value: -2, golden: 'fffe' }),
  primitive('Integer', 'int32', { value: 305419896, golden: '12345678' }),
  primitive('Long', 'int64', { value: -1n, golden: 'ffffffffffffffff' }),
  primitive('Float', 'float32', { value: 1.5, golden: '3fc00000' }),
  primitive('Double', 'float64', { value: 0.1, golden: '3fb999999999999a' }),
  {
    className: `${connect}.json.JsonConverter`,
    options: {},
    schema: optional('int64'),
    value: 42n,
    golden: Buffer.from('{"schema":{"type":"int64","optional":true},"payload":42}'),
    wrong: Buffer.from('{"id":42}'),
  },
  {
    className: `${connect}.json.JsonConverter`,
    options: { 'schemas.enable': 'false' },
    schema: null,
    value: new Map<Value, Value>([['id', 42n]]),
    golden: Buffer.from('{"id":42}'),
    wrong: Buffer.from('{"id":42'),
  },
  {
    className: 'io.confluent.connect.avro.AvroConverter',
    options: registry,
    schema: person(),
    value: new Struct(person(), ['Ann']),
    // 0, id 7, union branch 1, length 3, text
    golden: hex('00000000070206416e6e'),
    registered: {
      id: 7,
      type: 'AVRO',
      text: '{"type":"record","name":"Person","fields":[{"name":"name","type":["null","string"],"default":null}],"connect.name":"Person"}',
    },
    wrong: hex('00000000070208416e6e'),
  },
  {
    className: 'io.confluent.connect.protobuf.ProtobufConverter',
    options: registry,
    schema: person({ tag: '1' }),
    value: new Struct(person({ tag: '1' }), ['Ann']),
    // 0, id 7, message path [0], field 1 of wire type 2, length 3, text
    golden: hex('0000000007000a03416e6e'),
    registered: {
      id: 7,
      type: 'PROTOBUF',
      text: 'syntax = "proto3";\n\nmessage Person {\n  string name = 1;\n}\n',
    },
    wrong: hex('0000000007000a09416e6e'),
  },
  {
    className: 'io.confluent.connect.json.JsonSchemaConverter',
    options: registry,
    schema: person(),
    value: new Struct(person(), ['Ann']),
    golden: Buffer.concat([hex('0000000007'), Buffer.from('{"name":"Ann"}')]),
    registered: {
      id: 7,
      type: 'JSON',
      text: '{"type":"object","properties":{"name":{"oneOf":[{"type":"null"},{"type":"string"}],"connect.index":0}},"title":"Person"}',
    },
    wrong: Buffer.concat([hex('0000000007'), Buffer.from('{"name":5}')]),
  },
]
