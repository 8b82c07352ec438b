/**
 * Writes one element of a collection, tuple or UDT: four bytes of length and the value, with the
 * length patched once it is known. Called by the collection and product encoders.
 * Invariant: a null element is -1 where nulls are allowed; the caller refuses it elsewhere.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { NULL, type Status } from './cell-encoder.ts'

/** `encode` writes the value; false when it was null. */
export function writeElement(writer: ByteWriter, encode: () => Status): boolean {
  const at = writer.reserve(4)
  writer.position = at + 4
  const isNull = encode() === NULL
  writer.setInt32(at, isNull ? -1 : writer.position - at - 4)
  return !isNull
}
