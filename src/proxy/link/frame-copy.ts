/**
 * A frame kept beyond the callback that delivered it: the body as a view of the received chunk,
 * which is never reused, so nothing is copied. Writes such frames to another link.
 * Called for answers that wait for the other cluster and for requests that may be sent again.
 * Invariant: the body is not compressed; COMPRESSED is never among the flags.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { FRAME_FLAG, FRAME_HEADER_BYTES, type FrameView } from '../../cql/index.ts'

export class FrameCopy {
  readonly flags: number
  readonly opcode: number
  readonly bytes: Buffer
  readonly start: number
  readonly end: number

  constructor(frame: Pick<FrameView, 'flags' | 'opcode' | 'bytes' | 'start' | 'end'>) {
    this.flags = frame.flags & ~FRAME_FLAG.COMPRESSED
    this.opcode = frame.opcode
    this.bytes = frame.bytes
    this.start = frame.start
    this.end = frame.end
  }
}

export interface HeaderFields {
  readonly flags: number
  readonly opcode: number
}

/** Header with the length of the body that follows; returns where the frame starts. */
export function writeHeader(
  writer: ByteWriter,
  versionByte: number,
  stream: number,
  fields: HeaderFields,
): number {
  const at = writer.reserve(FRAME_HEADER_BYTES)
  const bytes = writer.bytes
  bytes[at] = versionByte
  bytes[at + 1] = fields.flags
  bytes[at + 2] = stream >> 8
  bytes[at + 3] = stream
  bytes[at + 4] = fields.opcode
  writer.position = at + FRAME_HEADER_BYTES
  return at
}

/** Patches the length of the frame that ends at the writer's position. */
export function closeFrame(writer: ByteWriter, frameStart: number): void {
  writer.setInt32(frameStart + 5, writer.position - frameStart - FRAME_HEADER_BYTES)
}
