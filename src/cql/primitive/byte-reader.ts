/**
 * The input cursor of every decoder of the protocol: state only, read by free functions.
 * `readX(reader)` returns the value and moves on; running past `end` throws SCM_CQL_OVERRUN.
 * Invariant: nothing outside `bytes[position..end)` is ever looked at.
 * Spec: native protocol v5, section 3 (notations). All integers are big-endian.
 */
import type {} from '../../base/buffer-methods.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { CQL_ERRORS } from '../errors.ts'

export class ByteReader {
  bytes: Buffer
  position: number
  end: number

  constructor(bytes: Buffer, position = 0, end = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  /** Points the cursor at another range, so that one reader serves many frames. */
  reset(bytes: Buffer, position: number, end: number): this {
    this.bytes = bytes
    this.position = position
    this.end = end
    return this
  }
}

/** Bytes that are left to read. */
export function remaining(reader: ByteReader): number {
  return reader.end - reader.position
}

/** Moves `count` bytes on and returns where they start; the only bounds check there is. */
export function take(reader: ByteReader, count: number): number {
  const at = reader.position
  if (count > reader.end - at || count < 0) throw overrun(reader, count)
  reader.position = at + count
  return at
}

function overrun(reader: ByteReader, count: number): ScamanderError {
  const left = reader.end - reader.position
  const message = `message ended early: expected ${count} more bytes at ${reader.position}, found ${left}`
  return new ScamanderError(CQL_ERRORS.OVERRUN, message)
}

/** [byte], unsigned. */
export function readByte(reader: ByteReader): number {
  return reader.bytes[take(reader, 1)]!
}

/** [short], unsigned. */
export function readShort(reader: ByteReader): number {
  const at = take(reader, 2)
  const bytes = reader.bytes
  return (bytes[at]! << 8) | bytes[at + 1]!
}

/** [int], signed. */
export function readInt(reader: ByteReader): number {
  return int32At(reader.bytes, take(reader, 4))
}

/** Four signed bytes at a position that was checked before. */
export function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

/** [long], signed. */
export function readLong(reader: ByteReader): bigint {
  return reader.bytes.readBigInt64BE(take(reader, 8))
}

/** [string]: a [short] n and n bytes of UTF-8. */
export function readString(reader: ByteReader): string {
  const length = readShort(reader)
  const at = take(reader, length)
  return reader.bytes.utf8Slice(at, at + length)
}

/** [long string]: an [int] n and n bytes of UTF-8. */
export function readLongString(reader: ByteReader): string {
  const length = readInt(reader)
  const at = take(reader, length)
  return reader.bytes.utf8Slice(at, at + length)
}

/** [bytes]: an [int] n and n bytes as a view, null when n < 0. */
export function readBytes(reader: ByteReader): Buffer | null {
  const length = readInt(reader)
  if (length < 0) return null
  const at = take(reader, length)
  return reader.bytes.subarray(at, at + length)
}

/** [short bytes]: a [short] n and n bytes, as a view. */
export function readShortBytes(reader: ByteReader): Buffer {
  const length = readShort(reader)
  const at = take(reader, length)
  return reader.bytes.subarray(at, at + length)
}
