/**
 * Zig-zag varints of Avro on the way out, for numbers and big integers.
 * Used by the writers of this folder. Spec: Avro 1.11, "Binary Encoding".
 * Invariant: the shortest form is written.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'

/** An integer of 32 bits. */
export function writeZigZag(out: ByteWriter, value: number): void {
  let raw = ((value << 1) ^ (value >> 31)) >>> 0
  let at = out.reserve(5)
  const { bytes } = out
  while (raw >= 0x80) {
    bytes[at++] = (raw & 0x7f) | 0x80
    raw >>>= 7
  }
  bytes[at++] = raw
  out.position = at
}

/** An integer of 64 bits. */
export function writeZigZagLong(out: ByteWriter, value: bigint): void {
  if (value >= -0x80000000n && value < 0x80000000n) {
    writeZigZag(out, Number(value))
    return
  }
  const raw = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  let low = Number(raw & 0xffffffffn)
  let high = Number(raw >> 32n)
  let at = out.reserve(10)
  const { bytes } = out
  while (high > 0 || low >= 0x80) {
    bytes[at++] = (low & 0x7f) | 0x80
    low = ((low >>> 7) | (high << 25)) >>> 0
    high >>>= 7
  }
  bytes[at++] = low
  out.position = at
}
