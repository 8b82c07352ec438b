/**
 * Snappy raw blocks, as Cassandra uses them in v3/v4 frame bodies (v5 has only LZ4).
 * A block starts with its decompressed size as a little-endian base-128 number, which is checked
 * against the limit before anything is allocated.
 */
import { lazyPackage } from '../../base/lazy-package.ts'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { CQL_ERRORS } from '../errors.ts'
import type { Compressor, DecompressRange } from './compressor.ts'

const library = lazyPackage<typeof import('snappy')>('snappy')

export const snappy: Compressor = {
  name: 'snappy',
  needsSize: false,

  compress(bytes: Buffer): Buffer {
    return library().compressSync(bytes)
  },

  decompress(bytes: Buffer, { start, end, sizeMax }: DecompressRange): Buffer {
    const size = announcedSize(bytes, start, end)
    if (size > sizeMax) throw broken(`expected at most ${sizeMax} bytes, found ${size} announced`)
    try {
      return library().uncompressSync(bytes.subarray(start, end), { asBuffer: true }) as Buffer
    } catch (cause) {
      throw broken(messageOf(cause), cause)
    }
  },
}

function announcedSize(bytes: Buffer, start: number, end: number): number {
  let size = 0
  for (let i = 0; i < 5 && start + i < end; i++) {
    const byte = bytes[start + i]!
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return size
  }
  throw broken('the announced size is incomplete')
}

function broken(what: string, cause?: unknown): ScamanderError {
  return new ScamanderError(CQL_ERRORS.COMPRESSION, `Snappy block: ${what}`, { cause })
}
