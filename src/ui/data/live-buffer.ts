/**
 * The rows of a live tail: newest on top, bounded, and held back while somebody reads. Pure.
 * Used by the live records.
 * Invariants: at most KEPT_MAX records are held, shown and waiting together; what is dropped or was left
 * out by the server is counted; a record is never shown twice.
 * Spec: ui 4.3 (tails).
 */
import type { RecordInfo } from '../../api-v1-data.ts'

export const KEPT_MAX = 2_000
/** Records that are drawn each second. */
export const DRAWN_PER_SECOND = 50

export interface LiveBuffer {
  readonly shown: readonly RecordInfo[]
  /** Came while it was paused; newest first. */
  readonly waiting: readonly RecordInfo[]
  readonly isPaused: boolean
  readonly skipped: number
}

export const EMPTY_BUFFER: LiveBuffer = { shown: [], waiting: [], isPaused: false, skipped: 0 }

/** `came` is newest first. */
export function received(
  buffer: LiveBuffer,
  came: readonly RecordInfo[],
  skipped: number,
): LiveBuffer {
  if (came.length === 0 && skipped === 0) return buffer
  const left = buffer.skipped + skipped
  if (!buffer.isPaused) return { ...buffer, shown: cut([...came, ...buffer.shown]), skipped: left }
  const waiting = [...came, ...buffer.waiting]
  const kept = waiting.slice(0, KEPT_MAX)
  return { ...buffer, waiting: kept, skipped: left + waiting.length - kept.length }
}

export function paused(buffer: LiveBuffer): LiveBuffer {
  return buffer.isPaused ? buffer : { ...buffer, isPaused: true }
}

export function resumed(buffer: LiveBuffer): LiveBuffer {
  return {
    ...buffer,
    shown: cut([...buffer.waiting, ...buffer.shown]),
    waiting: [],
    isPaused: false,
  }
}

function cut(records: readonly RecordInfo[]): readonly RecordInfo[] {
  return records.slice(0, KEPT_MAX)
}

/** How many records the next question may bring: a burst is allowed, a stream is slowed down. */
export class Allowance {
  #count = DRAWN_PER_SECOND
  #atMs: number

  constructor(nowMs: number) {
    this.#atMs = nowMs
  }

  take(nowMs: number): number {
    const gained = ((nowMs - this.#atMs) / 1000) * DRAWN_PER_SECOND
    this.#count = Math.min(2 * DRAWN_PER_SECOND, this.#count + gained)
    this.#atMs = nowMs
    return Math.max(1, Math.floor(this.#count))
  }

  spend(count: number): void {
    this.#count = Math.max(0, this.#count - count)
  }
}
