/**
 * What is known of every row that was written: its hash, the scope that it was read in, and the last
 * pass that saw it. Part of the store; used by the table writer and the engine.
 * Invariants: statements take many rows at once, because a call costs more than a row; the caller
 * holds the transaction. Rows without a scope (whole tables) have no entry in the index of scopes.
 * Spec: backlog-replication 1.8, 2.9.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Statements } from './statements.ts'

export interface KnownRow {
  readonly scope: string
  readonly hash: Uint8Array
}

export interface RowState {
  readonly key: string
  readonly scope: string
  readonly hash: Uint8Array
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS row_state (task TEXT, key TEXT, scope TEXT NOT NULL, hash BLOB NOT NULL, pass INTEGER NOT NULL, PRIMARY KEY (task, key)) WITHOUT ROWID;
DROP INDEX IF EXISTS row_scope;
CREATE INDEX IF NOT EXISTS row_of_scope ON row_state (task, scope) WHERE scope <> '';`

/** Rows of one statement. */
const CHUNK = 100

export class RowStates {
  readonly #statements: Statements

  constructor(db: DatabaseSync, statements: Statements) {
    db.exec(SCHEMA)
    this.#statements = statements
  }

  /** Those of the keys that are known. */
  find(task: string, keys: readonly string[]): Map<string, KnownRow> {
    const found = new Map<string, KnownRow>()
    for (const chunk of chunksOf(keys)) {
      const marks = marksOf(chunk, '?')
      const sql = `SELECT key, scope, hash FROM row_state WHERE task = ? AND key IN (${marks})`
      for (const row of this.#statements.of(sql).all(task, ...chunk)) {
        const known = { scope: String(row['scope']), hash: row['hash'] as Uint8Array }
        found.set(String(row['key']), known)
      }
    }
    return found
  }

  put(task: string, rows: readonly RowState[], pass: number): void {
    for (const chunk of chunksOf(rows)) {
      const marks = marksOf(chunk, '(?, ?, ?, ?, ?)')
      const sql = `INSERT OR REPLACE INTO row_state (task, key, scope, hash, pass) VALUES ${marks}`
      const values = chunk.flatMap(({ key, scope, hash }) => [task, key, scope, hash, pass])
      this.#statements.of(sql).run(...values)
    }
  }

  /** Seen, although they were not written. */
  touch(task: string, keys: readonly string[], pass: number): void {
    for (const chunk of chunksOf(keys)) {
      const marks = marksOf(chunk, '?')
      const sql = `UPDATE row_state SET pass = ? WHERE task = ? AND key IN (${marks})`
      this.#statements.of(sql).run(pass, task, ...chunk)
    }
  }

  touchScopes(task: string, scopes: readonly string[], pass: number): void {
    for (const chunk of chunksOf(scopes)) {
      const marks = marksOf(chunk, '?')
      const sql = `UPDATE row_state SET pass = ? WHERE task = ? AND scope IN (${marks}) AND scope <> ''`
      this.#statements.of(sql).run(pass, task, ...chunk)
    }
  }

  /** Keys of the scopes that this pass did not see. */
  missingOfScopes(task: string, scopes: readonly string[], pass: number): string[] {
    const keys: string[] = []
    for (const chunk of chunksOf(scopes)) {
      const marks = marksOf(chunk, '?')
      const sql = `SELECT key FROM row_state WHERE task = ? AND scope IN (${marks}) AND scope <> '' AND pass <> ?`
      const rows = this.#statements.of(sql).all(task, ...chunk, pass)
      keys.push(...rows.map(row => String(row['key'])))
    }
    return keys
  }

  missing(task: string, pass: number, limit: number): string[] {
    const sql = 'SELECT key FROM row_state WHERE task = ? AND pass <> ? LIMIT ?'
    return this.#statements
      .of(sql)
      .all(task, pass, limit)
      .map(row => String(row['key']))
  }

  /** Without a pass: all. */
  count(task: string, notOfPass = -1): number {
    const sql = 'SELECT count(*) AS n FROM row_state WHERE task = ? AND pass <> ?'
    return Number(this.#statements.of(sql).get(task, notOfPass)?.['n'])
  }

  forget(task: string, keys: readonly string[]): void {
    for (const chunk of chunksOf(keys)) {
      const marks = marksOf(chunk, '?')
      const sql = `DELETE FROM row_state WHERE task = ? AND key IN (${marks})`
      this.#statements.of(sql).run(task, ...chunk)
    }
  }

  /** The keys stay, so that rows that do not come again are deletes; all that come are written. */
  doubt(task: string): void {
    this.#statements.of("UPDATE row_state SET hash = x'' WHERE task = ?").run(task)
  }

  forgetTask(task: string): void {
    this.#statements.of('DELETE FROM row_state WHERE task = ?').run(task)
  }
}

function* chunksOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += CHUNK) yield all.slice(at, at + CHUNK)
}

function marksOf(chunk: readonly unknown[], mark: string): string {
  return chunk.map(() => mark).join(', ')
}
