/**
 * Codecs of the integers: tinyint, smallint and int from numbers, bigint and counter from bigints,
 * and the types that are integers on the wire: date, time, timestamp.
 *
 *     tinyint [1 byte]  smallint [2]  int [4]  bigint counter timestamp time [8], two's complement
 *     date [4]: days since 1970-01-01 plus 2^31, unsigned
 *
 * Spec: native protocol v5, section 5.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { int32At } from '../primitive/byte-reader.ts'
import type { CqlValue } from '../type/cql-value.ts'
import { type Codec, codecOf } from './codec.ts'
import { badCell, badValue, wrongValue } from './value-error.ts'

const NANOSECONDS_PER_DAY = 86_400_000_000_000n

function checkedInteger(typeName: string, value: CqlValue, bits: number): number {
  if (typeof value !== 'number') throw wrongValue(typeName, 'a number', value)
  const max = 2 ** (bits - 1)
  if (!Number.isInteger(value) || value < -max || value >= max) {
    throw badValue(typeName, `expected an integer of ${bits} bits, found another number`)
  }
  return value
}

function checkedLong(typeName: string, value: CqlValue): bigint {
  if (typeof value !== 'bigint') throw wrongValue(typeName, 'a bigint', value)
  if (BigInt.asIntN(64, value) !== value) {
    throw badValue(typeName, 'expected an integer of 64 bits, found a larger one')
  }
  return value
}

/** A cell of another size is an error, save the empty one. */
export function wrongLength(typeName: string, expected: number, length: number): null {
  if (length === 0) return null
  throw badCell(typeName, `expected ${expected} bytes, found ${length}`)
}

export const tinyintCodec: Codec = codecOf(
  'tinyint',
  (value, writer) => writer.writeUInt8(checkedInteger('tinyint', value, 8)),
  (bytes, start, length) =>
    length === 1 ? (bytes[start]! << 24) >> 24 : wrongLength('tinyint', 1, length),
)

export const smallintCodec: Codec = codecOf(
  'smallint',
  (value, writer) => writer.writeInt16(checkedInteger('smallint', value, 16)),
  (bytes, start, length) =>
    length === 2
      ? ((bytes[start]! << 24) >> 16) | bytes[start + 1]!
      : wrongLength('smallint', 2, length),
)

export const intCodec: Codec = codecOf(
  'int',
  (value, writer) => writer.writeInt32(checkedInteger('int', value, 32)),
  (bytes, start, length) => (length === 4 ? int32At(bytes, start) : wrongLength('int', 4, length)),
)

export const dateCodec: Codec = codecOf(
  'date',
  (value, writer) => writer.writeInt32(checkedInteger('date', value, 32) + 2 ** 31),
  (bytes, start, length) =>
    length === 4 ? int32At(bytes, start) ^ -(2 ** 31) : wrongLength('date', 4, length),
)

function longCodec(typeName: string): Codec {
  return codecOf(
    typeName,
    (value, writer) => writer.writeBigInt64(checkedLong(typeName, value)),
    (bytes, start, length) =>
      length === 8 ? bytes.readBigInt64BE(start) : wrongLength(typeName, 8, length),
  )
}

export const bigintCodec: Codec = longCodec('bigint')
export const counterCodec: Codec = longCodec('counter')
export const timestampCodec: Codec = longCodec('timestamp')

function encodeTime(value: CqlValue, writer: ByteWriter): void {
  const nanoseconds = checkedLong('time', value)
  if (nanoseconds < 0n || nanoseconds >= NANOSECONDS_PER_DAY) {
    throw badValue('time', 'expected nanoseconds within a day, found another number')
  }
  writer.writeBigInt64(nanoseconds)
}

export const timeCodec: Codec = codecOf('time', encodeTime, (bytes, start, length) =>
  length === 8 ? bytes.readBigInt64BE(start) : wrongLength('time', 8, length),
)
