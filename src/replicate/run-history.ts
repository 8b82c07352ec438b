/**
 * What is left of runs that ended: how much there is of it, which of it may go, and its removal with
 * log lines and rejected rows. Part of the store; the history keeper decides when.
 * Invariants: a run that goes on is never removed, nor the one whose rejected rows it tries again, nor
 * one of the newest of a job that there is; what is removed is told to the log of the store, so that a
 * topic forgets it too; every step is bounded.
 * Spec: backlog-replication 2.13, 2.18.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { RunState } from '../api-v1.ts'
import type { StateLog } from './state-log.ts'
import type { Statements } from './statements.ts'

export interface RunsAsked {
  readonly jobId?: string | undefined
  readonly beforeMs?: number | undefined
  readonly sinceMs?: number | undefined
  readonly states?: readonly RunState[] | undefined
  /** A table that a task of the run read, or that its query wrote. */
  readonly table?: string | undefined
  readonly limit: number
}

/** Of the runs that began within one of these. */
export interface SlotRows {
  readonly startedMs: number
  readonly runs: number
  readonly failed: number
  readonly rows: number
}

/** Zones differ from UTC by quarters of an hour. */
const SLOT_MS = 900_000
const WRITTEN = ['inserted', 'updated', 'deleted']
  .map(one => `coalesce(json_extract(json, '$.rows.${one}'), 0)`)
  .join(' + ')

export interface OldRun {
  readonly id: string
  readonly startedMs: number
}

const ENDED = "json_extract(json, '$.finishedAt') IS NOT NULL"
/** Runs whose rejected rows are being tried again. */
const RETRIED =
  "SELECT json_extract(json, '$.retryOf') FROM run WHERE json_extract(json, '$.finishedAt') IS NULL AND json_extract(json, '$.retryOf') IS NOT NULL"
/** The jobs that runs are of, by leaps over the index: there are many runs and few jobs. */
const JOBS = `
WITH RECURSIVE of (id) AS (
  SELECT min(job_id) FROM run
  UNION ALL SELECT (SELECT min(job_id) FROM run WHERE job_id > of.id) FROM of WHERE of.id IS NOT NULL)
SELECT of.id, EXISTS (SELECT 1 FROM doc WHERE kind = 'job' AND doc.id = of.id) AS known FROM of WHERE of.id IS NOT NULL`
/** Their texts are not read for this. */
const SIZES = [
  'SELECT sum(octet_length(json)) AS bytes FROM run',
  'SELECT sum(octet_length(text) + 48) AS bytes FROM log',
  'SELECT sum(octet_length(json) + 32) AS bytes FROM event',
]

export class RunHistory {
  readonly #db: DatabaseSync
  readonly #statements: Statements
  readonly #log: StateLog | undefined

  constructor(db: DatabaseSync, statements: Statements, log?: StateLog) {
    this.#db = db
    this.#statements = statements
    this.#log = log
  }

  /** Of the whole file, which costs nothing to find: at least what the history takes. */
  fileBytes(): number {
    const of = (pragma: string) => Number(Object.values(this.#db.prepare(pragma).get() ?? {})[0])
    const pages = of('PRAGMA page_count') - of('PRAGMA freelist_count')
    return pages * of('PRAGMA page_size')
  }

  /** About what runs, their logs and events take. */
  bytes(): number {
    const sums = SIZES.map(sql => Number(this.#statements.of(sql).get()?.['bytes'] ?? 0))
    return sums.reduce((sum, one) => sum + one, 0)
  }

  /** The newest first. */
  list<T>({ jobId, beforeMs, sinceMs, states, table, limit }: RunsAsked): T[] {
    const where = ['started_ms < ?', 'started_ms >= ?']
    const values: (string | number)[] = [beforeMs ?? Number.MAX_SAFE_INTEGER, sinceMs ?? 0]
    if (jobId !== undefined) {
      where.push('job_id = ?')
      values.push(jobId)
    }
    if (states !== undefined) {
      where.push("json_extract(json, '$.state') IN (SELECT value FROM json_each(?))")
      values.push(JSON.stringify(states))
    }
    if (table !== undefined) {
      where.push(
        "EXISTS (SELECT 1 FROM json_each(run.json, '$.tasks') AS task WHERE json_extract(task.value, '$.table') = ?)",
      )
      values.push(table)
    }
    const sql = `SELECT json FROM run WHERE ${where.join(' AND ')} ORDER BY started_ms DESC LIMIT ?`
    return this.#statements
      .of(sql)
      .all(...values, limit)
      .map(row => JSON.parse(String(row['json'])) as T)
  }

  /** Sums of the runs of a job by quarters of an hour, the oldest first. */
  slots(jobId: string, sinceMs: number): SlotRows[] {
    const sql = `SELECT started_ms / ${SLOT_MS} AS slot, count(*) AS runs, sum(json_extract(json, '$.state') = 'FAILED') AS failed, sum(${WRITTEN}) AS rows FROM run WHERE job_id = ? AND started_ms >= ? GROUP BY slot ORDER BY slot`
    return this.#statements
      .of(sql)
      .all(jobId, sinceMs)
      .map(row => ({
        startedMs: Number(row['slot']) * SLOT_MS,
        ...{ runs: Number(row['runs']), failed: Number(row['failed']), rows: Number(row['rows']) },
      }))
  }

  /** Runs that may go, the oldest of each job first, at most `limit` of each. */
  old(of: { readonly beforeMs: number; readonly keptPerJob: number; readonly limit: number }) {
    const found: OldRun[] = []
    for (const row of this.#statements.of(JOBS).all()) {
      const job = String(row['id'])
      // Runs of a job that is gone go with it.
      const beforeMs = row['known'] === 1 ? this.#bound(job, of) : Number.MAX_SAFE_INTEGER
      const sql = `SELECT id, started_ms FROM run WHERE job_id = ? AND started_ms < ? AND ${ENDED} AND id NOT IN (${RETRIED}) ORDER BY started_ms LIMIT ?`
      for (const { id, started_ms: startedMs } of this.#statements
        .of(sql)
        .all(job, beforeMs, of.limit))
        found.push({ id: String(id), startedMs: Number(startedMs) })
    }
    return found.sort((a, b) => a.startedMs - b.startedMs)
  }

  /** Removes runs with their lines and rejected rows; returns about how many bytes that were. */
  remove(ids: readonly string[]): number {
    let bytes = 0
    for (const id of ids) {
      bytes += this.#take(
        'log',
        'DELETE FROM log WHERE run = ? RETURNING id, octet_length(text) + 48 AS bytes',
        id,
      )
      bytes += this.#take(
        'event',
        "DELETE FROM event WHERE run = ? AND kind = 'rejected' RETURNING id, octet_length(json) + 32 AS bytes",
        id,
      )
      bytes += this.#take(
        'run',
        'DELETE FROM run WHERE id = ? RETURNING id, octet_length(json) AS bytes',
        id,
      )
    }
    return bytes
  }

  #take(kind: 'log' | 'event' | 'run', sql: string, run: string): number {
    let bytes = 0
    for (const row of this.#statements.of(sql).all(run)) {
      bytes += Number(row['bytes'])
      const key = kind === 'run' ? run : Number(row['id'])
      this.#log?.put([kind, key], undefined)
    }
    return bytes
  }

  #bound(job: string, of: { readonly beforeMs: number; readonly keptPerJob: number }): number {
    const sql =
      'SELECT started_ms FROM run WHERE job_id = ? ORDER BY started_ms DESC LIMIT 1 OFFSET ?'
    const newest = this.#statements.of(sql).get(job, of.keptPerJob - 1)
    return newest === undefined ? 0 : Math.min(of.beforeMs, Number(newest['started_ms']))
  }
}
