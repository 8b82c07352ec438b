/**
 * One frame ("envelope" in v5) as it lies in a buffer: header decoded, body not.
 * Produced by the assembler, read by message decoders and routed by the proxy.
 * Lifetime: the object is reused for the next frame, so read it inside the callback; the bytes stay
 * valid as long as the chunk given to the assembler does (buffers of its own are never reused).
 * Invariant: unless the body was decompressed, the header lies right before `start`.
 */
export const FRAME_HEADER_BYTES = 9
/** Frames of v1 and v2 have a one-byte stream id; they are only seen to be refused. */
export const OLD_FRAME_HEADER_BYTES = 8

export class FrameView {
  /** Without the direction bit. */
  version = 0
  isResponse = false
  flags = 0
  stream = 0
  opcode = 0
  bytes: Buffer = EMPTY
  /** The body is `bytes[start..end)`. */
  start = 0
  end = 0
}

const EMPTY = Buffer.alloc(0)

/** Reads the header at `at`, which must be complete; the body's end is not checked. */
export function readFrameHeader(bytes: Buffer, at: number, into: FrameView): void {
  const first = bytes[at]!
  const version = first & 0x7f
  into.version = version
  into.isResponse = first > 0x7f
  into.flags = bytes[at + 1]!
  into.bytes = bytes
  if (version < 3) {
    into.stream = (bytes[at + 2]! << 24) >> 24
    into.opcode = bytes[at + 3]!
    into.start = at + OLD_FRAME_HEADER_BYTES
  } else {
    into.stream = ((bytes[at + 2]! << 24) >> 16) | bytes[at + 3]!
    into.opcode = bytes[at + 4]!
    into.start = at + FRAME_HEADER_BYTES
  }
  into.end = into.start + bodyLengthAt(bytes, into.start - 4)
}

/** The unsigned length field, so that an insane one is large rather than negative. */
export function bodyLengthAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at)
}
