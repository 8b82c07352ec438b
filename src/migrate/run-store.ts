/**
 * What survives the process: which ranges of which table are done, in an SQLite file. A range is
 * marked done only after every row of it was acknowledged; within a large range the token up to which
 * that holds is kept as well.
 * One row per range; a job is one table between two clusters with one selection.
 * Invariants: killed at any moment, the file tells at most too little, never too much; a job has one
 * run under way at most.
 * Spec: live-migration 3.7.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import { JobLocks } from './job-lock.ts'
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
  /** Counts up over all runs of the job's family: no two write a list at one time. */
  readonly attempt: number
  readonly isResumed: boolean
  /** An unfinished run was given up because its options were others. */
  readonly hasOtherOptions?: boolean
  /** Microseconds; of the first run, so that a resumed one writes the same. */
  readonly backdateUs: bigint
  /** What the first run had to remember. */
  readonly info: string
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
  /** What the names of all jobs begin with that write the same table. @default the name */
  readonly family?: string
}

export interface FreshRun {
  /** Begin anew although the last run is unfinished. */
  readonly isRestart: boolean
  readonly backdateUs: bigint
  readonly info: string
  /**
   * What decides how a row is written. What was done with other options is not done: an unfinished run
   * that had others is not resumed. Without `;`.
   */
  readonly options?: string
  readonly plan: () => readonly TokenRange[]
}

/** Where a run keeps what it did: a file for the commands, something shared for a group of workers. */
export interface RunStorage {
  /**
   * The unfinished run of the job, or a new one: when there is none, when the last one ended, or
   * when `isRestart`. A new run has the ranges that `plan` makes. Throws when it is under way already.
   */
  begin(job: RunJob, fresh: FreshRun): StoredRun
  mark(runId: number, id: number, status: RangeStatus): void
  /** Every row before that token is done. */
  checkpoint(runId: number, id: number, token: bigint): void
  /** Resolves when the number of the attempt is safe: before that no list is written. */
  secured(): Promise<void>
  /** Ended: the next run of the job begins anew. Otherwise it resumes. */
  finish(runId: number, isEnded: boolean): void
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
  readonly #path: string
  readonly #db: DatabaseSync
  readonly #locks: JobLocks
  /** Names of jobs by run. */
  readonly #jobs = new Map<number, string>()

  constructor(path: string) {
    this.#path = path
    this.#locks = new JobLocks(path)
    this.#db = this.#using(() => {
      mkdirSync(dirname(resolve(path)), { recursive: true })
      // It holds addresses and conditions: for its owner only. One that exists stays as it is.
      closeSync(openSync(path, 'a', 0o600))
      const db = new DatabaseSync(path, { timeout: 5_000 })
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
      db.exec(SCHEMA)
      return db
    })
  }

  begin(job: RunJob, fresh: FreshRun): StoredRun {
    this.#locks.take(job)
    return this.#using(() => {
      const run = this.#atOnce(() => this.#begin(job, fresh))
      this.#jobs.set(run.runId, job.name)
      return run
    })
  }

  mark(runId: number, id: number, status: RangeStatus): void {
    const sql = 'UPDATE range SET status = ? WHERE run_id = ? AND id = ?'
    this.#using(() => this.#db.prepare(sql).run(status, runId, id))
  }

  checkpoint(runId: number, id: number, token: bigint): void {
    const sql = 'UPDATE range SET checkpoint = ? WHERE run_id = ? AND id = ?'
    this.#using(() => this.#db.prepare(sql).run(String(token), runId, id))
  }

  /** `begin` wrote it. */
  secured(): Promise<void> {
    return Promise.resolve()
  }

  finish(runId: number, isEnded: boolean): void {
    const sql = 'UPDATE run SET status = ?, ended_ms = ? WHERE run_id = ?'
    const status = isEnded ? 'ENDED' : 'STARTED'
    try {
      this.#using(() => this.#db.prepare(sql).run(status, Date.now(), runId))
    } finally {
      this.#locks.release(this.#jobs.get(runId) ?? '')
    }
  }

  close(): void {
    this.#locks.close()
    this.#db.close()
  }

  #begin(job: RunJob, fresh: FreshRun): StoredRun {
    const last = this.#db
      .prepare(
        'SELECT run_id, attempt, backdate_us, status, run_info FROM run WHERE job = ? ORDER BY run_id DESC LIMIT 1',
      )
      .get(job.name)
    const attempt = this.#lastAttempt(job) + 1
    const [info = '', options] = String(last?.['run_info'] ?? '').split(';')
    const isOpen = last !== undefined && last['status'] !== 'ENDED' && !fresh.isRestart
    const hasOtherOptions = isOpen && options !== undefined && options !== fresh.options
    if (!isOpen || hasOtherOptions) {
      const runId = this.#insertRun(job, attempt, fresh)
      const { backdateUs } = fresh
      const begun = { attempt, isResumed: false, hasOtherOptions, backdateUs, info: fresh.info }
      return this.#load(runId, begun)
    }
    const runId = Number(last['run_id'])
    this.#db.prepare('UPDATE run SET attempt = ? WHERE run_id = ?').run(attempt, runId)
    const backdateUs = BigInt(String(last['backdate_us']))
    return this.#load(runId, { attempt, isResumed: true, backdateUs, info })
  }

  #lastAttempt({ name, type, family = name }: RunJob): number {
    const found = this.#db
      .prepare('SELECT max(attempt) AS last FROM run WHERE run_type = ? AND substr(job, 1, ?) = ?')
      .get(type, family.length, family)
    return Number(found?.['last'] ?? 0)
  }

  #insertRun(job: RunJob, attempt: number, fresh: FreshRun): number {
    const { lastInsertRowid } = this.#db
      .prepare(
        "INSERT INTO run (job, run_type, attempt, backdate_us, started_ms, status, run_info) VALUES (?, ?, ?, ?, ?, 'STARTED', ?)",
      )
      .run(job.name, job.type, attempt, String(fresh.backdateUs), Date.now(), infoOf(fresh))
    const runId = Number(lastInsertRowid)
    const insert = this.#db.prepare(
      "INSERT INTO range (run_id, id, token_min, token_max, status) VALUES (?, ?, ?, ?, 'NOT_STARTED')",
    )
    for (const [id, { start, end }] of fresh.plan().entries()) {
      insert.run(runId, id, String(start), String(end))
    }
    return runId
  }

  /** No other process takes the same number of an attempt meanwhile. */
  #atOnce<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #load(runId: number, of: Omit<StoredRun, 'runId' | 'ranges' | 'rangesTotal'>): StoredRun {
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

  /** Errors of the file tell its path. */
  #using<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      const message = `state file ${this.#path}: ${messageOf(cause)}`
      throw new ScamanderError(MIGRATE_ERRORS.STATE, message, { cause })
    }
  }
}

function infoOf({ info, options }: FreshRun): string {
  return options === undefined ? info : `${info};${options}`
}
