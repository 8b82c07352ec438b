/**
 * Turns the chunks of a socket into frames, for v3 to v5 and either direction.
 * Called by connection readers. A frame inside one chunk is handed on without a copy; a cut frame is
 * collected in a buffer that grows with the bytes that really came.
 * Starts with bare envelopes; `switchToSegments` is called (inside `onFrame` or between pushes) when
 * the first answer to STARTUP passed, and holds from the next byte on.
 * Invariant: after `push` threw, the connection is unusable.
 * Spec: native protocol v5, sections 2.1 and 2.2; v3 and v4, section 2.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Compressor } from '../compress/compressor.ts'
import { CQL_ERRORS, malformed } from '../errors.ts'
import { SegmentDecoder, type SegmentPayload } from '../segment/segment-decoder.ts'
import {
  bodyLengthAt,
  FRAME_HEADER_BYTES,
  FrameView,
  OLD_FRAME_HEADER_BYTES,
  readFrameHeader,
} from './frame-view.ts'

export type OnFrame = (frame: FrameView) => void

export interface FrameAssemblerOptions {
  /** Longest body accepted. @default 268435456 (256 MiB) */
  readonly bodyBytesMax?: number
  /**
   * Hand on frames of every version, for a proxy that answers them with an error.
   * @default false: only 3 to 6 are accepted, so that a wrong port is noticed at once
   */
  readonly anyVersion?: boolean
}

const BODY_BYTES_MAX = 256 * 1024 * 1024
const FIRST_ALLOCATION_BYTES = 64 * 1024

export class FrameAssembler {
  readonly #view = new FrameView()
  readonly #bodyBytesMax: number
  readonly #anyVersion: boolean
  #segments: SegmentDecoder | undefined
  /** The cut frame: `#partial[0..#have)`; nothing is kept when #have is 0. */
  #partial: Buffer = Buffer.alloc(0)
  #have = 0
  #onFrame: OnFrame = ignoreFrame

  constructor(options: FrameAssemblerOptions = {}) {
    this.#bodyBytesMax = options.bodyBytesMax ?? BODY_BYTES_MAX
    this.#anyVersion = options.anyVersion ?? false
  }

  /** True once the connection speaks in segments. */
  get isSegmented(): boolean {
    return this.#segments !== undefined
  }

  /** Bytes of an incomplete frame that are held back. */
  get heldBytes(): number {
    return this.#have
  }

  /** From the next byte on the stream consists of v5 segments. */
  switchToSegments(compressor?: Compressor): void {
    this.#segments = new SegmentDecoder(compressor)
  }

  /** Calls `onFrame` for each frame that `chunk` completes, in order. */
  push(chunk: Buffer, onFrame: OnFrame): void {
    this.#onFrame = onFrame
    let at = 0
    while (at < chunk.length) {
      if (this.#segments !== undefined) {
        this.#segments.push(chunk, at, this.#onPayload)
        return
      }
      at = this.#step(chunk, at, chunk.length)
    }
  }

  readonly #onPayload = (payload: SegmentPayload): void => {
    const { bytes, end, selfContained } = payload
    let at = payload.start
    if (selfContained && this.#have > 0) {
      throw malformed('expected a slice of a large frame, found a self-contained segment')
    }
    while (at < end) at = this.#step(bytes, at, end)
    if (selfContained && this.#have > 0) {
      throw malformed('a self-contained segment ends inside a frame')
    }
  }

  /** Takes one frame or the rest of the chunk; returns where to go on. */
  #step(bytes: Buffer, at: number, end: number): number {
    if (this.#have > 0) return this.#collect(bytes, at, end)
    const total = this.#frameSize(bytes, at, end)
    if (total === 0 || total > end - at) {
      this.#append(bytes, at, end, total)
      return end
    }
    this.#emit(bytes, at)
    return at + total
  }

  #emit(bytes: Buffer, at: number): void {
    readFrameHeader(bytes, at, this.#view)
    this.#onFrame(this.#view)
  }

  /** Header and body of the frame at `at`; 0 when the header is not complete. */
  #frameSize(bytes: Buffer, at: number, end: number): number {
    const version = bytes[at]! & 0x7f
    if (!this.#anyVersion && (version < 3 || version > 6)) throw wrongVersion(bytes[at]!)
    const headerBytes = version < 3 ? OLD_FRAME_HEADER_BYTES : FRAME_HEADER_BYTES
    if (end - at < headerBytes) return 0
    const length = bodyLengthAt(bytes, at + headerBytes - 4)
    if (length > this.#bodyBytesMax) throw tooLong(length, this.#bodyBytesMax)
    return headerBytes + length
  }

  #append(bytes: Buffer, at: number, end: number, total: number): void {
    const need = this.#have + end - at
    if (need > this.#partial.length) {
      const wanted = Math.max(need, 2 * this.#partial.length, FIRST_ALLOCATION_BYTES)
      const grown = Buffer.allocUnsafe(Math.max(need, Math.min(wanted, total)))
      this.#partial.copy(grown, 0, 0, this.#have)
      this.#partial = grown
    }
    bytes.copy(this.#partial, this.#have, at, end)
    this.#have = need
  }

  /** Continues the cut frame; its header first, because only that tells how long it is. */
  #collect(bytes: Buffer, at: number, end: number): number {
    let total = this.#frameSize(this.#partial, 0, this.#have)
    const wanted = total === 0 ? FRAME_HEADER_BYTES : total
    if (total === 0 && (this.#partial[0]! & 0x7f) < 3) return this.#collectOld(bytes, at, end)
    const until = Math.min(end, at + wanted - this.#have)
    this.#append(bytes, at, until, wanted)
    if (total === 0) total = this.#frameSize(this.#partial, 0, this.#have)
    if (total === this.#have) this.#emitCollected()
    return until
  }

  /** Byte by byte through the shorter header of v1 and v2, which only a refused client sends. */
  #collectOld(bytes: Buffer, at: number, _end: number): number {
    this.#append(bytes, at, at + 1, OLD_FRAME_HEADER_BYTES)
    if (this.#frameSize(this.#partial, 0, this.#have) === this.#have) this.#emitCollected()
    return at + 1
  }

  #emitCollected(): void {
    const bytes = this.#partial
    this.#partial = EMPTY
    this.#have = 0
    this.#emit(bytes, 0)
  }
}

const EMPTY = Buffer.alloc(0)

function ignoreFrame(): void {
  throw malformed('a frame arrived outside of push')
}

function wrongVersion(first: number): ScamanderError {
  const found = `0x${first.toString(16).padStart(2, '0')}`
  const hint = first === 0x15 || first === 0x16 ? ' (a TLS record: check the TLS settings)' : ''
  return malformed(`expected a frame of protocol version 3 to 6, found first byte ${found}${hint}`)
}

function tooLong(length: number, max: number): ScamanderError {
  const message = `expected a frame body of at most ${max} bytes, found ${length} announced`
  return new ScamanderError(CQL_ERRORS.FRAME_TOO_LONG, message)
}
