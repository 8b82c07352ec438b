/**
 * Opens the content of a compressed section.
 *
 *     uncompressedLength i32 | compressor output
 *
 * Chosen once per segment by `sectionCodecFor`; plain segments have none and are read in place.
 * Invariant: the result has exactly the announced length, at most `SECTION_BYTES_MAX`; anything else
 * throws SCM_COMMITLOG_SECTION, which the reader turns into a problem.
 * Spec: commit-log, section 3.4.
 */
import { inflateSync, zstdDecompressSync } from 'node:zlib'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { int32At, lz4, snappy } from '../cql/index.ts'
import { encryptedSectionCodec, type KeyLookup } from './encrypted-section.ts'
import { COMMITLOG_ERRORS } from './errors.ts'
import { brokenSection, SECTION_BYTES_MAX, type SectionCodec } from './section-limits.ts'
import type { SegmentHeader } from './segment-header.ts'

/** Decompresses `bytes[start..end)`, which holds `size` bytes, more than zero. */
type Decompress = (
  bytes: Buffer,
  range: { readonly start: number; readonly end: number; readonly size: number },
) => Buffer

const LZ4_LENGTH_BYTES = 4
/** What any of the compressors makes of nothing; a damaged length of zero stands before more. */
const EMPTY_BYTES_MAX = 24

const DECOMPRESSORS: Readonly<Record<string, Decompress>> = {
  LZ4Compressor: (bytes, { start, end, size }) =>
    lz4.decompress(bytes, { start: start + LZ4_LENGTH_BYTES, end, size, sizeMax: size }),
  SnappyCompressor: (bytes, { start, end, size }) =>
    snappy.decompress(bytes, { start, end, size, sizeMax: size }),
  DeflateCompressor: (bytes, { start, end, size }) =>
    wholly(inflateSync, bytes.subarray(start, end), size),
  ZstdCompressor: (bytes, { start, end, size }) =>
    wholly(zstdDecompressSync, bytes.subarray(start, end), size),
  NoopCompressor: (bytes, { start, end }) => bytes.subarray(start, end),
}

/** With `info` Node's answer is of another shape than its declared one. */
type Unpack = (packed: Buffer, options: { maxOutputLength: number; info: true }) => unknown

/**
 * Both take what follows a stream for nothing of theirs. Here it is the next section: the marker, whose
 * checksum does not cover where the section ends, was damaged.
 */
function wholly(unpack: Unpack, packed: Buffer, size: number): Buffer {
  const answer = unpack(packed, { maxOutputLength: size, info: true })
  const { buffer, engine } = answer as { buffer: Buffer; engine: { bytesWritten: number } }
  if (engine.bytesWritten === packed.length) return buffer
  throw brokenSection(`expected ${packed.length} packed bytes, found ${engine.bytesWritten} in use`)
}

/** How the sections of a segment are opened; undefined when they are plain. */
export function sectionCodecFor(
  header: SegmentHeader,
  keyOf: KeyLookup | undefined,
): SectionCodec | undefined {
  if (header.encryption !== undefined) return encryptedSectionCodec(header.encryption, keyOf)
  if (header.compression === undefined) return undefined
  const decompress = DECOMPRESSORS[header.compression]
  if (decompress === undefined) {
    throw new ScamanderError(
      COMMITLOG_ERRORS.ALGORITHM,
      `segment ${header.segmentId}: expected one of ${Object.keys(DECOMPRESSORS).join(', ')}, ` +
        `found ${header.compression}`,
    )
  }
  return (bytes, start, end) => openSection(decompress, bytes, { start, end })
}

function openSection(
  decompress: Decompress,
  bytes: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
): Buffer {
  if (end - start < 4) throw brokenSection('expected a length of 4 bytes')
  const size = int32At(bytes, start)
  if (size === 0 && end - start - 4 <= EMPTY_BYTES_MAX) return Buffer.alloc(0)
  if (size <= 0 || size > SECTION_BYTES_MAX) {
    throw brokenSection(`expected at most ${SECTION_BYTES_MAX} bytes, found ${size} announced`)
  }
  const out = attempt(() => decompress(bytes, { start: start + 4, end, size }))
  if (out.length === size) return out
  throw brokenSection(`expected ${size} bytes, found ${out.length}`)
}

function attempt(work: () => Buffer): Buffer {
  try {
    return work()
  } catch (cause) {
    throw brokenSection(messageOf(cause), cause)
  }
}
