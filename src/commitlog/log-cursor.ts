/**
 * The input cursor of the mutation decoder: a position in a buffer, moved by free functions.
 * Unlike the protocol's reader it gives 64-bit numbers as two halves (`high`, `low`), because write
 * timestamps are any i64 and one bigint per cell is too dear.
 * Invariant: nothing outside `bytes[position..end)` is looked at; running past `end` throws
 * SCM_COMMITLOG_DECODE.
 * Spec: commit-log, section 5.
 */
import { undecodable } from './errors.ts'

export class LogCursor {
  bytes: Buffer = Buffer.alloc(0)
  position = 0
  end = 0
  /** Halves of the number that `readUnsigned` read last, signed 32 bits each. */
  high = 0
  low = 0

  reset(bytes: Buffer, position: number, end: number): void {
    this.bytes = bytes
    this.position = position
    this.end = end
  }
}

/** Moves `count` bytes on and returns where they start; the only bounds check there is. */
export function skip(cursor: LogCursor, count: number): number {
  const at = cursor.position
  if (count > cursor.end - at) {
    throw undecodable(`expected ${count} more bytes at ${at}, found ${cursor.end - at}`)
  }
  cursor.position = at + count
  return at
}

export function readUint8(cursor: LogCursor): number {
  const at = cursor.position
  if (at >= cursor.end) throw undecodable(`expected one more byte at ${at}, found none`)
  cursor.position = at + 1
  return cursor.bytes[at]!
}

export function readUint16(cursor: LogCursor): number {
  const at = skip(cursor, 2)
  return (cursor.bytes[at]! << 8) | cursor.bytes[at + 1]!
}

/** Reads an unsigned variable-length integer of up to 64 bits into `high` and `low`. */
export function readUnsigned(cursor: LogCursor): void {
  const first = readUint8(cursor)
  if (first < 0x80) {
    cursor.high = 0
    cursor.low = first
    return
  }
  const extra = Math.clz32(~(first << 24))
  const at = skip(cursor, extra)
  const { bytes } = cursor
  let high = 0
  let low = first & (0xff >> extra)
  for (let i = 0; i < extra; i++) {
    high = (high << 8) | (low >>> 24)
    low = (low << 8) | bytes[at + i]!
  }
  cursor.high = high
  cursor.low = low
}

/** Reads a length or a count that the rest of the record must be able to hold. */
export function readCount(cursor: LogCursor): number {
  const first = cursor.bytes[cursor.position]!
  if (first < 0x80 && first < cursor.end - cursor.position) {
    cursor.position++
    return first
  }
  readUnsigned(cursor)
  const left = cursor.end - cursor.position
  if (cursor.high !== 0 || cursor.low < 0 || cursor.low > left) {
    throw undecodable(`expected a length of at most ${left} before ${cursor.position}, found more`)
  }
  return cursor.low
}

/** Skips a length and its bytes; returns where the bytes start, `position` is where they end. */
export function skipBytes(cursor: LogCursor): number {
  return skip(cursor, readCount(cursor))
}
