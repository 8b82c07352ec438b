/**
 * Cassandra's unsigned variable-length integers: the number of leading one bits of the first byte
 * is the number of bytes that follow. Used by durations and by vectors of variable elements.
 * Spec: native protocol v5, section 3, [unsigned vint].
 * Invariant: the shortest form is written.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'

/** Writes 0 to 2^64 - 1. */
export function writeUnsignedVint(writer: ByteWriter, value: bigint): void {
  let extra = 0
  while (extra < 8 && value >= 1n << BigInt(7 * (extra + 1))) extra++
  const at = writer.reserve(extra + 1)
  let rest = value
  for (let i = extra; i > 0; i--) {
    writer.bytes[at + i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  const prefix = (0xff << (8 - extra)) & 0xff
  writer.bytes[at] = prefix | Number(rest)
  writer.position = at + extra + 1
}
