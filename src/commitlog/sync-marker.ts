/**
 * The 8 bytes before each section of a segment.
 *
 *     next i32   physical offset of the next marker
 *     crc  u32   over the id's low word, its high word, this marker's own offset
 *
 * Read by SegmentReader at the end of the last section, again and again while the segment is live.
 * Invariant: `next` is not covered by the checksum, so it is checked against its own offset.
 * Spec: commit-log, section 3.2.
 */
import { int32At } from '../cql/index.ts'
import { crc32Int } from './crc32.ts'
import type { SegmentHeader } from './segment-header.ts'

export const MARKER_BYTES = 8

/**
 * blank: nothing was written here yet. good: `next` may be used. unsigned: `next` without a
 * checksum, which Cassandra writes second. bad: anything else.
 */
export type MarkerState = 'blank' | 'good' | 'unsigned' | 'bad'

/** The checksum of the marker at a physical offset. */
export function markerCrc({ idHigh, idLow }: SegmentHeader, offset: number): number {
  return crc32Int(offset, crc32Int(idHigh, crc32Int(idLow)))
}

/** Judges the marker at `at` of `bytes`, which lies at `offset` of the file. */
export function readMarker(
  bytes: Buffer,
  at: number,
  { header, offset }: { readonly header: SegmentHeader; readonly offset: number },
): { readonly state: MarkerState; readonly next: number } {
  const next = int32At(bytes, at)
  const crc = int32At(bytes, at + 4)
  if (next === 0 && crc === 0) return { state: 'blank', next }
  if (next < offset + MARKER_BYTES) return { state: 'bad', next }
  if (crc === markerCrc(header, offset)) return { state: 'good', next }
  return { state: crc === 0 ? 'unsigned' : 'bad', next }
}
