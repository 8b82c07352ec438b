/**
 * What survives the process: which ranges of which table are done, in an SQLite file. A range is
 * marked done only after every row of it was acknowledged; within a large range the token up to which
 * that holds is kept as well.
 * One row per range; a job is one table between two clusters with one selection.
 * Invariant: killed at any moment, the file tells at most too little, never too much.
 * Spec: live-migration 3.7.
 */
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import type { TokenRange } from './token-range.ts'

export type RangeStatus = 'NOT_STARTED' | 'STARTED' | 'PASS' | 'FAIL' | 'DIFF' | 'DIFF_CORRECTED'

/** Counts of one range, added up for a run. */
export interface RangeCounts {
  read: number
  written: number
  skipped: number
  rejected: number
}

export interface StoredRange {
  readonly id: number
  readonly range: TokenRange
  /** Every row before it is done. */
  readonly checkpoint: bigint | undefined
  readonly status: RangeStatus
}

export interface StoredRun {
  readonly runId: number
  /** Counts up over all runs of the job: no two write a list at one time. */
  readonly attempt: number
  readonly isResumed: boolean
  /** Microseconds; of the first run, so that a resumed one writes the same. */
  readonly backdateUs: bigint
  /** Those that are to be done. */
  readonly ranges: readonly StoredRange[]
  readonly rangesTotal: number
}

/** One table between two clusters with one selection. */
export interface RunJob {
  readonly name: string
  readonly type: 'MIGRATE' | 'VALIDATE'
  /** `keyspace.table` of the source. */
  readonly table: string
}

/** Where a run keeps what it did: a file for the commands, something shared for a group of workers. */
export interface RunStorage {
  /**
   * The unfinished run of the job, or a new one: when there is none, when the last one ended, or
   * when `isRestart`. A new run has the ranges that `plan` makes.
   */
  begin(
    job: RunJob,
    fresh: {
      readonly isRestart: boolean
      readonly backdateUs: bigint
      readonly plan: () => readonly TokenRange[]
    },
  ): StoredRun
  mark(runId: number, id: number, status: RangeStatus): void
  /** Every row before that token is done. */
  checkpoint(runId: number, id: number, token: bigint): void
  /** Resolves when the number of the attempt is safe: before that no list is written. */
  secured(): Promise<void>
  /** Ended: the next run of the job begins anew. Otherwise it resumes. */
  finish(runId: number, isEnded: boolean, info: string): void
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS run (
  run_id INTEGER PRIMARY KEY, job TEXT NOT NULL, run_type TEXT NOT NULL, attempt INTEGER NOT NULL,
  backdate_us TEXT NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER, status TEXT NOT NULL,
  run_info TEXT);
CREATE INDEX IF NOT EXISTS run_of_job ON run (job, run_id);
CREATE TABLE IF NOT EXISTS range (
  run_id INTEGER NOT NULL, id INTEGER NOT NULL, token_min TEXT NOT NULL, token_max TEXT NOT NULL,
  checkpoint TEXT, status TEXT NOT NULL, PRIMARY KEY (run_id, id)) WITHOUT ROWID;`

const OPEN_STATUSES = "'NOT_STARTED','STARTED','FAIL','DIFF'"

export class RunStore implements RunStorage {
  readonly #db: DatabaseSync

  constructor(path: string) {
    try {
      mkdirSync(dirname(resolve(path)), { recursive: true })
      this.#db = new DatabaseSync(path, { timeout: 5_000 })
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
      this.#db.exec(SCHEMA)
    } catch (cause) {
      const message = `state file ${path}: ${messageOf(cause)}`
      throw new ScamanderError(MIGRATE_ERRORS.STATE, message, { cause })
    }
  }

  begin(
    job: RunJob,
    fresh: {
      readonly isRestart: boolean
      readonly backdateUs: bigint
      readonly plan: () => readonly TokenRange[]
    },
  ): StoredRun {
    const last = this.#db
      .prepare(
        'SELECT run_id, attempt, backdate_us, status FROM run WHERE job = ? ORDER BY run_id DESC LIMIT 1',
      )
      .get(job.name) as
      | { run_id: number; attempt: number; backdate_us: string; status: string }
      | undefined
    const attempt = (last?.attempt ?? 0) + 1
    if (last === undefined || last.status === 'ENDED' || fresh.isRestart) {
      const runId = this.#insertRun(job, attempt, fresh)
      return this.#load(runId, { attempt, isResumed: false, backdateUs: fresh.backdateUs })
    }
    this.#db.prepare('UPDATE run SET attempt = ? WHERE run_id = ?').run(attempt, last.run_id)
    const backdateUs = BigInt(last.backdate_us)
    return this.#load(last.run_id, { attempt, isResumed: true, backdateUs })
  }

  mark(runId: number, id: number, status: RangeStatus): void {
    this.#db
      .prepare('UPDATE range SET status = ? WHERE run_id = ? AND id = ?')
      .run(status, runId, id)
  }

  checkpoint(runId: number, id: number, token: bigint): void {
    this.#db
      .prepare('UPDATE range SET checkpoint = ? WHERE run_id = ? AND id = ?')
      .run(String(token), runId, id)
  }

  /** `begin` wrote it. */
  secured(): Promise<void> {
    return Promise.resolve()
  }

  finish(runId: number, isEnded: boolean, info: string): void {
    this.#db
      .prepare('UPDATE run SET status = ?, ended_ms = ?, run_info = ? WHERE run_id = ?')
      .run(isEnded ? 'ENDED' : 'STARTED', Date.now(), info, runId)
  }

  close(): void {
    this.#db.close()
  }

  #insertRun(
    job: { readonly name: string; readonly type: string },
    attempt: number,
    fresh: { readonly backdateUs: bigint; readonly plan: () => readonly TokenRange[] },
  ): number {
    const ranges = fresh.plan()
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const { lastInsertRowid } = this.#db
        .prepare(
          "INSERT INTO run (job, run_type, attempt, backdate_us, started_ms, status) VALUES (?, ?, ?, ?, ?, 'STARTED')",
        )
        .run(job.name, job.type, attempt, String(fresh.backdateUs), Date.now())
      const runId = Number(lastInsertRowid)
      const insert = this.#db.prepare(
        "INSERT INTO range (run_id, id, token_min, token_max, status) VALUES (?, ?, ?, ?, 'NOT_STARTED')",
      )
      for (const [id, { start, end }] of ranges.entries()) {
        insert.run(runId, id, String(start), String(end))
      }
      this.#db.exec('COMMIT')
      return runId
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #load(
    runId: number,
    of: { readonly attempt: number; readonly isResumed: boolean; readonly backdateUs: bigint },
  ): StoredRun {
    const rows = this.#db
      .prepare(
        `SELECT id, token_min, token_max, checkpoint, status FROM range WHERE run_id = ? AND status IN (${OPEN_STATUSES})`,
      )
      .all(runId) as Record<string, string | number | null>[]
    const { total } = this.#db
      .prepare('SELECT count(*) AS total FROM range WHERE run_id = ?')
      .get(runId) as { total: number }
    const ranges = rows.map(row => ({
      id: Number(row['id']),
      range: { start: BigInt(row['token_min']!), end: BigInt(row['token_max']!) },
      checkpoint: row['checkpoint'] === null ? undefined : BigInt(row['checkpoint']!),
      status: row['status'] as RangeStatus,
    }))
    return { runId, ...of, ranges, rangesTotal: total }
  }
}
