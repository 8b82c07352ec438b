/**
 * Writes the rows of one task: compares each with the hash of what was written last, binds what
 * changed, sends it over the data plane, and remembers it once Cassandra acknowledged it.
 * One per task and run. The unit is a page; pages are sent one after the other, and one may be made
 * ready while the one before it is on its way.
 * Invariants: nulls of rows that were never written are left unset, later ones are written, also those
 * of a row that comes back after its cells were left at the destination, and all of them in a table that
 * had rows before the task; the write time is that of the run plus the page's place, so that repeating a
 * run changes nothing; a failed row keeps its old hash, so the next run writes it again.
 * Spec: backlog-replication 2.8, 2.9.
 */
import { hash as digest } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ByteWriter } from '../base/byte-writer.ts'
import { messageOf } from '../base/scamander-error.ts'
import {
  qualifiedName,
  quoteIdentifier,
  RowBatch,
  type WriteSession,
  type WriteStatement,
} from '../cassandra/index.ts'
import {
  CONSISTENCY,
  type Codec,
  type ConsistencyName,
  type CqlValue,
  codecFor,
  murmur3Token,
  writeCell,
  writeKeyComponent,
} from '../cql/index.ts'
import { toCql } from './cell-value.ts'
import { cellsOf, keyOf, plainKey, uniteKeys } from './row-keys.ts'
import { SeenRows } from './seen-rows.ts'
import type { Value } from './sql-engine.ts'
import type { Store } from './store.ts'
import type { TaskTarget } from './task-target.ts'

export interface WriterOptions {
  readonly store: Store
  readonly session: WriteSession
  readonly target: TaskTarget
  readonly taskId: string
  readonly runId: string
  /** Microseconds. */
  readonly startUs: bigint
  /** The table had rows before the task: of rows that are new to it nulls are written too. */
  readonly isPlaceUsed: boolean
  /** Rows come in the order of their tokens, as a table of Cassandra is read. */
  readonly isInTokenOrder: boolean
  readonly consistency: ConsistencyName
  readonly deletion: 'ignore' | 'soft' | 'hard'
  readonly isDryRun: boolean
  readonly signal: AbortSignal
  readonly onRejected: (row: Refusal) => void
}

/** A row that cannot be written; `scope`: where the source has it. */
export interface Refusal {
  readonly key: string
  readonly column: string | null
  readonly error: string
  readonly scope: string
}

export interface Counts {
  read: number
  inserted: number
  updated: number
  unchanged: number
  deleted: number
  rejected: number
}

export interface OutRow {
  readonly values: readonly Value[]
  readonly scope: string
}

interface BoundRow {
  readonly key: string
  readonly scope: string
  readonly hash: Buffer
  readonly cells: readonly CqlValue[]
  /** Until it is known better. */
  isNew: boolean
}

interface BoundPage {
  readonly bound: ReadonlyMap<string, BoundRow>
  readonly refused: ReadonlySet<string>
}

interface ComparedPage {
  readonly changed: readonly BoundRow[]
  readonly moved: readonly BoundRow[]
}

interface PageOnItsWay extends Pick<BoundPage, 'bound'> {
  readonly written: Promise<void>
}

/** What a page had, whether it could be written or not. */
export interface PageKeys {
  has(key: string): boolean
}

const UNSET = -2
const RETRIES = 5
const RETRY_BASE_MS = 2_000
const HASH_BYTES = 16
/** With more of them some may be counted twice. */
const REJECTED_KEYS_MAX = 10_000
/** Hexadecimal digits of a token: sixteen million places. */
const PLACE_DIGITS = 6
const NONE: ReadonlySet<number> = new Set()
const NO_PAGE: PageOnItsWay = { bound: new Map(), written: Promise.resolve() }

export class TableWriter {
  readonly counts: Counts = {
    read: 0,
    inserted: 0,
    updated: 0,
    unchanged: 0,
    deleted: 0,
    rejected: 0,
  }
  readonly #of: WriterOptions
  readonly #codecs: readonly Codec[]
  readonly #upsert: WriteStatement
  readonly #remove: WriteStatement | undefined
  readonly #batch = new RowBatch()
  readonly #key = new ByteWriter(256)
  readonly #keyCells = new ByteWriter(256)
  readonly #token = { high: 0, low: 0 }
  readonly #seen: SeenRows
  readonly #rejected = new Set<string>()
  #onItsWay: PageOnItsWay = NO_PAGE
  /** Of the page that was bound last; the one that is sent may be older. */
  #sequence = 0n
  #sendSequence = 0n

  private constructor(
    options: WriterOptions,
    statements: { upsert: WriteStatement; remove: WriteStatement | undefined },
  ) {
    this.#of = options
    this.#codecs = options.target.columns.map(one => codecFor(one.type))
    this.#upsert = statements.upsert
    this.#remove = statements.remove
    this.#seen = new SeenRows(options.store.rows.last())
  }

  static async open(options: WriterOptions): Promise<TableWriter> {
    const { session, target, deletion, store, taskId } = options
    store.transaction(() => store.rows.recover(taskId))
    await uniteKeys(store, taskId, target)
    const at = qualifiedName(target.keyspace, target.table)
    const names = [...target.columns.map(one => one.name), ...target.system]
    const marks = names.map(() => '?').join(', ')
    const keys = target.columns.slice(0, target.keyCount)
    const where = keys.map(one => `${quoteIdentifier(one.name)} = ?`).join(' AND ')
    const settings = {
      consistency: CONSISTENCY[options.consistency],
      isIdempotent: true,
      isCounter: false,
      batchGroup: 0,
    }
    const prepare = (cql: string) =>
      session.prepare(cql, target.keyspace, {
        ...settings,
        partitionKey: keys.slice(0, target.partitionCount).map(one => one.name),
      })
    const upsert = await prepare(
      `INSERT INTO ${at} (${names.map(quoteIdentifier).join(', ')}) VALUES (${marks}) USING TIMESTAMP ?`,
    )
    const remove =
      deletion === 'hard'
        ? await prepare(`DELETE FROM ${at} USING TIMESTAMP ? WHERE ${where}`)
        : undefined
    return new TableWriter(options, { upsert, remove })
  }

  /** Writes what changed of the rows. */
  async write(rows: readonly OutRow[]): Promise<PageKeys> {
    const page = this.#bindPage(rows)
    await this.flush()
    await this.#put(this.#compare(page), this.#sequence)
    return { has: key => page.bound.has(key) || page.refused.has(key) }
  }

  /** As `write`, but the page is still on its way afterwards: the next one is made ready meanwhile. */
  async writeBehind(rows: readonly OutRow[]): Promise<void> {
    const page = this.#bindPage(rows)
    const sequence = this.#sequence
    const { bound } = this.#onItsWay
    // What is known of a row must be what was written of it.
    if ([...page.bound.keys(), ...page.refused].some(key => bound.has(key))) await this.flush()
    const compared = this.#compare(page)
    await this.flush()
    const written = this.#put(compared, sequence)
    // Told by `flush`.
    written.catch(() => undefined)
    this.#onItsWay = { bound: page.bound, written }
  }

  /** Resolves when the page on its way is written; rejects when it could not be. */
  async flush(): Promise<void> {
    const { written } = this.#onItsWay
    this.#onItsWay = NO_PAGE
    await written
  }

  #bindPage(rows: readonly OutRow[]): BoundPage {
    this.counts.read += rows.length
    this.#sequence++
    const refused = new Set<string>()
    const bound = new Map<string, BoundRow>()
    // One allocation for all: a buffer of its own for each row costs more than its hash.
    const hashes = Buffer.allocUnsafe(rows.length * HASH_BYTES)
    for (const [index, row] of rows.entries()) {
      const hash = hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
      const one = this.#bind(row, refused, hash)
      // Of rows with one key the last counts.
      if (one !== undefined) bound.set(one.key, one)
    }
    return { bound, refused }
  }

  async #put({ changed, moved }: ComparedPage, sequence: bigint): Promise<void> {
    const { store, taskId, isDryRun } = this.#of
    if (isDryRun) {
      for (const row of changed) this.counts[row.isNew ? 'inserted' : 'updated']++
      return
    }
    if (changed.length + moved.length === 0) return
    store.rows.intend(taskId, changed)
    await store.settled()
    const failed = await this.#send(changed, sequence)
    const written = failed.size === 0 ? changed : changed.filter((_, index) => !failed.has(index))
    for (const row of written) this.counts[row.isNew ? 'inserted' : 'updated']++
    store.transaction(() => {
      store.rows.insert(
        taskId,
        written.filter(one => one.isNew),
      )
      store.rows.update(taskId, [...written.filter(one => !one.isNew), ...moved])
      store.rows.settle(taskId)
    })
  }

  /** The rows that have to be written, and those that only were read elsewhere. */
  #compare({ bound, refused }: BoundPage): ComparedPage {
    const { store, taskId } = this.#of
    const known = store.rows.find(taskId, [...bound.keys(), ...refused])
    const changed: BoundRow[] = []
    const moved: BoundRow[] = []
    for (const row of bound.values()) {
      const before = known.get(row.key)
      row.isNew = before === undefined
      if (before === undefined || !row.hash.equals(before.hash)) changed.push(row)
      else if (before.scope !== row.scope) moved.push(row)
    }
    this.counts.unchanged += bound.size - changed.length
    // A row that was refused is not a row that is gone.
    for (const { number } of known.values()) this.#seen.add(number)
    return { changed, moved }
  }

  /** What earlier readings of the scopes had and this page has not. */
  missingOfScopes(scopes: readonly string[], keys: PageKeys): string[] {
    const { store, taskId } = this.#of
    const rows = store.rows.ofScopes(taskId, scopes)
    return rows.filter(one => !keys.has(one.key)).map(one => one.key)
  }

  /** Their rows are known to be as they were. */
  keepScopes(scopes: readonly string[]): void {
    const { store, taskId } = this.#of
    for (const { number } of store.rows.ofScopes(taskId, scopes)) this.#seen.add(number)
  }

  /** Keys of all rows that this run did not see, in pages. */
  missing(): Generator<string[]> {
    return this.#of.store.rows.missing(this.#of.taskId, this.#seen)
  }

  /** Removes rows by their keys, as the job wants deletes. */
  async delete(keys: readonly string[], isHard = false): Promise<void> {
    const { store, taskId, deletion, isDryRun } = this.#of
    if (keys.length === 0) return
    await this.flush()
    this.#sequence++
    this.counts.deleted += keys.length
    if (isDryRun) return
    if (deletion !== 'ignore') {
      if (store.isShared) await this.#intendDeletes(keys)
      await this.#sendDeletes(keys, isHard)
    }
    store.transaction(() => {
      if (deletion === 'hard') store.rows.forget(taskId, keys)
      else store.rows.bury(taskId, keys)
      if (store.isShared) store.rows.settle(taskId)
    })
  }

  /** Whoever takes the run up writes these rows anew if they come again: the deletes may be late. */
  async #intendDeletes(keys: readonly string[]): Promise<void> {
    const { store, taskId } = this.#of
    const known = store.rows.find(taskId, keys)
    store.rows.intend(
      taskId,
      [...known].map(([key, { scope, hash }]) => ({ key, scope, hash })),
    )
    await store.settled()
  }

  #bind(row: OutRow, refused: Set<string>, hash: Buffer): BoundRow | undefined {
    const { target } = this.#of
    const { columns, keyCount } = target
    const cells: CqlValue[] = []
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index]!
      try {
        const cell = toCql(row.values[index] ?? null, column.type, column.name)
        if (index < keyCount && (cell === null || cell === ''))
          throw new TypeError(`column ${column.name}: a key column has no value`)
        cells.push(cell)
      } catch (error) {
        if (column.onError === 'fail_task') throw error
        if (column.onError === 'null' && index >= keyCount) {
          cells.push(null)
          continue
        }
        const hasKey = index >= keyCount
        const key = hasKey ? keyOf(cells, target) : JSON.stringify(row.values.slice(0, keyCount))
        // Without a key there never was such a row.
        if (hasKey) refused.add(this.#placed(key, cells))
        const refusal = { key, column: column.name, error: messageOf(error), scope: row.scope }
        this.#reject(refusal, hasKey)
        return undefined
      }
    }
    hash.write(digest('sha1', JSON.stringify(row.values), 'binary'), 0, HASH_BYTES, 'latin1')
    const key = this.#placed(keyOf(cells, target), cells)
    return { key, scope: row.scope, hash, cells, isNew: false }
  }

  /** A row that is read twice in a run is rejected once. */
  #reject(row: Refusal, hasKey: boolean): void {
    if (hasKey && this.#rejected.has(row.key)) return
    if (hasKey && this.#rejected.size < REJECTED_KEYS_MAX) this.#rejected.add(row.key)
    this.counts.rejected++
    this.#of.onRejected(row)
  }

  /** Keys that are read in the order of tokens are kept in that order. */
  #placed(key: string, cells: readonly CqlValue[]): string {
    if (!this.#of.isInTokenOrder) return key
    this.#findToken(cells)
    const place = (this.#token.high ^ 0x8000_0000) >>> (32 - PLACE_DIGITS * 4)
    return place.toString(16).padStart(PLACE_DIGITS, '0') + key
  }

  #findToken(cells: readonly CqlValue[]): void {
    const { partitionCount } = this.#of.target
    const [cell, key] = [this.#keyCells, this.#key]
    key.reset()
    for (let index = 0; index < partitionCount; index++) {
      cell.reset()
      writeCell(this.#codecs[index]!, cells[index]!, cell)
      const length = cell.position - 4
      if (partitionCount === 1) key.writeBytes(cell.bytes, 4, cell.position)
      else writeKeyComponent(key, cell.bytes, { start: 4, length })
    }
    murmur3Token(key.bytes, { start: 0, end: key.position }, this.#token)
  }

  async #send(rows: readonly BoundRow[], sequence: bigint): Promise<ReadonlySet<number>> {
    if (rows.length === 0) return NONE
    this.#batch.reset()
    this.#sendSequence = sequence
    for (const [index, row] of rows.entries()) this.#addUpsert(row, index)
    const failures = await this.#deliver()
    for (const { error, recordIndex } of failures) {
      if (error.kind !== 'data') throw error
      const { key, scope } = rows[recordIndex]!
      this.#reject({ key: plainKey(key), column: null, error: error.message, scope }, true)
    }
    return new Set(failures.map(one => one.recordIndex))
  }

  /** The whole page again while Cassandra cannot take it: every write has its time, so that is safe. */
  async #deliver() {
    for (let attempt = 0; ; attempt++) {
      const failures = await this.#of.session.write(this.#batch)
      const passing = failures.find(one => ['retriable', 'disconnected'].includes(one.error.kind))
      if (passing === undefined || attempt === RETRIES || this.#of.signal.aborted) return failures
      await sleep(Math.random() * RETRY_BASE_MS * 2 ** attempt)
    }
  }

  #addUpsert(row: BoundRow, index: number): void {
    const { arena } = this.#batch
    const start = arena.position
    arena.writeInt16(this.#upsert.variables.length)
    const { cells } = row
    const isEmpty = row.isNew && !this.#of.isPlaceUsed
    for (let column = 0; column < cells.length; column++) {
      const cell = cells[column]!
      if (cell === null && isEmpty) arena.writeInt32(UNSET)
      else writeCell(this.#codecs[column]!, cell, arena)
    }
    for (const name of this.#of.target.system)
      writeCell(SYSTEM_CODECS[name]!, this.#systemValue(name, false), arena)
    this.#writeTime(arena)
    this.#addRow(this.#upsert, { index, start, cells })
  }

  /** Soft: a row with nothing but its key and the mark. */
  #addSoftDelete(key: readonly CqlValue[], index: number): void {
    const { arena } = this.#batch
    const start = arena.position
    arena.writeInt16(this.#upsert.variables.length)
    for (const [column, codec] of this.#codecs.entries()) {
      if (column < key.length) writeCell(codec, key[column]!, arena)
      else arena.writeInt32(UNSET)
    }
    for (const name of this.#of.target.system)
      writeCell(SYSTEM_CODECS[name]!, this.#systemValue(name, true), arena)
    this.#writeTime(arena)
    this.#addRow(this.#upsert, { index, start, cells: key })
  }

  async #sendDeletes(keys: readonly string[], isHard: boolean): Promise<void> {
    const { target } = this.#of
    this.#batch.reset()
    this.#sendSequence = this.#sequence
    for (const [index, text] of keys.entries()) {
      const key = cellsOf(text, target)
      if (this.#remove === undefined || (!isHard && this.#of.deletion === 'soft')) {
        this.#addSoftDelete(key, index)
        continue
      }
      const { arena } = this.#batch
      const start = arena.position
      arena.writeInt16(this.#remove.variables.length)
      this.#writeTime(arena)
      for (const [at, cell] of key.entries()) writeCell(this.#codecs[at]!, cell, arena)
      this.#addRow(this.#remove, { index, start, cells: key })
    }
    const [failure] = await this.#deliver()
    if (failure !== undefined) throw failure.error
  }

  #addRow(
    statement: WriteStatement,
    of: { readonly index: number; readonly start: number; readonly cells: readonly CqlValue[] },
  ): void {
    const row = this.#batch.add(statement, of.index, of.start, 0)
    this.#findToken(of.cells)
    this.#batch.setToken(row, this.#token.high, this.#token.low)
  }

  #writeTime(arena: ByteWriter): void {
    arena.writeInt32(8)
    arena.writeBigInt64(this.#of.startUs + this.#sendSequence)
  }

  #systemValue(name: string, isDeleted: boolean): CqlValue {
    const nowMs = this.#of.startUs / 1000n
    if (name === '_sc_synced_at') return nowMs
    if (name === '_sc_run_id') return this.#of.runId
    if (name === '_sc_deleted') return isDeleted
    return isDeleted ? nowMs : null
  }
}

const SYSTEM_CODECS: Readonly<Record<string, Codec>> = {
  _sc_synced_at: codecFor({ kind: 'timestamp' }),
  _sc_run_id: codecFor({ kind: 'uuid' }),
  _sc_deleted: codecFor({ kind: 'boolean' }),
  _sc_deleted_at: codecFor({ kind: 'timestamp' }),
}
