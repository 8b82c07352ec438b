/**
 * Varints and tags of Protobuf on the way out. Used by the writers of this folder.
 * Invariant: the shortest form is written; negative numbers take ten bytes, as everywhere.
 * Spec: protobuf encoding, "Base 128 Varints".
 */
import type { ByteWriter } from '../../base/byte-writer.ts'

/** An unsigned integer of 32 bits. */
export function writeVarint32(out: ByteWriter, value: number): void {
  let raw = value >>> 0
  let at = out.reserve(5)
  const { bytes } = out
  while (raw >= 0x80) {
    bytes[at++] = (raw & 0x7f) | 0x80
    raw >>>= 7
  }
  bytes[at++] = raw
  out.position = at
}

/** A signed or unsigned integer of 64 bits. */
export function writeVarint64(out: ByteWriter, value: bigint): void {
  if (value >= 0n && value < 0x80000000n) {
    writeVarint32(out, Number(value))
    return
  }
  const raw = BigInt.asUintN(64, value)
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

export function writeTag(out: ByteWriter, field: number, wireType: number): void {
  writeVarint32(out, field * 8 + wireType)
}
