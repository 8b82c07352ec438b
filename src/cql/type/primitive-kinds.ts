/**
 * The primitive CQL types in one table: option id on the wire, first protocol version that has the
 * id, marshal class of the server, fixed size in bytes (0: variable) inside vectors.
 * Everything else about types derives from it.
 * Spec: native protocol v5, section 4.2.5.2; sizes as the server's `valueLengthIfFixed`.
 */
import type { CqlType, PrimitiveKind } from './cql-type.ts'

export interface PrimitiveDeclaration {
  readonly kind: PrimitiveKind
  readonly option: number
  readonly since: 3 | 4 | 5
  readonly marshalClass: string
  /** 0 where the server does not treat the type as fixed, even if its values always have one size. */
  readonly fixedBytes: number
  readonly type: CqlType
}

export const MARSHAL_PACKAGE = 'org.apache.cassandra.db.marshal.'

const declare = (
  kind: PrimitiveKind,
  [option, since]: [option: number, since: 3 | 4 | 5],
  [marshalClass, fixedBytes]: [marshalClass: string, fixedBytes: number],
): PrimitiveDeclaration => ({
  kind,
  option,
  since,
  marshalClass,
  fixedBytes,
  type: Object.freeze({ kind }),
})

export const PRIMITIVES: readonly PrimitiveDeclaration[] = [
  declare('ascii', [0x01, 3], ['AsciiType', 0]),
  declare('bigint', [0x02, 3], ['LongType', 8]),
  declare('blob', [0x03, 3], ['BytesType', 0]),
  declare('boolean', [0x04, 3], ['BooleanType', 1]),
  declare('counter', [0x05, 3], ['CounterColumnType', 0]),
  declare('decimal', [0x06, 3], ['DecimalType', 0]),
  declare('double', [0x07, 3], ['DoubleType', 8]),
  declare('float', [0x08, 3], ['FloatType', 4]),
  declare('int', [0x09, 3], ['Int32Type', 4]),
  declare('timestamp', [0x0b, 3], ['TimestampType', 8]),
  declare('uuid', [0x0c, 3], ['UUIDType', 16]),
  declare('text', [0x0d, 3], ['UTF8Type', 0]),
  declare('varint', [0x0e, 3], ['IntegerType', 0]),
  declare('timeuuid', [0x0f, 3], ['TimeUUIDType', 16]),
  declare('inet', [0x10, 3], ['InetAddressType', 0]),
  declare('date', [0x11, 4], ['SimpleDateType', 0]),
  declare('time', [0x12, 4], ['TimeType', 0]),
  declare('smallint', [0x13, 4], ['ShortType', 0]),
  declare('tinyint', [0x14, 4], ['ByteType', 0]),
  declare('duration', [0x15, 5], ['DurationType', 0]),
]

const byKind = new Map(PRIMITIVES.map(p => [p.kind as string, p]))
const byOption = new Map(PRIMITIVES.map(p => [p.option, p]))
const byClass = new Map(PRIMITIVES.map(p => [p.marshalClass, p]))

/** The declaration of a kind, or of a CQL type name without its aliases. */
export function primitiveByKind(kind: string): PrimitiveDeclaration | undefined {
  return byKind.get(kind)
}

export function primitiveByOption(option: number): PrimitiveDeclaration | undefined {
  return byOption.get(option)
}

/** By class name without the package; two retired classes mean today's types. */
export function primitiveByClass(simpleName: string): PrimitiveDeclaration | undefined {
  if (simpleName === 'DateType') return byClass.get('TimestampType')
  if (simpleName === 'LexicalUUIDType') return byClass.get('UUIDType')
  return byClass.get(simpleName)
}
