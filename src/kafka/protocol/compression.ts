/**
 * The compression codecs of record batches, by their number in the batch's attributes.
 * Called per batch by the record decoder and the producer. The work is done by the Kafka client's
 * routines and node:zlib; this file only chooses, and bounds what one batch may become.
 * Spec: Kafka record batch format, attributes bits 0-2. Snappy with or without the block framing
 * of the Java client is read; plain snappy is written.
 */
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { compressionsAlgorithms } from '@platformatic/kafka'

export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** Names in the order of their codec numbers. */
export const COMPRESSIONS: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** A batch that grows beyond this is refused: brokers limit batches far below. */
const INFLATED_BYTES_MAX = 1 << 30

/** The plain bytes of `bytes[start..end)`. */
export function decompress(codec: number, bytes: Buffer, range: readonly [number, number]): Buffer {
  const input = bytes.subarray(range[0], range[1])
  const limit = { maxOutputLength: INFLATED_BYTES_MAX }
  switch (codec) {
    case 1:
      return gunzipSync(input, limit)
    case 2:
      return asBuffer(compressionsAlgorithms.snappy.decompressSync(input))
    case 3:
      return asBuffer(compressionsAlgorithms.lz4.decompressSync(input))
    case 4:
      return zstdDecompressSync(input, limit)
    default:
      throw new RangeError(`compression codec ${codec} is not known`)
  }
}

/** The compressed form; not for `none`. */
export function compress(name: Exclude<CompressionName, 'none'>, bytes: Buffer): Buffer {
  return asBuffer(compressionsAlgorithms[name].compressSync(bytes))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
