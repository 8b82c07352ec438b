/**
 * UUIDs between canonical text (lower case, dashes) and 16 bytes, without intermediate strings.
 * Used by [uuid] (tracing ids) and by the codecs of uuid and timeuuid.
 * Invariant: any 16 bytes format to text that writes the same 16 bytes.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, take } from './byte-reader.ts'

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) =>
  i.toString(16).padStart(2, '0'),
)

/** The canonical text of the 16 bytes at `at`. */
export function formatUuid(bytes: Uint8Array, at: number): string {
  const hex = (i: number) => HEX[bytes[at + i]!]!
  return (
    `${hex(0)}${hex(1)}${hex(2)}${hex(3)}-${hex(4)}${hex(5)}-${hex(6)}${hex(7)}-` +
    `${hex(8)}${hex(9)}-${hex(10)}${hex(11)}${hex(12)}${hex(13)}${hex(14)}${hex(15)}`
  )
}

/** Writes the 16 bytes of a UUID in text; false, with nothing written, when it is none. */
export function writeUuidText(writer: ByteWriter, text: string): boolean {
  if (text.length !== 36) return false
  const at = writer.reserve(16)
  const bytes = writer.bytes
  let from = 0
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) {
      if (text.charCodeAt(from) !== 45) return false
      from++
    }
    const pair = (digit(text.charCodeAt(from)) << 4) | digit(text.charCodeAt(from + 1))
    if (pair < 0) return false
    bytes[at + i] = pair
    from += 2
  }
  writer.position = at + 16
  return true
}

/** The value of a hexadecimal digit; any other character gives a number that stays negative. */
function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -0x1000
}

/** [uuid]: 16 bytes, as canonical text. */
export function readUuid(reader: ByteReader): string {
  return formatUuid(reader.bytes, take(reader, 16))
}
