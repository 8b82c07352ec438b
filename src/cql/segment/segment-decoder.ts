/**
 * Splits the byte stream of a v5 connection into segments and hands on checked payloads.
 * Called by the frame assembler; a segment inside one chunk is not copied, a cut one is collected
 * in a buffer of its own. Holds at most one incomplete segment.
 * Invariant: a payload is handed on only after both checksums matched.
 * Spec: native protocol v5, section 2.2.
 */
import type { Compressor } from '../compress/compressor.ts'
import { malformed } from '../errors.ts'
import { int32At } from '../primitive/byte-reader.ts'
import { payloadCrc32 } from './checksum.ts'
import {
  checksumError,
  readSegmentHeader,
  readSegmentHeaderLz4,
  SEGMENT_HEADER_BYTES,
  SEGMENT_HEADER_LZ4_BYTES,
  SEGMENT_PAYLOAD_MAX,
  SEGMENT_TRAILER_BYTES,
  type SegmentHeader,
} from './segment-header.ts'

/** One payload: `bytes[start..end)`. The object is reused, the bytes are not. */
export interface SegmentPayload {
  bytes: Buffer
  start: number
  end: number
  selfContained: boolean
}

export class SegmentDecoder {
  readonly #compressor: Compressor | undefined
  readonly #headerBytes: number
  readonly #header: SegmentHeader = { payloadLength: 0, plainLength: 0, selfContained: false }
  readonly #payload: SegmentPayload = {
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    selfContained: false,
  }
  /** Bytes of the incomplete segment: the header first, then a buffer of the segment's size. */
  #partial: Buffer
  #have = 0
  #need: number

  constructor(compressor?: Compressor) {
    if (compressor !== undefined && compressor.name !== 'lz4') {
      throw malformed(`expected lz4 for protocol v5, found ${compressor.name}`)
    }
    this.#compressor = compressor
    this.#headerBytes = compressor === undefined ? SEGMENT_HEADER_BYTES : SEGMENT_HEADER_LZ4_BYTES
    this.#partial = Buffer.allocUnsafe(this.#headerBytes)
    this.#need = this.#headerBytes
  }

  /** Hands on every segment that is complete in `chunk[start..end)` with what was kept before. */
  push(chunk: Buffer, start: number, onPayload: (payload: SegmentPayload) => void): void {
    let at = start
    while (at < chunk.length) {
      if (this.#have > 0) at = this.#collect(chunk, at, onPayload)
      else {
        const total = this.#sizeOf(chunk, at)
        if (total === 0 || total > chunk.length - at) {
          this.#keep(chunk, at, total)
          return
        }
        this.#emit(chunk, at, onPayload)
        at += total
      }
    }
  }

  /** The whole size of the segment at `at`; 0 when the header is not complete. Fills #header. */
  #sizeOf(bytes: Buffer, at: number): number {
    if (bytes.length - at < this.#headerBytes) return 0
    if (this.#compressor === undefined) readSegmentHeader(bytes, at, this.#header)
    else readSegmentHeaderLz4(bytes, at, this.#header)
    return this.#headerBytes + this.#header.payloadLength + SEGMENT_TRAILER_BYTES
  }

  #keep(chunk: Buffer, at: number, total: number): void {
    this.#need = total === 0 ? this.#headerBytes : total
    this.#partial = Buffer.allocUnsafe(this.#need)
    this.#have = chunk.copy(this.#partial, 0, at)
  }

  /** Adds to the incomplete segment; returns where the chunk goes on. */
  #collect(chunk: Buffer, at: number, onPayload: (payload: SegmentPayload) => void): number {
    const count = Math.min(this.#need - this.#have, chunk.length - at)
    chunk.copy(this.#partial, this.#have, at, at + count)
    this.#have += count
    if (this.#have < this.#need) return at + count
    const total = this.#sizeOf(this.#partial, 0)
    if (this.#have < total) {
      const grown = Buffer.allocUnsafe(total)
      this.#partial.copy(grown, 0, 0, this.#have)
      this.#partial = grown
      this.#need = total
      return at + count
    }
    this.#have = 0
    this.#emit(this.#partial, 0, onPayload)
    return at + count
  }

  /** Checks and hands on the complete segment at `at`, whose header is in #header. */
  #emit(bytes: Buffer, at: number, onPayload: (payload: SegmentPayload) => void): void {
    const { payloadLength, plainLength, selfContained } = this.#header
    const start = at + this.#headerBytes
    const end = start + payloadLength
    if (payloadCrc32(bytes, start, end) !== int32LittleEndian(bytes, end)) {
      throw checksumError('CRC-32 of a segment payload')
    }
    const payload = this.#payload
    payload.selfContained = selfContained
    if (this.#compressor === undefined || plainLength === 0) {
      payload.bytes = bytes
      payload.start = start
      payload.end = end
    } else {
      const range = { start, end, size: plainLength, sizeMax: SEGMENT_PAYLOAD_MAX }
      payload.bytes = this.#compressor.decompress(bytes, range)
      payload.start = 0
      payload.end = plainLength
    }
    onPayload(payload)
  }
}

function int32LittleEndian(bytes: Buffer, at: number): number {
  const value = int32At(bytes, at)
  return (value >>> 24) | ((value >> 8) & 0xff00) | ((value << 8) & 0xff0000) | (value << 24)
}
