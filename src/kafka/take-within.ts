/**
 * Takes records out of what a broker sent, a few at a time, until there are enough of them or of their
 * bytes. What counts is their size when unpacked: a small compressed answer may hold very much.
 * Called by the topic inspector.
 * Invariant: more than asked for is held by TAKE_COUNT records at most, those of a batch aside, which is
 * unpacked as a whole.
 */
import type { RawMessage } from '../flow/index.ts'

export interface RecordSource {
  readonly hasMore: boolean
  readonly nextOffset: number
  /** Appends up to that many; returns their bytes. */
  read(out: RawMessage[], countMax: number): number
}

export interface TakeLimits {
  /** Of `out`. */
  readonly recordsMax: number
  readonly bytesMax: number
  /** Records from here on are not wanted. */
  readonly toOffset: number
}

const TAKE_COUNT = 50

/** Returns the bytes of what was appended. */
export function takeWithin(reader: RecordSource, out: RawMessage[], limits: TakeLimits): number {
  const { recordsMax, bytesMax, toOffset } = limits
  let bytes = 0
  while (reader.hasMore && out.length < recordsMax && bytes < bytesMax) {
    if (reader.nextOffset >= toOffset) break
    bytes += reader.read(out, Math.min(TAKE_COUNT, recordsMax - out.length))
  }
  return bytes
}
