/**
 * Writers of the protocol's simple notations on a `ByteWriter`; bytes and ints are its own methods.
 * Lengths are checked: a [string] longer than 65535 bytes is an assertion failure of the caller.
 * Spec: native protocol v5, section 3 (notations).
 */
import { assert } from '../../base/assert.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'

const SHORT_MAX = 65_535

/** [string]: a [short] n and n bytes of UTF-8. */
export function writeString(writer: ByteWriter, text: string): void {
  const at = writer.reserve(2)
  writer.position = at + 2
  const length = writer.writeUtf8(text)
  assert(length <= SHORT_MAX, 'a [string] has at most 65535 bytes')
  writer.bytes[at] = length >> 8
  writer.bytes[at + 1] = length
}

/** [long string]: an [int] n and n bytes of UTF-8. */
export function writeLongString(writer: ByteWriter, text: string): void {
  const at = writer.reserve(4)
  writer.position = at + 4
  writer.setInt32(at, writer.writeUtf8(text))
}

/** [bytes]: an [int] n and n bytes; null is -1. */
export function writeBytesOrNull(writer: ByteWriter, bytes: Uint8Array | null): void {
  if (bytes === null) writer.writeInt32(-1)
  else {
    writer.writeInt32(bytes.length)
    writer.writeBytes(bytes)
  }
}

/** [short bytes]: a [short] n and n bytes. */
export function writeShortBytes(writer: ByteWriter, bytes: Uint8Array): void {
  assert(bytes.length <= SHORT_MAX, '[short bytes] have at most 65535 bytes')
  writer.writeInt16(bytes.length)
  writer.writeBytes(bytes)
}

/** [long] from either form: a safe integer number costs no bigint. */
export function writeLong(writer: ByteWriter, value: bigint | number): void {
  if (typeof value === 'number') writer.writeSafeInt64(value)
  else writer.writeBigInt64(value)
}
