/**
 * What the state file knows of copies and validations of a project's tables: the last run of each, and
 * what became of its token ranges.
 * Read by the checks of phase 2 and by the page. Invariant: runs of a part (a condition, a sample, some
 * tokens, one direction, some columns) or between other clusters do not count.
 * Spec: live-migration 3.7, 5 (phase 2).
 */
import type { DatabaseSync } from 'node:sqlite'
import { FULL_RING } from '../token-range.ts'
import { isWholeScope } from '../validation-scope.ts'
import type { Project } from './project-store.ts'

/** Where a validation's name has its scope. */
const SCOPE_AT = 9

export interface LastRun {
  readonly runId: number
  readonly startedMs: number
  readonly endedMs: number
  readonly isEnded: boolean
  /** Ranges that are neither passed nor corrected. */
  readonly openRanges: number
  /** Of a validation: write times and TTLs were compared. */
  readonly hasTimes: boolean
}

export interface RunOf {
  readonly table: string
  readonly type: 'MIGRATE' | 'VALIDATE'
}

export function lastRun(db: DatabaseSync, project: Project, of: RunOf): LastRun | undefined {
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
    runId: Number(found['run_id']),
    startedMs: Number(found['started_ms']),
    endedMs: Number(found['ended_ms'] ?? 0),
    isEnded: found['status'] === 'ENDED',
    openRanges: Number(open?.['n']),
    hasTimes: of.type === 'VALIDATE' && partsOf(String(found['job']), 'VALIDATE')[8] === true,
  }
}

const LETTERS: Readonly<Record<string, string>> = {
  NOT_STARTED: 'w',
  STARTED: 'r',
  PASS: 'd',
  FAIL: 'f',
  DIFF: 'x',
  DIFF_CORRECTED: 'c',
}

/** One letter per range, in token order: see `MigrationRanges`. */
export function rangeStates(db: DatabaseSync, runId: number): string {
  const rows = db.prepare('SELECT status FROM range WHERE run_id = ? ORDER BY id').all(runId)
  return rows.map(row => LETTERS[String(row['status'])] ?? 'w').join('')
}

export interface RangeTally {
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly differing: number
}

export function rangeTally(db: DatabaseSync, runId: number): RangeTally {
  const rows = db
    .prepare('SELECT status, count(*) AS n FROM range WHERE run_id = ? GROUP BY status')
    .all(runId)
  const counts = new Map(rows.map(row => [String(row['status']), Number(row['n'])]))
  const sum = (...names: string[]) => names.reduce((all, one) => all + (counts.get(one) ?? 0), 0)
  return {
    total: sum(...Object.keys(LETTERS)),
    done: sum('PASS', 'DIFF_CORRECTED'),
    failed: sum('FAIL'),
    differing: sum('DIFF'),
  }
}

/** The next run of that job looks again at the ranges that differ, and only at these. */
export function reopenRun(db: DatabaseSync, runId: number): void {
  db.prepare("UPDATE run SET status = 'STARTED' WHERE run_id = ?").run(runId)
}

/** As table-copy.ts and table-validation.ts name their jobs; a validation's less its first word. */
function partsOf(job: string, type: string): unknown[] {
  const all: unknown = JSON.parse(job)
  if (!Array.isArray(all)) return []
  return type === 'VALIDATE' ? all.slice(1) : all
}

function isOfTable(
  job: string,
  { source, target, keyspace, targetKeyspace }: Project,
  { table, type }: RunOf,
): boolean {
  const parts = partsOf(job, type)
  if (parts.length === 0) return false
  const [from, fromKeyspace, fromTable, to, toKeyspace, toTable, where, percent] = parts
  const tokens = parts.slice(-2).map(String)
  return (
    [fromKeyspace, fromTable, toKeyspace, toTable].join('\n') ===
      [keyspace, table, targetKeyspace, table].join('\n') &&
    pointsOf(from) === [...source.contactPoints].join() &&
    pointsOf(to) === [...target.contactPoints].join() &&
    where === '' &&
    percent === 100 &&
    (type === 'MIGRATE' || isWholeScope(parts[SCOPE_AT])) &&
    tokens.join() === [FULL_RING.start, FULL_RING.end].join()
  )
}

function pointsOf(points: unknown): string {
  const all = points as readonly { readonly host: string; readonly port: number }[]
  return all.map(({ host, port }) => `${host}:${port}`).join()
}
