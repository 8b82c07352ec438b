/**
 * What the state file knows of copies and validations of a project's tables: the last run of each, and
 * whether all its ranges are well.
 * Read by the checks of phase 2. Invariant: runs of a part (a condition, a sample, some tokens) or
 * between other clusters do not count.
 * Spec: live-migration 3.7, 5 (phase 2).
 */
import type { DatabaseSync } from 'node:sqlite'
import { FULL_RING } from '../token-range.ts'
import type { Project } from './project-store.ts'

export interface LastRun {
  readonly startedMs: number
  readonly endedMs: number
  readonly isEnded: boolean
  /** Ranges that are neither passed nor corrected. */
  readonly openRanges: number
}

export function lastRun(
  db: DatabaseSync,
  project: Project,
  of: { readonly table: string; readonly type: 'MIGRATE' | 'VALIDATE' },
): LastRun | undefined {
  const rows = db
    .prepare(
      'SELECT run_id, job, status, started_ms, ended_ms FROM run WHERE run_type = ? ORDER BY run_id DESC',
    )
    .all(of.type)
  const found = rows.find(row => isOfTable(String(row['job']), project, of))
  if (found === undefined) return undefined
  const open = db
    .prepare(
      "SELECT count(*) AS n FROM range WHERE run_id = ? AND status NOT IN ('PASS', 'DIFF_CORRECTED')",
    )
    .get(found['run_id']!)
  return {
    startedMs: Number(found['started_ms']),
    endedMs: Number(found['ended_ms'] ?? 0),
    isEnded: found['status'] === 'ENDED',
    openRanges: Number(open?.['n']),
  }
}

/** As table-copy.ts and table-validation.ts name their jobs. */
function isOfTable(
  job: string,
  { source, target, keyspace, targetKeyspace }: Project,
  { table, type }: { readonly table: string; readonly type: string },
): boolean {
  const all: unknown = JSON.parse(job)
  if (!Array.isArray(all)) return false
  const parts: unknown[] = type === 'VALIDATE' ? all.slice(1) : all
  const [from, fromKeyspace, fromTable, to, toKeyspace, toTable, where, percent] = parts
  const tokens = parts.slice(-2).map(String)
  return (
    [fromKeyspace, fromTable, toKeyspace, toTable].join('\n') ===
      [keyspace, table, targetKeyspace, table].join('\n') &&
    pointsOf(from) === [...source.contactPoints].join() &&
    pointsOf(to) === [...target.contactPoints].join() &&
    where === '' &&
    percent === 100 &&
    tokens.join() === [FULL_RING.start, FULL_RING.end].join()
  )
}

function pointsOf(points: unknown): string {
  const all = points as readonly { readonly host: string; readonly port: number }[]
  return all.map(({ host, port }) => `${host}:${port}`).join()
}
