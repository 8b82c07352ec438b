/**
 * Scalars and enums of Protobuf on the way in: wire types, readers, and the values of fields that
 * do not come. Used by the reader compiler. Spec: protobuf encoding; connect-rest 12.2.
 * Invariant: 64-bit integers are bigint, unsigned ones of 64 bits wrap as in the reference.
 */
import type { Schema, Value } from '../../flow/index.ts'
import type { ProtoCursor } from './proto-cursor.ts'
import type { ProtoEnum, ProtoField, ProtoType, ScalarKind } from './proto-schema.ts'

type Read = (cursor: ProtoCursor) => Value

export const WIRE_TYPES: Readonly<Record<ScalarKind | 'enum' | 'message', number>> = {
  double: 1,
  float: 5,
  int32: 0,
  uint32: 0,
  sint32: 0,
  fixed32: 5,
  sfixed32: 5,
  int64: 0,
  uint64: 0,
  sint64: 0,
  fixed64: 1,
  sfixed64: 1,
  bool: 0,
  string: 2,
  bytes: 2,
  enum: 0,
  message: 2,
}

const READERS: Readonly<Record<ScalarKind, Read>> = {
  double: cursor => cursor.bytes.readDoubleLE(cursor.take(8)),
  float: cursor => cursor.bytes.readFloatLE(cursor.take(4)),
  int32: cursor => cursor.readVarint32(),
  uint32: cursor => BigInt(cursor.readVarint32() >>> 0),
  sint32: cursor => {
    const raw = cursor.readVarint32()
    return (raw >>> 1) ^ -(raw & 1)
  },
  fixed32: cursor => BigInt(cursor.bytes.readUInt32LE(cursor.take(4))),
  sfixed32: cursor => cursor.bytes.readInt32LE(cursor.take(4)),
  int64: cursor => BigInt.asIntN(64, cursor.readVarint64()),
  uint64: cursor => BigInt.asIntN(64, cursor.readVarint64()),
  sint64: cursor => {
    const raw = cursor.readVarint64()
    return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n))
  },
  fixed64: cursor => cursor.bytes.readBigInt64LE(cursor.take(8)),
  sfixed64: cursor => cursor.bytes.readBigInt64LE(cursor.take(8)),
  bool: cursor => cursor.readVarint32() !== 0,
  string: cursor => {
    const length = cursor.readLength()
    const start = cursor.take(length)
    return cursor.bytes.utf8Slice(start, start + length)
  },
  bytes: cursor => {
    const length = cursor.readLength()
    const start = cursor.take(length)
    return cursor.bytes.subarray(start, start + length)
  },
}

export function scalarReader(type: ProtoType, schema?: Schema): { wireType: number; read: Read } {
  const wireType = WIRE_TYPES[type.kind]
  if (type.enumeration !== undefined)
    return { wireType, read: enumReader(type.enumeration, schema) }
  const read = READERS[type.kind as ScalarKind]
  if (schema?.type === 'int8') return { wireType, read: c => ((read(c) as number) << 24) >> 24 }
  if (schema?.type === 'int16') return { wireType, read: c => ((read(c) as number) << 16) >> 16 }
  return { wireType, read }
}

function enumReader({ names, fullName }: ProtoEnum, schema: Schema | undefined): Read {
  if (schema?.type === 'int32') return cursor => cursor.readVarint32()
  return cursor => {
    const number = cursor.readVarint32()
    // A number without a name is known by it, as Java prints it.
    return names.get(number) ?? `UNKNOWN_ENUM_VALUE_${fullName.split('.').at(-1)}_${number}`
  }
}

/** The value of a field that does not come; not for messages, lists and maps. */
export function zeroOf(type: ProtoType | ProtoField, schema?: Schema): Value {
  const given = 'defaultValue' in type ? type.defaultValue : undefined
  if (type.enumeration !== undefined) return enumZero(type.enumeration, given, schema)
  switch (type.kind) {
    case 'string':
      return typeof given === 'string' ? given : ''
    case 'bytes':
      return Buffer.from(typeof given === 'string' ? given : '', 'latin1')
    case 'bool':
      return given === true || given === 'true'
    case 'double':
    case 'float':
      return given === undefined ? 0 : Number(given)
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return given === undefined ? 0 : Number(given)
    default:
      return given === undefined ? 0n : BigInt(String(given))
  }
}

function enumZero(type: ProtoEnum, given: unknown, schema: Schema | undefined): Value {
  const first = type.names.get(0) ?? type.numbers.keys().next().value ?? ''
  const name = typeof given === 'string' ? given : first
  return schema?.type === 'int32' ? (type.numbers.get(name) ?? 0) : name
}
