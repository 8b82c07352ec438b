/**
 * Codecs of varint and decimal.
 *
 *     varint   two's complement, big-endian, as few bytes as possible, at least one
 *     decimal  [int] scale, varint unscaled
 *
 * Spec: native protocol v5, sections 5.7 and 5.24.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { Decimal } from '../../base/decimal.ts'
import { int32At } from '../primitive/byte-reader.ts'
import { type Codec, codecOf } from './codec.ts'
import { badCell, badValue, wrongValue } from './value-error.ts'

export function writeVarint(writer: ByteWriter, value: bigint): void {
  if (BigInt.asIntN(64, value) === value) writeShortVarint(writer, value)
  else writeLongVarint(writer, value)
}

/** Writes 8 bytes and drops the leading ones that only repeat the sign. */
function writeShortVarint(writer: ByteWriter, value: bigint): void {
  const at = writer.reserve(8)
  const bytes = writer.bytes
  bytes.writeBigInt64BE(value, at)
  const sign = value < 0n ? 0xff : 0x00
  let skip = 0
  while (skip < 7 && bytes[at + skip] === sign && ((bytes[at + skip + 1]! ^ sign) & 0x80) === 0) {
    skip++
  }
  if (skip > 0) bytes.copyWithin(at, at + skip, at + 8)
  writer.position = at + 8 - skip
}

/** The complement of a negative number has no sign bits, so both signs are written alike. */
function writeLongVarint(writer: ByteWriter, value: bigint): void {
  const isNegative = value < 0n
  let hex = (isNegative ? ~value : value).toString(16)
  if (hex.length % 2 === 1) hex = `0${hex}`
  if (hex.charCodeAt(0) > 0x37) hex = `00${hex}`
  const count = hex.length / 2
  const at = writer.reserve(count)
  writer.bytes.write(hex, at, 'hex')
  if (isNegative) for (let i = at; i < at + count; i++) writer.bytes[i]! ^= 0xff
  writer.position = at + count
}

export function varintAt(bytes: Buffer, start: number, length: number): bigint {
  if (length === 8) return bytes.readBigInt64BE(start)
  if (length <= 6) return BigInt(bytes.readIntBE(start, length))
  return BigInt.asIntN(length * 8, BigInt(`0x${bytes.toString('hex', start, start + length)}`))
}

export const varintCodec: Codec = codecOf(
  'varint',
  (value, writer) => {
    if (typeof value !== 'bigint') throw wrongValue('varint', 'a bigint', value)
    writeVarint(writer, value)
  },
  (bytes, start, length) => (length === 0 ? null : varintAt(bytes, start, length)),
)

export const decimalCodec: Codec = codecOf(
  'decimal',
  (value, writer) => {
    if (!(value instanceof Decimal)) throw wrongValue('decimal', 'a Decimal', value)
    if (value.scale !== (value.scale | 0)) throw badValue('decimal', 'expected a 32-bit scale')
    writer.writeInt32(value.scale)
    writeVarint(writer, value.unscaled)
  },
  (bytes, start, length) => {
    if (length === 0) return null
    if (length < 5) throw badCell('decimal', `expected at least 5 bytes, found ${length}`)
    return new Decimal(varintAt(bytes, start + 4, length - 4), int32At(bytes, start))
  },
)
