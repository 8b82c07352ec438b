/**
 * Scalars and enums of Protobuf on the way out: checked against the width of their type.
 * Used by the writer compiler; tags are written by the caller, nulls never come here.
 * Spec: protobuf encoding; connect-rest 12.2. Invariant: nothing is cut or rounded.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { RawText, type Schema, type Value } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import { fitsBits, fitsInt64, INTEGER_BITS, kindOfValue } from '../value-kind.ts'
import type { ProtoEnum, ProtoField, ProtoType } from './proto-schema.ts'
import { writeVarint32, writeVarint64 } from './proto-varint.ts'

export type ScalarWrite = (out: ByteWriter, value: Value) => void

export function scalarWriter(type: ProtoType, schema: Schema): ScalarWrite {
  if (type.enumeration !== undefined) return enumWriter(type.enumeration)
  switch (type.kind) {
    case 'bool':
      return (out, value) => {
        if (typeof value !== 'boolean') throw wrongValue('BOOLEAN', value)
        out.writeUInt8(value ? 1 : 0)
      }
    case 'string':
      return writeText
    case 'bytes':
      return (out, value) => {
        if (!Buffer.isBuffer(value)) throw wrongValue('BYTES', value)
        writeVarint32(out, value.length)
        out.writeBytes(value)
      }
    case 'double':
    case 'float':
      return floatWriter(type.kind)
    default:
      return integerWriter(type.kind, schema)
  }
}

/** Left out where the field has no presence. */
export function isZero(value: Value, field?: ProtoField): boolean {
  if (field?.enumeration !== undefined && typeof value === 'string') {
    return field.enumeration.numbers.get(value) === 0
  }
  if (typeof value === 'number') return value === 0 && !Object.is(value, -0)
  if (value instanceof RawText) return value.start === value.end
  if (Buffer.isBuffer(value)) return value.length === 0
  return value === 0n || value === '' || value === false
}

function writeText(out: ByteWriter, value: Value): void {
  if (typeof value === 'string') {
    writeVarint32(out, Buffer.byteLength(value))
    out.writeUtf8(value)
  } else if (value instanceof RawText && value.form === 'string') {
    writeVarint32(out, value.end - value.start)
    out.writeBytes(value.bytes, value.start, value.end)
  } else throw wrongValue('STRING', value)
}

function floatWriter(kind: 'float' | 'double'): ScalarWrite {
  const size = kind === 'float' ? 4 : 8
  return (out, value) => {
    if (typeof value !== 'number') throw wrongValue('a number', value)
    const at = out.reserve(size)
    out.position =
      kind === 'float' ? out.bytes.writeFloatLE(value, at) : out.bytes.writeDoubleLE(value, at)
  }
}

function enumWriter({ numbers, fullName }: ProtoEnum): ScalarWrite {
  return (out, value) => {
    if (typeof value === 'number' && fitsBits(value, 32)) return writeVarint64(out, BigInt(value))
    const isText = typeof value === 'string' || value instanceof RawText
    const number = isText ? numbers.get(String(value)) : undefined
    if (number === undefined) throw wrongValue(`a symbol of ${fullName}`, value)
    writeVarint64(out, BigInt(number))
  }
}

function integerWriter(kind: ProtoType['kind'], schema: Schema): ScalarWrite {
  const isNarrow = schema.type === 'int8' || schema.type === 'int16'
  const bits = isNarrow ? INTEGER_BITS[schema.type as 'int8' | 'int16'] : 64
  const write = INTEGERS[kind as keyof typeof INTEGERS]
  const [low, high] = RANGES[kind as keyof typeof INTEGERS]
  return (out, value) => {
    const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value)
    const integer = isInteger ? BigInt(value as bigint | number) : undefined
    const fits = integer !== undefined && integer >= low && integer <= high
    if (!fits || (isNarrow && !fitsBits(Number(integer), bits)) || !fitsInt64(integer)) {
      throw wrongValue(`an integer of ${kind}`, value)
    }
    write(out, integer)
  }
}

const INT32 = [-(2n ** 31n), 2n ** 31n - 1n] as const
const UINT32 = [0n, 2n ** 32n - 1n] as const
const INT64 = [-(2n ** 63n), 2n ** 63n - 1n] as const

const RANGES = {
  int32: INT32,
  sint32: INT32,
  sfixed32: INT32,
  uint32: UINT32,
  fixed32: UINT32,
  int64: INT64,
  sint64: INT64,
  sfixed64: INT64,
  // Read as signed, so written from signed.
  uint64: INT64,
  fixed64: INT64,
} as const

const zigZag = (out: ByteWriter, value: bigint) =>
  writeVarint64(out, (value << 1n) ^ (value >> 63n))

const fixed32 = (out: ByteWriter, value: bigint) => {
  const at = out.reserve(4)
  out.position = out.bytes.writeUInt32LE(Number(BigInt.asUintN(32, value)), at)
}

const fixed64 = (out: ByteWriter, value: bigint) => {
  const at = out.reserve(8)
  out.position = out.bytes.writeBigInt64LE(value, at)
}

const INTEGERS = {
  int32: writeVarint64,
  uint32: writeVarint64,
  int64: writeVarint64,
  uint64: writeVarint64,
  sint32: zigZag,
  sint64: zigZag,
  fixed32,
  sfixed32: fixed32,
  fixed64,
  sfixed64: fixed64,
} as const

export function wrongValue(expected: string, value: Value) {
  const found = value === null ? 'null' : kindOfValue(value)
  return dataError(
    CONVERT_ERRORS.VALUE,
    `Expected ${expected}, found ${found} of another type or range`,
  )
}
