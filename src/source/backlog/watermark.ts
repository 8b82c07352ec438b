/**
 * The arithmetic of change cursors by date: where the next read starts, and how far a cursor may move.
 * Pure. Backlog filters by whole days in an unknown zone, so a day is added and rows are filtered here.
 * Invariant: a watermark never passes the start of the run that saw it.
 * Spec: backlog-replication 1.6, 1.8.
 */
const DAY_MS = 86_400_000

export interface Watermark {
  readonly watermarkMs: number
}

export function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** For `updatedSince`: a day before the watermark's. */
export function sinceDay({ watermarkMs }: Watermark): string {
  return isoDay(Math.max(0, watermarkMs - DAY_MS))
}

export function nextWatermark(seenMaxMs: number, runStartMs: number): number {
  return Math.min(seenMaxMs, runStartMs)
}
