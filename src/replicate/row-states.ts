/**
 * What is known of every row that was written: its hash and the scope that it was read in.
 * Part of the store; used by the table writer and the engine.
 * Invariants: statements take many rows at once, because a call costs more than a row; the caller
 * holds the transaction; a row that did not change is not written. Keys are inserted in the order in
 * which they are read wherever the writer can make it so: an index in any other order is rewritten
 * with every page. Rows without a scope (whole tables) have no entry in the index of scopes. A row that
 * is gone from the source but not from the destination is buried: its key is known, so that its nulls
 * are written when it comes back; it is neither counted nor missing. A row that is known keeps its
 * number: numbers are used up by new rows only.
 * Spec: backlog-replication 1.8, 2.9.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { SeenRows } from './seen-rows.ts'
import type { StateChange, StateLog } from './state-log.ts'
import type { Statements } from './statements.ts'

export interface KnownRow {
  /** Never used again, not even after the row is forgotten. */
  readonly number: number
  readonly scope: string
  readonly hash: Uint8Array
}

export interface RowState {
  readonly key: string
  readonly scope: string
  readonly hash: Uint8Array
}

export interface ScopedRow {
  readonly number: number
  readonly key: string
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS row_task (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS known_row (number INTEGER PRIMARY KEY AUTOINCREMENT, task INTEGER NOT NULL, key TEXT NOT NULL, scope TEXT NOT NULL, hash BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS known_row_key ON known_row (task, key);
CREATE INDEX IF NOT EXISTS known_row_scope ON known_row (task, scope) WHERE scope <> '';
CREATE TABLE IF NOT EXISTS row_intent (task INTEGER PRIMARY KEY, json TEXT NOT NULL);`

/**
 * An earlier form kept a pass per row. Its rows are known, not what they hold, so every task is read
 * again. Rows without a scope had keys of another form: their tables are read whole in every run.
 */
const ADOPT = `
BEGIN IMMEDIATE;
INSERT OR IGNORE INTO row_task (id) SELECT DISTINCT task FROM row_state;
INSERT OR IGNORE INTO known_row (task, key, scope, hash) SELECT t.number, s.key, s.scope, x'' FROM row_state s JOIN row_task t ON t.id = s.task WHERE s.scope <> '';
DELETE FROM doc WHERE kind = 'cursor';
DROP TABLE row_state;
COMMIT;`

const APPLY_ROW =
  'INSERT INTO known_row (task, key, scope, hash) VALUES (?, ?, ?, ?) ON CONFLICT (task, key) DO UPDATE SET scope = excluded.scope, hash = excluded.hash'

/** The scope of buried rows; those of sources are numbers and paths. */
export const BURIED = '~buried'
/** Keys of one statement. */
const CHUNK = 100
/** Rows of one statement that writes: with more, binding its parameters costs more than the calls. */
const WRITE_CHUNK = 50
/** Keys of one record of what is being written. */
const INTENT_ROWS = 1_000
const NO_HASH = new Uint8Array(0)
/** Rows of one page while all of a task are gone through. */
const PAGE = 5_000

export class RowStates {
  readonly #statements: Statements
  readonly #log: StateLog | undefined
  readonly #tasks = new Map<string, number>()

  constructor(db: DatabaseSync, statements: Statements, log?: StateLog) {
    db.exec(SCHEMA)
    adoptEarlier(db)
    this.#statements = statements
    this.#log = log
  }

  /** The number of the newest row of all tasks. */
  last(): number {
    const sql = "SELECT seq FROM sqlite_sequence WHERE name = 'known_row'"
    return Number(this.#statements.of(sql).get()?.['seq'] ?? 0)
  }

  /** Those of the keys that are known. */
  find(task: string, keys: readonly string[]): Map<string, KnownRow> {
    const found = new Map<string, KnownRow>()
    const id = this.#task(task)
    for (const chunk of chunksOf(keys)) {
      const sql = `SELECT number, key, scope, hash FROM known_row WHERE task = ? AND key IN (${marksOf(chunk)})`
      for (const row of this.#statements.of(sql).all(id, ...chunk)) {
        const { number, key, scope, hash } = row as unknown as KnownRow & RowState
        found.set(key, { number, scope, hash })
      }
    }
    return found
  }

  put(task: string, rows: readonly RowState[]): void {
    const known = this.find(
      task,
      rows.map(one => one.key),
    )
    this.update(
      task,
      rows.filter(one => known.has(one.key)),
    )
    this.insert(
      task,
      rows.filter(one => !known.has(one.key)),
    )
  }

  /** Rows that are not known. */
  insert(task: string, rows: readonly RowState[]): void {
    const sql = (values: string) =>
      `INSERT INTO known_row (task, key, scope, hash) SELECT ?1, column1, column2, column3 FROM (VALUES ${values})`
    this.#writeAll(task, rows, sql)
  }

  /** Rows that are known. */
  update(task: string, rows: readonly RowState[]): void {
    const sql = (values: string) =>
      `UPDATE known_row SET scope = v.column2, hash = v.column3 FROM (VALUES ${values}) AS v WHERE task = ?1 AND key = v.column1`
    this.#writeAll(task, rows, sql)
  }

  #writeAll(task: string, rows: readonly RowState[], sql: (values: string) => string): void {
    const id = this.#task(task)
    this.#tell(task, rows)
    for (const chunk of chunksOf(rows, WRITE_CHUNK)) {
      const marks = chunk.map((_, at) => `(?${at * 3 + 2}, ?${at * 3 + 3}, ?${at * 3 + 4})`)
      const values: (string | Uint8Array)[] = []
      for (const { key, scope, hash } of chunk) values.push(key, scope, hash)
      this.#statements.of(sql(marks.join(', '))).run(id, ...values)
    }
  }

  #tell(task: string, rows: readonly RowState[]): void {
    if (this.#log === undefined) return
    for (const { key, scope, hash } of rows)
      this.#log.put(['row', task, key], toKept({ scope, hash }))
  }

  /** Before rows are sent: a process that ends now leaves their keys, so that none is lost sight of. */
  intend(task: string, rows: readonly RowState[]): void {
    const json = JSON.stringify(rows.flatMap(one => [one.key, one.scope]))
    const sql = 'INSERT OR REPLACE INTO row_intent (task, json) VALUES (?, ?)'
    this.#statements.of(sql).run(this.#task(task), json)
    if (this.#log === undefined) return
    const pages = Math.ceil(rows.length / INTENT_ROWS)
    for (let page = 0; page < pages; page++) {
      const part = rows.slice(page * INTENT_ROWS, (page + 1) * INTENT_ROWS)
      this.#log.put(
        ['intent', task, page],
        part.flatMap(one => [one.key, one.scope]),
      )
    }
  }

  /** The rows were acknowledged and put. */
  settle(task: string): void {
    this.#statements.of('DELETE FROM row_intent WHERE task = ?').run(this.#task(task))
    this.#log?.put(['intent-end', task], true)
  }

  /**
   * Rows that were being written when a process ended are known now, but not with what content.
   * Returns their keys.
   */
  recover(task: string): string[] {
    const id = this.#task(task)
    const row = this.#statements.of('SELECT json FROM row_intent WHERE task = ?').get(id)
    if (row === undefined) return []
    const pairs = JSON.parse(String(row['json'])) as string[]
    const rows: RowState[] = []
    for (let at = 0; at < pairs.length; at += 2)
      rows.push({ key: pairs[at]!, scope: pairs[at + 1]!, hash: NO_HASH })
    this.put(task, rows)
    this.settle(task)
    return rows.map(one => one.key)
  }

  ofScopes(task: string, scopes: readonly string[]): ScopedRow[] {
    const rows: ScopedRow[] = []
    for (const chunk of chunksOf(scopes)) {
      const sql = `SELECT number, key FROM known_row WHERE task = ? AND scope IN (${marksOf(chunk)}) AND scope <> ''`
      const found = this.#statements.of(sql).all(this.#task(task), ...chunk)
      rows.push(...(found as unknown as ScopedRow[]))
    }
    return rows
  }

  /** Keys that were not seen, in pages; rows may be forgotten between two of them. */
  *missing(task: string, seen: SeenRows): Generator<string[]> {
    this.#seeBuried(task, seen)
    // Rows that were added since count as seen: after a first load there is none to look at.
    const sql =
      'SELECT number, key FROM known_row WHERE task = ? AND key > ? AND number <= ? ORDER BY key LIMIT ?'
    for (let after = ''; ; ) {
      const page = this.#statements.of(sql).all(this.#task(task), after, seen.last, PAGE)
      const rows = page as unknown as ScopedRow[]
      const last = rows.at(-1)
      if (last === undefined) return
      after = last.key
      const keys = rows.filter(one => !seen.has(one.number)).map(one => one.key)
      if (keys.length > 0) yield keys
    }
  }

  #seeBuried(task: string, seen: SeenRows): void {
    const sql = `SELECT number FROM known_row WHERE task = ? AND scope = '${BURIED}' AND scope <> ''`
    for (const row of this.#statements.of(sql).iterate(this.#task(task)))
      seen.add(Number(row['number']))
  }

  /**
   * Gives the rows of one page other keys; returns where the next one begins, undefined: there is none.
   * Two rows that get one key are one, which is known, but not with what content.
   */
  rename(task: string, after: string, nameOf: (key: string) => string): string | undefined {
    const sql =
      'SELECT key, scope, hash FROM known_row WHERE task = ? AND key > ? ORDER BY key LIMIT ?'
    const page = this.#statements.of(sql).all(this.#task(task), after, PAGE)
    const rows = (page as unknown as RowState[]).map(row => ({ row, key: nameOf(row.key) }))
    const others = rows.filter(one => one.key !== one.row.key)
    const known = this.find(
      task,
      others.map(one => one.key),
    )
    const renamed = new Map<string, RowState>()
    for (const { row, key } of others) {
      const twin = renamed.get(key) ?? known.get(key)
      const scope = row.scope === BURIED && twin !== undefined ? twin.scope : row.scope
      renamed.set(key, { key, scope, hash: twin === undefined ? row.hash : NO_HASH })
    }
    this.forget(
      task,
      others.map(one => one.row.key),
    )
    this.put(task, [...renamed.values()])
    return rows.at(-1)?.row.key
  }

  /** Without those that are buried. */
  count(task: string): number {
    const all = 'SELECT count(*) AS n FROM known_row WHERE task = ?'
    const buried = `${all} AND scope = '${BURIED}' AND scope <> ''`
    const [one, other] = [all, buried].map(sql =>
      Number(this.#statements.of(sql).get(this.#task(task))?.['n']),
    )
    return one! - other!
  }

  /** Rows that are gone from the source and stay, in part, at the destination. */
  bury(task: string, keys: readonly string[]): void {
    for (const chunk of chunksOf(keys)) {
      const sql = `UPDATE known_row SET scope = '${BURIED}', hash = x'' WHERE task = ? AND key IN (${marksOf(chunk)})`
      this.#statements.of(sql).run(this.#task(task), ...chunk)
    }
    if (this.#log === undefined) return
    for (const key of keys)
      this.#log.put(['row', task, key], toKept({ scope: BURIED, hash: NO_HASH }))
  }

  forget(task: string, keys: readonly string[]): void {
    for (const chunk of chunksOf(keys)) {
      const sql = `DELETE FROM known_row WHERE task = ? AND key IN (${marksOf(chunk)})`
      this.#statements.of(sql).run(this.#task(task), ...chunk)
    }
    if (this.#log === undefined) return
    for (const key of keys) this.#log.put(['row', task, key], undefined)
  }

  /** The keys stay, so that rows that do not come again are deletes; all that come are written. */
  doubt(task: string): void {
    this.#statements.of("UPDATE known_row SET hash = x'' WHERE task = ?").run(this.#task(task))
    this.#log?.put(['doubt', task], true)
  }

  forgetTask(task: string): void {
    this.settle(task)
    this.#statements.of('DELETE FROM known_row WHERE task = ?').run(this.#task(task))
    this.#log?.put(['forget', task], true)
  }

  /** What another process told; rows of one task in the order in which it told them. */
  apply({ key: [kind, ...parts], value }: StateChange): void {
    const task = String(parts[0])
    const id = this.#task(task)
    if (kind === 'doubt') this.doubt(task)
    else if (kind === 'forget') this.forgetTask(task)
    else if (kind === 'intent-end') this.settle(task)
    else if (kind === 'intent') this.#addIntent(id, value as string[])
    else if (value === undefined) this.forget(task, [String(parts[1])])
    else {
      const { scope, hash } = fromKept(value as KeptRow)
      this.#statements.of(APPLY_ROW).run(id, String(parts[1]), scope, hash)
    }
  }

  #addIntent(task: number, pairs: readonly string[]): void {
    const row = this.#statements.of('SELECT json FROM row_intent WHERE task = ?').get(task)
    const before = row === undefined ? [] : (JSON.parse(String(row['json'])) as string[])
    const sql = 'INSERT OR REPLACE INTO row_intent (task, json) VALUES (?, ?)'
    this.#statements.of(sql).run(task, JSON.stringify([...before, ...pairs]))
  }

  /** A small number for the task's name, which would be the larger part of a row. */
  #task(id: string): number {
    const known = this.#tasks.get(id)
    if (known !== undefined) return known
    this.#statements.of('INSERT OR IGNORE INTO row_task (id) VALUES (?)').run(id)
    const row = this.#statements.of('SELECT number FROM row_task WHERE id = ?').get(id)
    const number = Number(row?.['number'])
    this.#tasks.set(id, number)
    return number
  }
}

/** Scope and hash of a row as they are told; the hash in base64. */
type KeptRow = readonly [scope: string, hash: string]

function toKept({ scope, hash }: Pick<RowState, 'scope' | 'hash'>): KeptRow {
  return [scope, Buffer.from(hash).toString('base64')]
}

function fromKept([scope, hash]: KeptRow): Pick<RowState, 'scope' | 'hash'> {
  return { scope, hash: Buffer.from(hash, 'base64') }
}

function adoptEarlier(db: DatabaseSync): void {
  const sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'row_state'"
  if (db.prepare(sql).get() === undefined) return
  try {
    db.exec(ADOPT)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function* chunksOf<T>(all: readonly T[], size = CHUNK): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size)
}

function marksOf(chunk: readonly unknown[]): string {
  return chunk.map(() => '?').join(', ')
}
