/**
 * Writes frames ("envelopes") straight into a `ByteWriter`: header, body by the caller, length patched.
 * Many frames may lie back to back in one pooled buffer and leave in one socket write.
 *
 *     [byte] version and direction  [byte] flags  [short] stream  [byte] opcode  [int] length  body
 *
 * Spec: native protocol v3 to v5, section 2.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { FRAME_HEADER_BYTES } from './frame-view.ts'

export interface FrameHeader {
  readonly version: number
  readonly stream: number
  readonly opcode: number
  /** @default 0 */
  readonly flags?: number | undefined
  /** @default false: a request */
  readonly isResponse?: boolean | undefined
}

/** Writes a header with length 0; returns the frame's start for `endFrame`. */
export function beginFrame(writer: ByteWriter, header: FrameHeader): number {
  const at = writer.reserve(FRAME_HEADER_BYTES)
  const bytes = writer.bytes
  bytes[at] = header.isResponse === true ? header.version | 0x80 : header.version
  bytes[at + 1] = header.flags ?? 0
  bytes[at + 2] = header.stream >> 8
  bytes[at + 3] = header.stream
  bytes[at + 4] = header.opcode
  writer.setInt32(at + 5, 0)
  writer.position = at + FRAME_HEADER_BYTES
  return at
}

/** Patches the length of the frame that ends at the writer's position. */
export function endFrame(writer: ByteWriter, frameStart: number): void {
  writer.setInt32(frameStart + 5, writer.position - frameStart - FRAME_HEADER_BYTES)
}

/** Changes the stream id of a written frame (a proxy maps ids; a batch is framed before it has one). */
export function setFrameStream(bytes: Uint8Array, frameStart: number, stream: number): void {
  bytes[frameStart + 2] = stream >> 8
  bytes[frameStart + 3] = stream
}
