/**
 * Compression algorithms by the names that STARTUP and SUPPORTED use for them.
 * Called when a connection is configured and when a proxy answers STARTUP.
 * Names are matched without case; `none` is no algorithm.
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
