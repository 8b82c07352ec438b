/**
 * Changes to a body that shift what follows them: an id of another length, a value or timestamp put
 * in, a statement taken out of a batch. Applied while the body is copied to a link.
 * Invariant: edits are in order of place and do not overlap.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'

export interface BodyEdit {
  /** Absolute offset in the body's bytes. */
  readonly at: number
  /** Bytes that are left out there. */
  readonly skip: number
  /** Bytes that come instead. */
  readonly insert: Uint8Array
}

export const NOTHING = new Uint8Array(0)

/** Copies `bytes[start..end)` with the edits. */
export function writeEdited(
  writer: ByteWriter,
  body: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  edits: readonly BodyEdit[],
): void {
  let at = body.start
  for (const edit of edits) {
    writer.writeBytes(body.bytes, at, edit.at)
    writer.writeBytes(edit.insert)
    at = edit.at + edit.skip
  }
  writer.writeBytes(body.bytes, at, body.end)
}

export function inOrder(edits: readonly BodyEdit[]): BodyEdit[] {
  return [...edits].sort((a, b) => a.at - b.at)
}

/** The eight bytes of a timestamp. */
export function longBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

export function shortBytesField(bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(2 + bytes.length)
  out.writeUInt16BE(bytes.length)
  out.set(bytes, 2)
  return out
}
