/**
 * Writes the rows of one task: compares each with the hash of what was written last, binds what
 * changed, sends it over the data plane, and remembers it once Cassandra acknowledged it.
 * One per task and run. The unit is a page; pages come one after the other.
 * Invariants: nulls of rows that were never written are left unset, later ones are written; the write time
 * is that of the run plus the page's place, so that repeating a run changes nothing; a failed row
 * keeps its old hash, so the next run writes it again.
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
  int32At,
  murmur3Token,
  writeCell,
  writeKeyComponent,
} from '../cql/index.ts'
import { toCql } from './cell-value.ts'
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
  /** Counts up with every run. */
  readonly pass: number
  readonly consistency: ConsistencyName
  readonly deletion: 'ignore' | 'soft' | 'hard'
  readonly isDryRun: boolean
  readonly signal: AbortSignal
  readonly onRejected: (row: {
    readonly key: string
    readonly column: string | null
    readonly error: string
  }) => void
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
  readonly isNew: boolean
  readonly cells: readonly CqlValue[]
}

const UNSET = -2
const RETRIES = 5
const RETRY_BASE_MS = 2_000
const HASH_BYTES = 16
const NONE: ReadonlySet<number> = new Set()

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
  #sequence = 0n

  private constructor(
    options: WriterOptions,
    statements: { upsert: WriteStatement; remove: WriteStatement | undefined },
  ) {
    this.#of = options
    this.#codecs = options.target.columns.map(one => codecFor(one.type))
    this.#upsert = statements.upsert
    this.#remove = statements.remove
  }

  static async open(options: WriterOptions): Promise<TableWriter> {
    const { session, target, deletion } = options
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
  async write(rows: readonly OutRow[]): Promise<void> {
    const { store, taskId, pass, isDryRun } = this.#of
    this.counts.read += rows.length
    this.#sequence++
    const refused: string[] = []
    const bound = new Map<string, BoundRow>()
    for (const row of rows) {
      const one = this.#bind(row)
      if (one === undefined) refused.push(this.#keyOf(row))
      // Of rows with one key the last counts.
      else bound.set(one.key, one)
    }
    const known = store.rows.find(taskId, [...bound.keys()])
    const changed: BoundRow[] = []
    const same: BoundRow[] = []
    for (const [key, row] of bound) {
      const before = known.get(key)
      const isSame = before !== undefined && row.hash.equals(before.hash)
      if (isSame) same.push(row)
      else changed.push({ ...row, isNew: before === undefined })
    }
    this.counts.unchanged += same.length
    const failed = isDryRun ? NONE : await this.#send(changed)
    for (const [index, row] of changed.entries())
      if (!failed.has(index)) this.counts[row.isNew ? 'inserted' : 'updated']++
    if (isDryRun) return
    const written = changed.filter((_, index) => !failed.has(index))
    const unwritten = changed.filter((_, index) => failed.has(index))
    const isMoved = (row: BoundRow) => known.get(row.key)!.scope !== row.scope
    // A row that was refused is not a row that is gone.
    const seen = [...refused, ...unwritten.map(one => one.key), ...same.map(one => one.key)]
    store.transaction(() => {
      store.rows.put(taskId, [...written, ...same.filter(isMoved)], pass)
      store.rows.touch(taskId, seen, pass)
    })
  }

  /** Removes rows by their keys, as the job wants deletes. */
  async delete(keys: readonly string[], isHard = false): Promise<void> {
    const { store, taskId, deletion, isDryRun } = this.#of
    if (keys.length === 0) return
    this.#sequence++
    this.counts.deleted += keys.length
    if (isDryRun) return
    if (deletion !== 'ignore') await this.#sendDeletes(keys, isHard)
    store.transaction(() => store.rows.forget(taskId, keys))
  }

  #bind(row: OutRow): BoundRow | undefined {
    const { target, onRejected } = this.#of
    const { columns, keyCount } = target
    const key = this.#keyOf(row)
    const cells: CqlValue[] = []
    for (const [index, column] of columns.entries()) {
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
        this.counts.rejected++
        onRejected({ key, column: column.name, error: messageOf(error) })
        return undefined
      }
    }
    const hash = digest('sha1', JSON.stringify(row.values), 'buffer').subarray(0, HASH_BYTES)
    return { key, scope: row.scope, hash, isNew: false, cells }
  }

  #keyOf({ values }: OutRow): string {
    return JSON.stringify(values.slice(0, this.#of.target.keyCount))
  }

  async #send(rows: readonly BoundRow[]): Promise<ReadonlySet<number>> {
    if (rows.length === 0) return NONE
    this.#batch.reset()
    for (const [index, row] of rows.entries()) this.#addUpsert(row, index)
    const failures = await this.#deliver()
    for (const { error, recordIndex } of failures) {
      if (error.kind !== 'data') throw error
      this.counts.rejected++
      this.#of.onRejected({ key: rows[recordIndex]!.key, column: null, error: error.message })
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
    for (const [column, cell] of row.cells.entries()) {
      if (cell === null && row.isNew) arena.writeInt32(UNSET)
      else writeCell(this.#codecs[column]!, cell, arena)
    }
    for (const name of this.#of.target.system)
      writeCell(SYSTEM_CODECS[name]!, this.#systemValue(name, false), arena)
    this.#addRow(this.#upsert, index, start)
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
    this.#addRow(this.#upsert, index, start)
  }

  async #sendDeletes(keys: readonly string[], isHard: boolean): Promise<void> {
    const { target } = this.#of
    this.#batch.reset()
    for (const [index, text] of keys.entries()) {
      const values = JSON.parse(text) as Value[]
      const key = values.map((value, at) =>
        toCql(value, target.columns[at]!.type, target.columns[at]!.name),
      )
      if (this.#remove === undefined || (!isHard && this.#of.deletion === 'soft')) {
        this.#addSoftDelete(key, index)
        continue
      }
      const { arena } = this.#batch
      const start = arena.position
      arena.writeInt16(this.#remove.variables.length)
      this.#writeTime(arena)
      for (const [at, cell] of key.entries()) writeCell(this.#codecs[at]!, cell, arena)
      this.#addRow(this.#remove, index, start, true)
    }
    const [failure] = await this.#deliver()
    if (failure !== undefined) throw failure.error
  }

  #addRow(statement: WriteStatement, index: number, start: number, hasTime = false): void {
    const { arena } = this.#batch
    if (!hasTime) this.#writeTime(arena)
    const row = this.#batch.add(statement, index, start, 0)
    const token = tokenOf(arena.bytes, { statement, start, key: this.#key })
    this.#batch.setToken(row, token.high, token.low)
  }

  #writeTime(arena: ByteWriter): void {
    arena.writeInt32(8)
    arena.writeBigInt64(this.#of.startUs + this.#sequence)
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

function tokenOf(
  bytes: Buffer,
  of: { readonly statement: WriteStatement; readonly start: number; readonly key: ByteWriter },
) {
  const { statement, start, key } = of
  const cells: { start: number; length: number }[] = []
  let at = start + 2
  for (let index = 0; index < statement.variables.length; index++) {
    const length = Math.max(0, int32At(bytes, at))
    cells.push({ start: at + 4, length })
    at += 4 + length
  }
  key.reset()
  const indexes = statement.partitionKeyIndexes
  for (const index of indexes) {
    const cell = cells[index]!
    if (indexes.length === 1) key.writeBytes(bytes, cell.start, cell.start + cell.length)
    else writeKeyComponent(key, bytes, cell)
  }
  const token = { high: 0, low: 0 }
  murmur3Token(key.bytes, { start: 0, end: key.position }, token)
  return token
}
