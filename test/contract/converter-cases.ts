/**
 * What every converter must do, whatever its format: one list of cases, run for each class of
 * `converterClasses` by converters.test.ts. A new converter adds one line to SUBJECTS.
 */
import {
  OPTIONAL_BYTES,
  OPTIONAL_STRING,
  Schema,
  type SchemaType,
  type Value,
} from '../../src/flow/index.ts'

export interface ConverterSubject {
  readonly className: string
  readonly options: Readonly<Record<string, string>>
  readonly schema: Schema | null
  /** A value and the exact bytes that stand for it. */
  readonly value: Value
  readonly golden: Buffer
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
]
