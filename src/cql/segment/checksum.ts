/**
 * The two checksums of a v5 segment: CRC-24 over the header, CRC-32 over the payload.
 * CRC-24: polynomial 0x1974F0B, initial 0x875060, bytes in wire order. CRC-32: zlib's, after the
 * four bytes FA 2D 55 CA.
 * Spec: native protocol v5, section 2.2.
 */
import { crc32 } from 'node:zlib'

const CRC24_INITIAL = 0x875060
const CRC24_POLYNOMIAL = 0x1974f0b

const TABLE = crc24Table()

function crc24Table(): Int32Array {
  const table = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 16
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1
      if ((crc & 0x1000000) !== 0) crc ^= CRC24_POLYNOMIAL
    }
    table[byte] = crc
  }
  return table
}

/** CRC-24 of `bytes[start..end)`. */
export function crc24(bytes: Uint8Array, start: number, end: number): number {
  let crc = CRC24_INITIAL
  for (let i = start; i < end; i++) {
    crc = ((crc << 8) & 0xffffff) ^ TABLE[((crc >> 16) ^ bytes[i]!) & 0xff]!
  }
  return crc
}

const CRC32_SEED = crc32(Buffer.from([0xfa, 0x2d, 0x55, 0xca]))

/** CRC-32 of a segment's payload, as sent; a signed 32-bit integer. */
export function payloadCrc32(bytes: Buffer, start: number, end: number): number {
  return crc32(bytes.subarray(start, end), CRC32_SEED) | 0
}
