/**
 * Pages of a queue in the order in which they are delivered: oldest first, or the newest slice of time
 * first while the backlog spans more than one.
 * Used by CaptureStore. Invariant: a page is everything of its partitions between `from` and its last
 * frame that the cursor had not taken.
 * Spec: cdc-replication 1.6 (FIFO, LIFO).
 */
import type { SQLInputValue } from 'node:sqlite'
import { type QueueCursor, STRETCHES_MAX } from '../delivery/queue-cursor.ts'

export type SqlRow = Readonly<Record<string, unknown>>
export type Query = (sql: string, ...values: SQLInputValue[]) => readonly SqlRow[]

export interface PageRequest {
  readonly cursor: QueueCursor
  readonly partitions: readonly number[]
  readonly limit: number
  /** Newest slice of this width first; undefined: oldest first. */
  readonly sliceMs: number | undefined
}

export interface QueuePage {
  readonly from: number
  /** seq, partition, frame. */
  readonly rows: readonly SqlRow[]
}

export function readPage(query: Query, channel: number, request: PageRequest): QueuePage {
  const { cursor, partitions, limit } = request
  const where = whereOf(cursor, partitions)
  const from = startOf(query, channel, request, where)
  const rows = query(
    `SELECT seq, partition, frame FROM cdc_queue WHERE ${where} AND seq >= ? ORDER BY seq LIMIT ?`,
    ...[channel, cursor.after, from, limit],
  )
  return { from, rows }
}

/** Numbers only, whoever asks: nothing that somebody wrote becomes a part of the statement. */
function whereOf({ done }: QueueCursor, partitions: readonly number[]): string {
  const numbers = [...partitions, ...done.flat()]
  const isSafe = numbers.every(Number.isSafeInteger) && done.every(one => one.length === 2)
  if (!isSafe) throw new TypeError('expected whole numbers for partitions and stretches of a queue')
  const taken = done.map(([from, to]) => ` AND NOT (seq BETWEEN ${from} AND ${to})`).join('')
  return `channel = ? AND seq > ? AND partition IN (${partitions.join(',')})${taken}`
}

function startOf(
  query: Query,
  channel: number,
  { cursor, sliceMs }: PageRequest,
  where: string,
): number {
  const inOrder = cursor.after + 1
  if (sliceMs === undefined || cursor.done.length >= STRETCHES_MAX) return inOrder
  const edge = (order: 'ASC' | 'DESC') =>
    query(
      `SELECT seq, at FROM cdc_queue WHERE ${where} ORDER BY seq ${order} LIMIT 1`,
      ...[channel, cursor.after],
    )[0]
  const oldest = edge('ASC')
  const newest = edge('DESC')
  if (oldest === undefined || newest === undefined) return inOrder
  const newestAt = Number(newest['at'])
  if (newestAt - Number(oldest['at']) <= sliceMs) return inOrder
  const sliceStart = Math.floor(newestAt / sliceMs) * sliceMs
  const [before] = query(
    `SELECT seq FROM cdc_queue WHERE ${where} AND at < ? ORDER BY seq DESC LIMIT 1`,
    ...[channel, cursor.after, sliceStart],
  )
  const below = cursor.done.filter(([from]) => from < Number(newest['seq'])).map(([, to]) => to)
  return Math.max(inOrder, Number(before?.['seq'] ?? 0) + 1, ...below.map(to => to + 1))
}
