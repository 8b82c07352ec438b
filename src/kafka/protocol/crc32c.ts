/**
 * CRC-32C (Castagnoli) over a range of a buffer, as record batches carry it.
 * Called once per batch by the record decoder and encoder. The native routine that comes with the
 * Kafka client is used where it loads (it is several times faster); otherwise eight tables.
 * Spec: Kafka record batch format, field `crc`: from `attributes` to the end of the batch.
 */
import { createRequire } from 'node:module'

type Crc = (bytes: Buffer) => number

const TABLES = makeTables()

/** CRC of `bytes[start..end)`, unsigned. */
export function crc32c(bytes: Buffer, start: number, end: number): number {
  return native === undefined
    ? crc32cByTables(bytes, start, end)
    : native(bytes.subarray(start, end)) >>> 0
}

/** The same in JavaScript, eight bytes at a time. */
export function crc32cByTables(bytes: Uint8Array, start: number, end: number): number {
  const table = TABLES
  let crc = 0xffffffff
  let at = start
  for (; at + 8 <= end; at += 8) {
    const low =
      crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc =
      table[1792 + (low & 255)]! ^
      table[1536 + ((low >>> 8) & 255)]! ^
      table[1280 + ((low >>> 16) & 255)]! ^
      table[1024 + (low >>> 24)]! ^
      table[768 + bytes[at + 4]!]! ^
      table[512 + bytes[at + 5]!]! ^
      table[256 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!
  }
  for (; at < end; at++) crc = table[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

const native = loadNative()

function loadNative(): Crc | undefined {
  try {
    const require = createRequire(import.meta.url)
    const client = createRequire(require.resolve('@platformatic/kafka'))
    const loaded = client('@node-rs/crc32') as { crc32c?: Crc }
    return typeof loaded.crc32c === 'function' ? loaded.crc32c : undefined
  } catch {
    // An optional dependency without a build for this platform: the tables do.
    return undefined
  }
}

function makeTables(): Int32Array {
  const table = new Int32Array(8 * 256)
  for (let i = 0; i < 256; i++) {
    let crc = i
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f63b78
    table[i] = crc
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!
    table[i] = table[before & 255]! ^ (before >>> 8)
  }
  return table
}
