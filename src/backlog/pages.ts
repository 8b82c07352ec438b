/**
 * The lists of Backlog as pages: by offset with an overlap that notices drift, and by id ranges
 * that work whether their bounds are included or not.
 * Called by the Backlog source. Each page holds only rows that were not seen in the list before.
 * Invariant: a list that moved while it was read is read again, at most three times, and then told
 * as drifted; nothing is derived from such a list but upserts.
 * Spec: backlog-replication 1.3.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import type { BacklogClient, Caller, Params } from './client.ts'
import { BACKLOG_ERRORS } from './errors.ts'

export type Json = Readonly<Record<string, unknown>>

export const PAGE_ROWS = 100
const OVERLAP_ROWS = 10
const STEPS_BACK_MAX = 5

export interface ListOptions {
  readonly client: BacklogClient
  readonly caller: Caller
  readonly path: string
  readonly params: Params
  /** Told when the list moved more often than can be followed. */
  readonly onDrift?: () => void
}

/** New rows of each page. */
export async function* offsetPages(options: ListOptions): AsyncGenerator<Json[]> {
  const { client, caller, path, params } = options
  const seen = new Map<unknown, unknown>()
  let expected: readonly unknown[] = []
  let stepsBack = 0
  for (let offset = 0; ; ) {
    const rows = await client.get<Json[]>(path, { ...params, count: PAGE_ROWS, offset }, caller)
    checkPage(rows, path)
    yield* fresh(rows, seen)
    const ids = rows.map(idOf)
    const isMoved = expected.some((id, index) => ids[index] !== id)
    if (isMoved && stepsBack < STEPS_BACK_MAX) {
      stepsBack++
      offset = Math.max(0, offset - PAGE_ROWS)
      // After a step back any beginning is right.
      expected = []
      continue
    }
    if (isMoved) options.onDrift?.()
    if (rows.length < PAGE_ROWS) return
    expected = ids.slice(-OVERLAP_ROWS)
    offset += PAGE_ROWS - OVERLAP_ROWS
  }
}

function* fresh(rows: readonly Json[], seen: Map<unknown, unknown>): Generator<Json[]> {
  const added = rows.filter(row => !seen.has(idOf(row)) || seen.get(idOf(row)) !== row['updated'])
  for (const row of added) seen.set(idOf(row), row['updated'])
  if (added.length > 0) yield added
}

/** Rows with ids above `after`, ascending. */
export async function* idPages(
  options: ListOptions,
  after: number | undefined,
): AsyncGenerator<Json[]> {
  const { client, caller, path, params } = options
  for (let last = after; ; ) {
    const page = { ...params, count: PAGE_ROWS, order: 'asc', minId: last }
    const rows = await client.get<Json[]>(path, page, caller)
    checkPage(rows, path)
    const floor = last
    const added = floor === undefined ? rows : rows.filter(row => Number(row['id']) > floor)
    if (added.length === 0) return
    yield added
    last = Math.max(...added.map(row => Number(row['id'])))
    if (rows.length < PAGE_ROWS) return
  }
}

function idOf(row: Json): unknown {
  const { id } = row as { id?: unknown }
  return id ?? JSON.stringify(row)
}

function checkPage(rows: unknown, path: string): void {
  if (Array.isArray(rows) && rows.length <= PAGE_ROWS) return
  const found = Array.isArray(rows) ? `${rows.length} rows` : 'no array'
  const message = `GET ${path}: expected at most ${PAGE_ROWS} rows, found ${found}`
  throw new ScamanderError(BACKLOG_ERRORS.REQUEST, message)
}
