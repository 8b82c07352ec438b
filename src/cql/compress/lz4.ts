/**
 * LZ4 raw blocks, as Cassandra uses them in v3/v4 frame bodies and v5 segments.
 * The library puts a 4-byte little-endian size before each block: dropped when compressing, added
 * in a scratch buffer when decompressing (one copy of the compressed bytes).
 */
import { lazyPackage } from '../../base/lazy-package.ts'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { CQL_ERRORS } from '../errors.ts'
import type { Compressor, DecompressRange } from './compressor.ts'

const library = lazyPackage<typeof import('lz4-napi')>('lz4-napi')

const PREFIX_BYTES = 4
/** A block cannot expand more than this: one length byte stands for 255 bytes. */
const RATIO_MAX = 255

let scratch = Buffer.allocUnsafeSlow(64 * 1024)

export const lz4: Compressor = {
  name: 'lz4',
  needsSize: true,

  compress(bytes: Buffer): Buffer {
    return library().compressSync(bytes).subarray(PREFIX_BYTES)
  },

  decompress(bytes: Buffer, { start, end, size, sizeMax }: DecompressRange): Buffer {
    const length = end - start
    if (size === undefined || size > sizeMax || size > length * RATIO_MAX) {
      throw broken(`expected at most ${sizeMax} bytes from ${length}, found ${size} announced`)
    }
    if (size === 0) return Buffer.alloc(0)
    const input = withPrefix(bytes, start, end)
    input.writeUInt32LE(size, 0)
    const out = inflate(input)
    if (out.length !== size) throw broken(`expected ${size} bytes, found ${out.length}`)
    return out
  },
}

/** The block behind four free bytes, in the scratch buffer unless it is very large. */
function withPrefix(bytes: Buffer, start: number, end: number): Buffer {
  const need = end - start + PREFIX_BYTES
  if (need > scratch.length) scratch = Buffer.allocUnsafeSlow(need)
  bytes.copy(scratch, PREFIX_BYTES, start, end)
  const input = scratch.subarray(0, need)
  if (scratch.length > 1024 * 1024) scratch = Buffer.allocUnsafeSlow(64 * 1024)
  return input
}

function inflate(input: Buffer): Buffer {
  try {
    return library().uncompressSync(input)
  } catch (cause) {
    throw broken(messageOf(cause), cause)
  }
}

function broken(what: string, cause?: unknown): ScamanderError {
  return new ScamanderError(CQL_ERRORS.COMPRESSION, `LZ4 block: ${what}`, { cause })
}
