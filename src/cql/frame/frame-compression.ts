/**
 * Compression of whole frame bodies, protocol v3 and v4 only (v5 compresses segments).
 *
 *     LZ4:     [int] decompressed length, raw block        Snappy: raw block
 *
 * Called by connections after `endFrame` and before a body is decoded. STARTUP and OPTIONS are never
 * compressed. Invariant: a body is replaced only when that makes it smaller.
 * Spec: native protocol v4, section 5.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { Compressor } from '../compress/compressor.ts'
import { malformed } from '../errors.ts'
import { int32At } from '../primitive/byte-reader.ts'
import { FRAME_HEADER_BYTES, type FrameView } from './frame-view.ts'
import { endFrame } from './frame-writer.ts'
import { FRAME_FLAG } from './opcode.ts'

/** Compresses the frame that ends at the writer's position, if that makes it smaller. */
export function compressFrame(writer: ByteWriter, frameStart: number, codec: Compressor): void {
  const start = frameStart + FRAME_HEADER_BYTES
  const plainLength = writer.position - start
  if (plainLength === 0) return
  const block = codec.compress(writer.bytes.subarray(start, writer.position))
  const prefixBytes = codec.needsSize ? 4 : 0
  if (block.length + prefixBytes >= plainLength) return
  writer.position = start
  if (codec.needsSize) writer.writeInt32(plainLength)
  writer.writeBytes(block)
  writer.bytes[frameStart + 1]! |= FRAME_FLAG.COMPRESSED
  endFrame(writer, frameStart)
}

/** Replaces a compressed body by its content and clears the flag; other frames stay as they are. */
export function decompressFrame(
  frame: FrameView,
  codec: Compressor | undefined,
  bodyBytesMax = 256 * 1024 * 1024,
): void {
  if ((frame.flags & FRAME_FLAG.COMPRESSED) === 0 || frame.version >= 5) return
  if (codec === undefined) throw malformed('a frame is compressed, but no compression was agreed')
  let start = frame.start
  let size: number | undefined
  if (codec.needsSize) {
    if (frame.end - start < 4) throw malformed('a compressed frame body has no length')
    size = int32At(frame.bytes, start) >>> 0
    start += 4
  }
  const range = { start, end: frame.end, size, sizeMax: bodyBytesMax }
  frame.bytes = codec.decompress(frame.bytes, range)
  frame.start = 0
  frame.end = frame.bytes.length
  frame.flags &= ~FRAME_FLAG.COMPRESSED
}
