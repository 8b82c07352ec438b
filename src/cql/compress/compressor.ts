/**
 * The contract of a compression algorithm, raw blocks only; framing is the caller's.
 * Used by frame bodies (v3, v4) and by segments (v5). Implementations: lz4.ts, snappy.ts.
 * Invariant: `decompress` never returns more than `sizeMax` bytes; it throws SCM_CQL_COMPRESSION.
 */
export interface DecompressRange {
  readonly start: number
  readonly end: number
  /** The exact decompressed size where the framing tells it; required by LZ4. */
  readonly size?: number | undefined
  /** The most bytes that may come out. */
  readonly sizeMax: number
}

export interface Compressor {
  /** The name in STARTUP's COMPRESSION option. */
  readonly name: 'lz4' | 'snappy'
  /** True when a v3/v4 frame body starts with the decompressed length (LZ4). */
  readonly needsSize: boolean
  /** A raw block. The result is a new buffer, `bytes` is not kept. */
  compress(bytes: Buffer): Buffer
  /** The content of the raw block `bytes[start..end)`, in a new buffer. */
  decompress(bytes: Buffer, range: DecompressRange): Buffer
}
