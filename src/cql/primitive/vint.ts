/**
 * Variable-length integers as Cassandra writes them: the leading one bits of the first byte count
 * the bytes that follow, the value is big-endian in the rest; signed values are zig-zag encoded.
 * Used by durations and by vectors of variable-size elements.
 * Invariant: the shortest form is written; up to 9 bytes, the first then 0xFF.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, take } from './byte-reader.ts'

/** Writes an unsigned integer below 2^32: 1 to 5 bytes. */
export function writeUnsignedVint32(writer: ByteWriter, value: number): void {
  const extra =
    value < 0x80 ? 0 : value < 0x4000 ? 1 : value < 0x200000 ? 2 : value < 0x10000000 ? 3 : 4
  const at = writer.reserve(extra + 1)
  const bytes = writer.bytes
  let rest = value
  for (let i = extra; i > 0; i--) {
    bytes[at + i] = rest & 0xff
    rest = Math.floor(rest / 256)
  }
  bytes[at] = rest | ~(0xff >> extra)
  writer.position = at + extra + 1
}

/** Reads an unsigned integer; undefined when it is above 2^53 - 1. */
export function readUnsignedVint(reader: ByteReader): number | undefined {
  const first = reader.bytes[take(reader, 1)]!
  if (first < 0x80) return first
  const extra = Math.clz32(~(first << 24))
  const at = take(reader, extra)
  let value = first & (0xff >> extra)
  for (let i = 0; i < extra; i++) value = value * 256 + reader.bytes[at + i]!
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined
}

/** Writes a signed 64-bit integer. */
export function writeVint(writer: ByteWriter, value: bigint): void {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  let extra = 0
  while (extra < 8 && rest >> BigInt(7 * (extra + 1)) !== 0n) extra++
  const at = writer.reserve(extra + 1)
  for (let i = extra; i > 0; i--) {
    writer.bytes[at + i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  writer.bytes[at] = Number(rest) | ~(0xff >> extra)
  writer.position = at + extra + 1
}

/** Reads a signed 64-bit integer. */
export function readVint(reader: ByteReader): bigint {
  const first = reader.bytes[take(reader, 1)]!
  const extra = first < 0x80 ? 0 : Math.clz32(~(first << 24))
  const at = take(reader, extra)
  let value = BigInt(first & (0xff >> extra))
  for (let i = 0; i < extra; i++) value = (value << 8n) | BigInt(reader.bytes[at + i]!)
  return (value >> 1n) ^ -(value & 1n)
}
