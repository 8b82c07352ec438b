/**
 * Wraps envelopes that are written one after another into a `ByteWriter` into v5 segments, in place:
 * `beforeFrame`, write the envelope, `afterFrame(frameStart)`, … , `finish`, send the buffer.
 * As many envelopes as fit share a segment; an envelope above the limit is cut into slices.
 * Invariant: between `beforeFrame` and `finish` only envelopes are written to the writer.
 * Copies: none while envelopes fit; one move of the envelope that overflows; LZ4 as it must.
 * Spec: native protocol v5, section 2.2.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { Compressor } from '../compress/compressor.ts'
import { malformed } from '../errors.ts'
import { payloadCrc32 } from './checksum.ts'
import {
  SEGMENT_HEADER_BYTES,
  SEGMENT_HEADER_LZ4_BYTES,
  SEGMENT_PAYLOAD_MAX,
  SEGMENT_TRAILER_BYTES,
  writeSegmentHeader,
  writeSegmentHeaderLz4,
} from './segment-header.ts'

export class SegmentWriter {
  readonly #writer: ByteWriter
  readonly #compressor: Compressor | undefined
  readonly #headerBytes: number
  /** Where the open segment's header starts; -1 when none is open. */
  #open = -1

  constructor(writer: ByteWriter, compressor?: Compressor) {
    if (compressor !== undefined && compressor.name !== 'lz4') {
      throw malformed(`expected lz4 for protocol v5, found ${compressor.name}`)
    }
    this.#writer = writer
    this.#compressor = compressor
    this.#headerBytes = compressor === undefined ? SEGMENT_HEADER_BYTES : SEGMENT_HEADER_LZ4_BYTES
  }

  /** Call before an envelope's first byte is written. */
  beforeFrame(): void {
    if (this.#open < 0) this.#openSegment()
  }

  /** Call when the envelope that starts at `frameStart` is complete; it may be moved. */
  afterFrame(frameStart: number): void {
    const writer = this.#writer
    if (writer.position - this.#open - this.#headerBytes <= SEGMENT_PAYLOAD_MAX) return
    const length = writer.position - frameStart
    const frame = Buffer.from(writer.bytes.subarray(frameStart, writer.position))
    writer.position = frameStart
    if (frameStart > this.#open + this.#headerBytes) this.#close(true)
    else writer.position = this.#open
    if (length <= SEGMENT_PAYLOAD_MAX) {
      this.#openSegment()
      writer.writeBytes(frame)
    } else this.#writeSlices(frame)
  }

  /** Closes the open segment; the writer's bytes may then be sent. */
  finish(): void {
    if (this.#open < 0) return
    if (this.#writer.position === this.#open + this.#headerBytes) {
      this.#writer.position = this.#open
      this.#open = -1
    } else this.#close(true)
  }

  #openSegment(): void {
    const writer = this.#writer
    this.#open = writer.reserve(this.#headerBytes)
    writer.position = this.#open + this.#headerBytes
  }

  #writeSlices(frame: Buffer): void {
    for (let at = 0; at < frame.length; at += SEGMENT_PAYLOAD_MAX) {
      this.#openSegment()
      this.#writer.writeBytes(frame, at, Math.min(frame.length, at + SEGMENT_PAYLOAD_MAX))
      this.#close(false)
    }
  }

  /** Patches the header of the segment whose payload ends at the writer's position. */
  #close(selfContained: boolean): void {
    const writer = this.#writer
    const start = this.#open + this.#headerBytes
    const plainLength = writer.position - start
    if (this.#compressor === undefined) {
      const header = { payloadLength: plainLength, plainLength: 0, selfContained }
      writeSegmentHeader(writer.bytes, this.#open, header)
    } else {
      const compressed = this.#compressor.compress(writer.bytes.subarray(start, writer.position))
      const smaller = compressed.length < plainLength
      if (smaller) {
        writer.position = start
        writer.writeBytes(compressed)
      }
      const header = {
        payloadLength: writer.position - start,
        plainLength: smaller ? plainLength : 0,
        selfContained,
      }
      writeSegmentHeaderLz4(writer.bytes, this.#open, header)
    }
    this.#writeTrailer(start)
    this.#open = -1
  }

  #writeTrailer(start: number): void {
    const writer = this.#writer
    const crc = payloadCrc32(writer.bytes, start, writer.position)
    const at = writer.reserve(SEGMENT_TRAILER_BYTES)
    writer.bytes.writeInt32LE(crc, at)
    writer.position = at + SEGMENT_TRAILER_BYTES
  }
}
