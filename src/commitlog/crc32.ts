/**
 * CRC-32 (IEEE 802.3) of ranges of a buffer, continued from record part to record part.
 * Called twice per record, so short ranges are summed here, eight bytes a step, without the view and
 * the native call that cost more than the sum itself; long ranges go to zlib.
 * Invariant: results are signed 32-bit integers, as `int32At` reads them from the file.
 */
import { crc32 as zlibCrc32 } from 'node:zlib'

const POLYNOMIAL = 0xedb88320
const NATIVE_BYTES_MIN = 512
const TABLES = 8

const TABLE = buildTables()

function buildTables(): Int32Array {
  const table = new Int32Array(256 * TABLES)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL
    table[byte] = crc
  }
  for (let i = 256; i < table.length; i++) {
    const shorter = table[i - 256]!
    table[i] = (shorter >>> 8) ^ table[shorter & 0xff]!
  }
  return table
}

/** CRC of `bytes[start..end)`, continuing `seed`. */
export function crc32Range(bytes: Buffer, start: number, end: number, seed = 0): number {
  if (end - start >= NATIVE_BYTES_MIN) return zlibCrc32(bytes.subarray(start, end), seed >>> 0) | 0
  let crc = ~seed
  let at = start
  for (; at + 8 <= end; at += 8) {
    crc =
      TABLE[0x700 + ((crc ^ bytes[at]!) & 0xff)]! ^
      TABLE[0x600 + (((crc >>> 8) ^ bytes[at + 1]!) & 0xff)]! ^
      TABLE[0x500 + (((crc >>> 16) ^ bytes[at + 2]!) & 0xff)]! ^
      TABLE[0x400 + ((crc >>> 24) ^ bytes[at + 3]!)]! ^
      TABLE[0x300 + bytes[at + 4]!]! ^
      TABLE[0x200 + bytes[at + 5]!]! ^
      TABLE[0x100 + bytes[at + 6]!]! ^
      TABLE[bytes[at + 7]!]!
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]!) & 0xff]!
  return ~crc
}

/** CRC of the four big-endian bytes of an integer, continuing `seed`. */
export function crc32Int(value: number, seed = 0): number {
  let crc = ~seed
  crc = (crc >>> 8) ^ TABLE[(crc ^ (value >>> 24)) & 0xff]!
  crc = (crc >>> 8) ^ TABLE[(crc ^ (value >>> 16)) & 0xff]!
  crc = (crc >>> 8) ^ TABLE[(crc ^ (value >>> 8)) & 0xff]!
  crc = (crc >>> 8) ^ TABLE[(crc ^ value) & 0xff]!
  return ~crc
}
