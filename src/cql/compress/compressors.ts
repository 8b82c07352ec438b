/**
 * Compression algorithms by their protocol names. Names are matched without case.
 */
import type { Compressor } from './compressor.ts'
import { lz4 } from './lz4.ts'
import { snappy } from './snappy.ts'

/** The algorithm of that name; undefined when this room has none. */
export function compressorByName(name: string): Compressor | undefined {
  const lower = name.toLowerCase()
  if (lower === 'lz4') return lz4
  return lower === 'snappy' ? snappy : undefined
}
