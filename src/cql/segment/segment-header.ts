/**
 * The header of a v5 segment, all little-endian, written and read in place.
 *
 *     uncompressed:  payload length (17 bits) | self-contained (1) | 0 (6)          3 bytes, CRC-24
 *     LZ4:           compressed length (17) | length (17) | self-contained (1) | 0   5 bytes, CRC-24
 *
 * With LZ4 a length of 0 means "stored as is", and the compressed length is the payload's.
 * Spec: native protocol v5, section 2.2.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { CQL_ERRORS } from '../errors.ts'
import { crc24 } from './checksum.ts'

export const SEGMENT_PAYLOAD_MAX = 131_071
export const SEGMENT_HEADER_BYTES = 6
export const SEGMENT_HEADER_LZ4_BYTES = 8
export const SEGMENT_TRAILER_BYTES = 4

/** Reused by its reader: valid until the next call. */
export interface SegmentHeader {
  /** Bytes of the payload on the wire. */
  payloadLength: number
  /** Bytes after decompression; 0 when the payload is not compressed. */
  plainLength: number
  selfContained: boolean
}

/** Reads and checks an uncompressed link's header of 6 bytes. */
export function readSegmentHeader(bytes: Uint8Array, at: number, into: SegmentHeader): void {
  const word = uint24At(bytes, at)
  checkCrc24(bytes, at, 3)
  into.payloadLength = word & 0x1ffff
  into.plainLength = 0
  into.selfContained = (word & 0x20000) !== 0
}

/** Reads and checks an LZ4 link's header of 8 bytes. */
export function readSegmentHeaderLz4(bytes: Uint8Array, at: number, into: SegmentHeader): void {
  checkCrc24(bytes, at, 5)
  const low = uint24At(bytes, at)
  const high = (low >> 17) | (bytes[at + 3]! << 7) | (bytes[at + 4]! << 15)
  into.payloadLength = low & 0x1ffff
  into.plainLength = high & 0x1ffff
  into.selfContained = (high & 0x20000) !== 0
}

export function writeSegmentHeader(bytes: Uint8Array, at: number, header: SegmentHeader): void {
  writeUInt24(bytes, at, header.payloadLength | (header.selfContained ? 0x20000 : 0))
  writeUInt24(bytes, at + 3, crc24(bytes, at, at + 3))
}

export function writeSegmentHeaderLz4(bytes: Uint8Array, at: number, header: SegmentHeader): void {
  const high = header.plainLength | (header.selfContained ? 0x20000 : 0)
  writeUInt24(bytes, at, header.payloadLength | (high << 17))
  bytes[at + 3] = high >> 7
  bytes[at + 4] = high >> 15
  writeUInt24(bytes, at + 5, crc24(bytes, at, at + 5))
}

function checkCrc24(bytes: Uint8Array, at: number, count: number): void {
  const expected = crc24(bytes, at, at + count)
  if (uint24At(bytes, at + count) !== expected) throw checksumError('CRC-24 of a segment header')
}

/** `what` failed; nothing that follows on the connection can be trusted. */
export function checksumError(what: string): ScamanderError {
  return new ScamanderError(CQL_ERRORS.CHECKSUM, `${what} does not match its bytes`)
}

function uint24At(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
}

function writeUInt24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >> 8
  bytes[at + 2] = value >> 16
}
