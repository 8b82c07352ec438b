/**
 * Names and built-in types by which Protobuf schemas and Connect schemas tell each other what one of
 * them lacks. Used by everything in this folder. Spec: connect-rest 12.2.
 * Invariant: spelled as Confluent's converter spells them.
 */
export const ENUM_PARAMETER = 'io.confluent.connect.protobuf.Enum'
export const UNION_NAME = 'io.confluent.connect.protobuf.Union'
export const TAG_PARAMETER = 'io.confluent.connect.protobuf.Tag'
export const DEFAULT_NAME = 'ConnectDefault'
export const GENERAL_UNION = 'org.apache.kafka.connect.data.Union'
export const DECIMAL_PRECISION = 'connect.decimal.precision'

export const DECIMAL_MESSAGE = 'confluent.type.Decimal'
export const DATE_MESSAGE = 'google.type.Date'
export const TIME_MESSAGE = 'google.type.TimeOfDay'
export const TIMESTAMP_MESSAGE = 'google.protobuf.Timestamp'
export const LOGICAL_MESSAGES: ReadonlySet<string> = new Set([
  DECIMAL_MESSAGE,
  DATE_MESSAGE,
  TIME_MESSAGE,
  TIMESTAMP_MESSAGE,
])

/** In the order of google/protobuf/wrappers.proto. */
export const WRAPPERS = [
  ['DoubleValue', 'double'],
  ['FloatValue', 'float'],
  ['Int64Value', 'int64'],
  ['UInt64Value', 'uint64'],
  ['Int32Value', 'int32'],
  ['UInt32Value', 'uint32'],
  ['BoolValue', 'bool'],
  ['StringValue', 'string'],
  ['BytesValue', 'bytes'],
] as const

export const WRAPPER_NAMES: ReadonlySet<string> = new Set(
  WRAPPERS.map(([name]) => `google.protobuf.${name}`),
)

export const WRAPPERS_TEXT = [
  'syntax = "proto3";',
  'package google.protobuf;',
  '',
  ...WRAPPERS.map(([name, type]) => `message ${name} {\n  ${type} value = 1;\n}`),
  '',
].join('\n')

/** Files that producers import and registries do not always have. */
export const BUILT_IN_FILES: ReadonlyMap<string, string> = new Map([
  [
    'confluent/type/decimal.proto',
    'syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }',
  ],
  [
    'google/type/date.proto',
    'syntax = "proto3"; package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }',
  ],
  [
    'google/type/timeofday.proto',
    'syntax = "proto3"; package google.type; message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }',
  ],
])

/** Files of options only: nothing of them is in the data. */
export const OPTION_FILES: ReadonlySet<string> = new Set([
  'confluent/meta.proto',
  'google/protobuf/descriptor.proto',
])

export interface ProtobufOptions {
  /** Full names of messages, with their package. */
  readonly enhanced: boolean
  readonly scrubInvalidNames: boolean
  readonly intForEnums: boolean
  readonly optionalForNullables: boolean
  readonly optionalForProto2: boolean
  readonly wrapperForNullables: boolean
  readonly wrapperForRawPrimitives: boolean
  readonly indexForUnions: boolean
  readonly flattenUnions: boolean
  readonly structForNulls: boolean
  readonly ignoreDefaultForNullables: boolean
  readonly generalSumTypes: boolean
}
