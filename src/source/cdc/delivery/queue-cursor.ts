/**
 * How far a task has read a queue: everything up to `after`, and beyond it whole stretches that were
 * taken out of order (newest first). Pure.
 * Used by CdcSource, which stores it as its offset, and by the queue, which reads and trims by it.
 * Invariants: stretches are sorted, do not touch and lie beyond `after`; there are at most
 * `STRETCHES_MAX`, since beyond that the queue is read in order.
 * Spec: cdc-replication 1.6 (LIFO).
 */
import type { JsonValue } from '../../../flow/index.ts'

/** From and to, both included. */
export type Stretch = readonly [from: number, to: number]

export interface QueueCursor {
  readonly after: number
  readonly done: readonly Stretch[]
}

export const STRETCHES_MAX = 64
export const START: QueueCursor = { after: 0, done: [] }

export function isTaken({ after, done }: QueueCursor, seq: number): boolean {
  return seq <= after || done.some(([from, to]) => seq >= from && seq <= to)
}

/** Everything of `[from, to]` was taken as well. */
export function take(cursor: QueueCursor, from: number, to: number): QueueCursor {
  if (from <= cursor.after + 1) return normal(Math.max(cursor.after, to), cursor.done)
  return normal(cursor.after, [...cursor.done, [from, to]])
}

function normal(start: number, stretches: readonly Stretch[]): QueueCursor {
  let after = start
  const done: [number, number][] = []
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    const last = done.at(-1)
    if (from <= after + 1) after = Math.max(after, to)
    else if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else done.push([from, to])
  }
  return { after, done }
}

/** As it stands in an offset. */
export function parseCursor(offset: Readonly<Record<string, JsonValue>> | undefined): QueueCursor {
  const after = Number(offset?.['offset'] ?? 0)
  const given = offset?.['done']
  const done = Array.isArray(given) ? given.filter(isStretch) : []
  return normal(Number.isFinite(after) ? after : 0, done)
}

export function formatCursor({ after, done }: QueueCursor): Record<string, JsonValue> {
  return done.length === 0 ? { offset: after } : { offset: after, done }
}

function isStretch(value: JsonValue): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(one => Number.isInteger(one))
}
