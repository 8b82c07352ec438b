/**
 * The product database: connections, jobs and runs as documents, row hashes and cursors of tasks, logs,
 * rejected rows, notices and the audit trail, in one SQLite file.
 * Invariant: a cursor is kept in the same transaction as the hashes of the rows before it, and only
 * after Cassandra acknowledged them: killed at any moment, the file tells at most too little.
 * Spec: backlog-replication 1.8, 2.18.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import { RowStates } from './row-states.ts'
import { RunHistory } from './run-history.ts'
import { openSecretBox, type SecretBox } from './secret-box.ts'
import type { StateChange, StateLog } from './state-log.ts'
import { Statements } from './statements.ts'

/** In the same words wherever they stand: only then is their index used. */
const OPEN = "json_extract(json, '$.finishedAt') IS NULL"
const WAITING = "kind = 'delivery' AND json_extract(json, '$.state') = 'waiting'"

const SCHEMA = `
CREATE TABLE IF NOT EXISTS doc (kind TEXT, id TEXT, json TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, job_id TEXT NOT NULL, started_ms INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS run_of_job ON run (job_id, started_ms);
CREATE INDEX IF NOT EXISTS run_by_time ON run (started_ms);
CREATE INDEX IF NOT EXISTS run_open ON run (started_ms) WHERE ${OPEN};
CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, run TEXT NOT NULL, time_ms INTEGER NOT NULL, level TEXT NOT NULL, task TEXT, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS log_of_run ON log (run, id);
CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, run TEXT, time_ms INTEGER NOT NULL, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_of_kind ON event (kind, id);
CREATE INDEX IF NOT EXISTS event_of_run ON event (run, kind);
CREATE INDEX IF NOT EXISTS event_by_age ON event (kind, time_ms);
CREATE INDEX IF NOT EXISTS event_waiting ON event (id) WHERE ${WAITING};`

export type EventKind = 'rejected' | 'notice' | 'audit' | 'alert' | 'delivery'

export interface StoredEvent {
  readonly id: number
  readonly timeMs: number
  readonly json: string
}

const CANARY = 'scamander'
const APPLY_LOG =
  'INSERT OR REPLACE INTO log (id, run, time_ms, level, task, text) VALUES (?, ?, ?, ?, ?, ?)'
const APPLY_EVENT =
  'INSERT OR REPLACE INTO event (id, kind, run, time_ms, json) VALUES (?, ?, ?, ?, ?)'
const DONE = Promise.resolve()
/** Pages of row hashes are read again and again within a run. */
const CACHE_KB = 32_768
/** Written back to the file every 32 MB: less often than by default, because that waits for the disk. */
const WAL_PAGES = 8_192

export class Store {
  readonly secrets: SecretBox
  readonly rows: RowStates
  readonly history: RunHistory
  readonly #db: DatabaseSync
  readonly #prepared: Statements
  readonly #log: StateLog | undefined

  /** With a log the file is a copy of what the log keeps: `apply` is told that first, then `checkKey`. */
  constructor(folder: string, log?: StateLog) {
    this.#log = log
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      this.#db = new DatabaseSync(join(folder, 'scamander.db'), { timeout: 5_000 })
      const synchronous = log === undefined ? 'NORMAL' : 'OFF'
      this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`)
      this.#db.exec(`PRAGMA cache_size = -${CACHE_KB}; PRAGMA wal_autocheckpoint = ${WAL_PAGES}`)
      this.#db.exec(SCHEMA)
      this.#prepared = new Statements(this.#db)
      this.rows = new RowStates(this.#db, this.#prepared, log)
      this.history = new RunHistory(this.#db, this.#prepared, log)
      this.secrets = openSecretBox(join(folder, 'master.key'))
    } catch (cause) {
      if (cause instanceof ScamanderError) throw cause
      const message = `data folder ${folder}: ${messageOf(cause)}`
      throw new ScamanderError(REPLICATE_ERRORS.STATE, message, { cause })
    }
    if (log === undefined) this.checkKey()
  }

  /** Throws when the key is not the one that secrets were sealed with. */
  checkKey(): void {
    const sealed = this.get<string>('canary', 'canary')
    if (sealed === undefined) this.put('canary', 'canary', this.secrets.seal(CANARY, 'canary'))
    else this.secrets.open(sealed, 'canary')
  }

  /** Another process may take this work up. */
  get isShared(): boolean {
    return this.#log !== undefined
  }

  /** Resolves when all that was done is kept; rejects when another process has taken the work up. */
  settled(): Promise<void> {
    return this.#log?.settled() ?? DONE
  }

  get<T>(kind: string, id: string): T | undefined {
    const row = this.#one('SELECT json FROM doc WHERE kind = ? AND id = ?', kind, id)
    return row === undefined ? undefined : (JSON.parse(String(row['json'])) as T)
  }

  all<T>(kind: string): T[] {
    const rows = this.#statement('SELECT json FROM doc WHERE kind = ?').all(kind)
    return rows.map(row => JSON.parse(String(row['json'])) as T)
  }

  ids(kind: string): string[] {
    return this.#statement('SELECT id FROM doc WHERE kind = ?')
      .all(kind)
      .map(row => String(row['id']))
  }

  put(kind: string, id: string, value: unknown): void {
    this.#run(
      'INSERT OR REPLACE INTO doc (kind, id, json) VALUES (?, ?, ?)',
      kind,
      id,
      JSON.stringify(value),
    )
    this.#log?.put(['doc', kind, id], value)
  }

  delete(kind: string, id: string): void {
    const { changes } = this.#run('DELETE FROM doc WHERE kind = ? AND id = ?', kind, id)
    if (changes > 0) this.#log?.put(['doc', kind, id], undefined)
  }

  putRun(run: { readonly id: string; readonly jobId: string; readonly startedAt: string }): void {
    const startedMs = Date.parse(run.startedAt)
    this.#run(
      'INSERT OR REPLACE INTO run (id, job_id, started_ms, json) VALUES (?, ?, ?, ?)',
      run.id,
      run.jobId,
      startedMs,
      JSON.stringify(run),
    )
    this.#log?.put(['run', run.id], run)
  }

  run<T>(id: string): T | undefined {
    const row = this.#one('SELECT json FROM run WHERE id = ?', id)
    return row === undefined ? undefined : (JSON.parse(String(row['json'])) as T)
  }

  runs<T>(of: {
    readonly jobId?: string | undefined
    readonly beforeMs?: number | undefined
    readonly limit: number
  }): T[] {
    const where = of.jobId === undefined ? '?1 IS NULL' : 'job_id = ?1'
    const sql = `SELECT json FROM run WHERE ${where} AND started_ms < ?2 ORDER BY started_ms DESC LIMIT ?3`
    const rows = this.#statement(sql).all(
      of.jobId ?? null,
      of.beforeMs ?? Number.MAX_SAFE_INTEGER,
      of.limit,
    )
    return rows.map(row => JSON.parse(String(row['json'])) as T)
  }

  /** Those that are not told as ended, the oldest first. */
  openRuns<T>(): T[] {
    const sql = `SELECT json FROM run WHERE ${OPEN} ORDER BY started_ms`
    const rows = this.#statement(sql).all()
    return rows.map(row => JSON.parse(String(row['json'])) as T)
  }

  /** The next run reads and writes every row again, and knows which rows are its own. */
  doubtTask(task: string): void {
    this.rows.doubt(task)
    const { projects } = this.get<{ projects?: readonly number[] }>('cursor', task) ?? {}
    // Rows of a project that is lost now are still no deletes.
    if (projects === undefined) this.delete('cursor', task)
    else this.put('cursor', task, { projects })
    // A statement that asks for what changed since the last run gets all of it again.
    this.delete('fresh', task)
  }

  /** Nothing is known any more, as if the table were new. */
  forgetTask(task: string): void {
    this.rows.forgetTask(task)
    this.delete('cursor', task)
    this.delete('fresh', task)
    this.delete('place', task)
    this.delete('place-used', task)
    this.delete('key-form', task)
    this.delete('reload', task)
    this.delete('history-run', task)
    this.delete('history-left', task)
  }

  log(
    run: string,
    line: { readonly level: string; readonly task: string | null; readonly text: string },
  ): void {
    const values = [run, Date.now(), line.level, line.task, line.text] as const
    const { lastInsertRowid } = this.#run(
      'INSERT INTO log (run, time_ms, level, task, text) VALUES (?, ?, ?, ?, ?)',
      ...values,
    )
    this.#log?.put(['log', Number(lastInsertRowid)], values)
  }

  logOf(run: string, limit: number): Record<string, SQLOutputValue>[] {
    return this.#statement(
      'SELECT time_ms, level, task, text FROM log WHERE run = ? ORDER BY id LIMIT ?',
    ).all(run, limit)
  }

  addEvent(kind: EventKind, value: unknown, run: string | null = null): StoredEvent {
    const timeMs = Date.now()
    const json = JSON.stringify(value)
    const { lastInsertRowid } = this.#run(
      'INSERT INTO event (kind, run, time_ms, json) VALUES (?, ?, ?, ?)',
      kind,
      run,
      timeMs,
      json,
    )
    const id = Number(lastInsertRowid)
    this.#log?.put(['event', id], [kind, run, timeMs, json])
    return { id, timeMs, json }
  }

  putEvent(id: number, value: unknown): void {
    const json = JSON.stringify(value)
    const sql = 'UPDATE event SET json = ? WHERE id = ? RETURNING kind, run, time_ms'
    const row = this.#one(sql, json, id)
    if (row === undefined) return
    const { kind, run, time_ms: timeMs } = row
    this.#log?.put(['event', id], [kind, run, timeMs, json])
  }

  /** Forgets those that are older. */
  pruneEvents(kinds: readonly EventKind[], beforeMs: number): void {
    const sql = 'DELETE FROM event WHERE kind = ? AND time_ms < ? RETURNING id'
    for (const kind of kinds)
      for (const { id } of this.#statement(sql).all(kind, beforeMs))
        this.#log?.put(['event', Number(id)], undefined)
  }

  /** Newest first. */
  events(kind: EventKind, of: { readonly run?: string; readonly limit: number }): StoredEvent[] {
    const where = of.run === undefined ? '?2 IS NULL' : 'run = ?2'
    const sql = `SELECT id, time_ms, json FROM event WHERE kind = ?1 AND ${where} ORDER BY id DESC LIMIT ?3`
    return this.#statement(sql)
      .all(kind, of.run ?? null, of.limit)
      .map(toEvent)
  }

  event(kind: EventKind, id: number): StoredEvent | undefined {
    const sql = 'SELECT id, time_ms, json FROM event WHERE kind = ? AND id = ?'
    const row = this.#one(sql, kind, id)
    return row === undefined ? undefined : toEvent(row)
  }

  /** Deliveries that wait until then or less, oldest first. `until`: ISO 8601 in UTC. */
  dueDeliveries(until: string, limit: number): StoredEvent[] {
    const sql = `SELECT id, time_ms, json FROM event WHERE ${WAITING} AND json_extract(json, '$.nextAt') <= ? ORDER BY id LIMIT ?`
    return this.#statement(sql).all(until, limit).map(toEvent)
  }

  /** All or nothing. */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE')
    const mark = this.#log?.mark() ?? 0
    try {
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      this.#db.exec('ROLLBACK')
      this.#log?.rewind(mark)
      throw error
    }
  }

  /** In one transaction, which is not undone: a copy that is not whole is not used. */
  async loading(work: () => Promise<void>): Promise<void> {
    this.#db.exec('BEGIN')
    try {
      await work()
    } finally {
      this.#db.exec('COMMIT')
    }
  }

  /** What another process told, in its order. */
  apply(change: StateChange): void {
    const { key, value } = change
    const [kind, ...parts] = key
    const [first = '', second = ''] = parts.map(String)
    const all = value as (string | number | null)[]
    if (kind === 'doc') {
      if (value === undefined) this.delete(first, second)
      else this.put(first, second, value)
    } else if (kind === 'run' && value !== undefined)
      this.putRun(value as Parameters<Store['putRun']>[0])
    else if (kind === 'run') this.#run('DELETE FROM run WHERE id = ?', first)
    else if (kind !== 'log' && kind !== 'event') this.rows.apply(change)
    else if (value === undefined) this.#run(`DELETE FROM ${kind} WHERE id = ?`, Number(first))
    else this.#run(kind === 'log' ? APPLY_LOG : APPLY_EVENT, Number(first), ...all)
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #statement(sql: string): StatementSync {
    return this.#prepared.of(sql)
  }

  #one(sql: string, ...params: (string | number)[]): Record<string, SQLOutputValue> | undefined {
    return this.#statement(sql).get(...params)
  }

  #run(sql: string, ...params: (string | number | null | Buffer)[]) {
    return this.#statement(sql).run(...params)
  }
}

function toEvent(row: Record<string, SQLOutputValue>): StoredEvent {
  return { id: Number(row['id']), timeMs: Number(row['time_ms']), json: String(row['json']) }
}
