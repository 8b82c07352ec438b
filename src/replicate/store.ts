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
import { openSecretBox, type SecretBox } from './secret-box.ts'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS doc (kind TEXT, id TEXT, json TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, job_id TEXT NOT NULL, started_ms INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS run_of_job ON run (job_id, started_ms);
CREATE INDEX IF NOT EXISTS run_by_time ON run (started_ms);
CREATE TABLE IF NOT EXISTS row_state (task TEXT, key TEXT, scope TEXT NOT NULL, hash BLOB NOT NULL, pass INTEGER NOT NULL, PRIMARY KEY (task, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS row_scope ON row_state (task, scope);
CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, run TEXT NOT NULL, time_ms INTEGER NOT NULL, level TEXT NOT NULL, task TEXT, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS log_of_run ON log (run, id);
CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, run TEXT, time_ms INTEGER NOT NULL, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_of_kind ON event (kind, id);
CREATE INDEX IF NOT EXISTS event_of_run ON event (run, kind);`

export type EventKind = 'rejected' | 'notice' | 'audit'

export interface StoredEvent {
  readonly id: number
  readonly timeMs: number
  readonly json: string
}

const CANARY = 'scamander'

export class Store {
  readonly secrets: SecretBox
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  constructor(folder: string) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      this.#db = new DatabaseSync(join(folder, 'scamander.db'), { timeout: 5_000 })
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
      this.#db.exec(SCHEMA)
      this.secrets = openSecretBox(join(folder, 'master.key'))
    } catch (cause) {
      if (cause instanceof ScamanderError) throw cause
      const message = `data folder ${folder}: ${messageOf(cause)}`
      throw new ScamanderError(REPLICATE_ERRORS.STATE, message, { cause })
    }
    const sealed = this.get<string>('canary', 'canary')
    if (sealed === undefined) this.put('canary', 'canary', this.secrets.seal(CANARY, 'canary'))
    else this.secrets.open(sealed, 'canary')
  }

  get<T>(kind: string, id: string): T | undefined {
    const row = this.#one('SELECT json FROM doc WHERE kind = ? AND id = ?', kind, id)
    return row === undefined ? undefined : (JSON.parse(String(row['json'])) as T)
  }

  all<T>(kind: string): T[] {
    const rows = this.#statement('SELECT json FROM doc WHERE kind = ?').all(kind)
    return rows.map(row => JSON.parse(String(row['json'])) as T)
  }

  put(kind: string, id: string, value: unknown): void {
    this.#run(
      'INSERT OR REPLACE INTO doc (kind, id, json) VALUES (?, ?, ?)',
      kind,
      id,
      JSON.stringify(value),
    )
  }

  delete(kind: string, id: string): void {
    this.#run('DELETE FROM doc WHERE kind = ? AND id = ?', kind, id)
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

  hashOf(task: string, key: string): Buffer | undefined {
    const row = this.#one('SELECT hash FROM row_state WHERE task = ? AND key = ?', task, key)
    return row === undefined ? undefined : Buffer.from(row['hash'] as Uint8Array)
  }

  putRow(
    task: string,
    row: {
      readonly key: string
      readonly scope: string
      readonly hash: Buffer
      readonly pass: number
    },
  ): void {
    this.#run(
      'INSERT OR REPLACE INTO row_state (task, key, scope, hash, pass) VALUES (?, ?, ?, ?, ?)',
      task,
      row.key,
      row.scope,
      row.hash,
      row.pass,
    )
  }

  /** Seen, although it was not written. */
  touchRow(task: string, key: string, pass: number): void {
    this.#run('UPDATE row_state SET pass = ? WHERE task = ? AND key = ?', pass, task, key)
  }

  markScope(task: string, scope: string, pass: number): void {
    this.#run('UPDATE row_state SET pass = ? WHERE task = ? AND scope = ?', pass, task, scope)
  }

  /** Keys of a scope that this pass did not see. */
  missingOfScope(task: string, scope: string, pass: number): string[] {
    const sql = 'SELECT key FROM row_state WHERE task = ? AND scope = ? AND pass <> ?'
    return this.#statement(sql)
      .all(task, scope, pass)
      .map(row => String(row['key']))
  }

  missing(task: string, pass: number, limit: number): string[] {
    const sql = 'SELECT key FROM row_state WHERE task = ? AND pass <> ? LIMIT ?'
    return this.#statement(sql)
      .all(task, pass, limit)
      .map(row => String(row['key']))
  }

  countRows(task: string, notOfPass?: number): number {
    const sql = 'SELECT count(*) AS n FROM row_state WHERE task = ? AND pass <> ?'
    return Number(this.#one(sql, task, notOfPass ?? -1)?.['n'])
  }

  forgetRow(task: string, key: string): void {
    this.#run('DELETE FROM row_state WHERE task = ? AND key = ?', task, key)
  }

  forgetTask(task: string): void {
    this.#run('DELETE FROM row_state WHERE task = ?', task)
    this.delete('cursor', task)
  }

  log(
    run: string,
    line: { readonly level: string; readonly task: string | null; readonly text: string },
  ): void {
    this.#run(
      'INSERT INTO log (run, time_ms, level, task, text) VALUES (?, ?, ?, ?, ?)',
      run,
      Date.now(),
      line.level,
      line.task,
      line.text,
    )
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
    return { id: Number(lastInsertRowid), timeMs, json }
  }

  putEvent(id: number, value: unknown): void {
    this.#run('UPDATE event SET json = ? WHERE id = ?', JSON.stringify(value), id)
  }

  /** Newest first. */
  events(kind: EventKind, of: { readonly run?: string; readonly limit: number }): StoredEvent[] {
    const where = of.run === undefined ? '?2 IS NULL' : 'run = ?2'
    const sql = `SELECT id, time_ms, json FROM event WHERE kind = ?1 AND ${where} ORDER BY id DESC LIMIT ?3`
    const rows = this.#statement(sql).all(kind, of.run ?? null, of.limit)
    return rows.map(row => ({
      id: Number(row['id']),
      timeMs: Number(row['time_ms']),
      json: String(row['json']),
    }))
  }

  /** All or nothing. */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#db.close()
  }

  #statement(sql: string): StatementSync {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#prepared.set(sql, statement)
    }
    return statement
  }

  #one(sql: string, ...params: (string | number)[]): Record<string, SQLOutputValue> | undefined {
    return this.#statement(sql).get(...params)
  }

  #run(sql: string, ...params: (string | number | null | Buffer)[]) {
    return this.#statement(sql).run(...params)
  }
}
