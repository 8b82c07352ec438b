/**
 * Sends rows and deletes of one task over the data plane: the statements, their bytes, and the page again
 * while Cassandra cannot take it. Owned by the table writer, which says what has to be sent.
 * Invariants: the write time is that of the run plus the page's place, so that repeating a run changes
 * nothing; nulls of rows that are new to an empty place are left unset, others are written.
 * Spec: backlog-replication 2.8, 2.9.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ByteWriter } from '../base/byte-writer.ts'
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
  writeCell,
} from '../cql/index.ts'
import { RowToken } from './row-token.ts'
import type { TaskTarget } from './task-target.ts'

export interface SenderOptions {
  readonly session: WriteSession
  readonly target: TaskTarget
  readonly runId: string
  /** Microseconds. */
  readonly startUs: bigint
  readonly consistency: ConsistencyName
  readonly deletion: Deletion
  readonly ttlSeconds?: number | undefined
  readonly signal: AbortSignal
}

/** `keep`: rows that are gone stay as they are, and are no deletes. */
export type Deletion = 'ignore' | 'soft' | 'hard' | 'keep'

export interface RowToSend {
  readonly cells: readonly CqlValue[]
  /** Nothing of it is in the table. */
  readonly isEmpty: boolean
  /** Where it is not that of the run. */
  readonly runId: string | undefined
}

interface Statements {
  readonly upsert: WriteStatement
  readonly remove: WriteStatement | undefined
}

const UNSET = -2
const RETRIES = 5
const RETRY_BASE_MS = 2_000

export class RowSender {
  readonly #of: SenderOptions
  readonly #codecs: readonly Codec[]
  readonly #token: RowToken
  readonly #batch = new RowBatch()
  #statements: Promise<Statements> | undefined
  #sequence = 0n

  constructor(options: SenderOptions) {
    this.#of = options
    this.#codecs = options.target.columns.map(one => codecFor(one.type))
    this.#token = new RowToken(options.target)
  }

  /** The table must be there. */
  prepare(): Promise<Statements> {
    this.#statements ??= this.#prepare()
    return this.#statements
  }

  async #prepare(): Promise<Statements> {
    const { session, target, deletion, consistency, ttlSeconds } = this.#of
    const at = qualifiedName(target.keyspace, target.table)
    const names = [...target.columns.map(one => one.name), ...target.system]
    const marks = names.map(() => '?').join(', ')
    const keys = target.columns.slice(0, target.keyCount)
    const where = keys.map(one => `${quoteIdentifier(one.name)} = ?`).join(' AND ')
    const settings = {
      consistency: CONSISTENCY[consistency],
      isIdempotent: true,
      isCounter: false,
      batchGroup: 0,
    }
    const prepare = (cql: string) =>
      session.prepare(cql, target.keyspace, {
        ...settings,
        partitionKey: keys.slice(0, target.partitionCount).map(one => one.name),
      })
    const ttl = ttlSeconds === undefined ? '' : ` AND TTL ${ttlSeconds}`
    return {
      upsert: await prepare(
        `INSERT INTO ${at} (${names.map(quoteIdentifier).join(', ')}) VALUES (${marks}) USING TIMESTAMP ?${ttl}`,
      ),
      remove:
        deletion === 'hard'
          ? await prepare(`DELETE FROM ${at} USING TIMESTAMP ? WHERE ${where}`)
          : undefined,
    }
  }

  /** Returns the rows that Cassandra refuses, by their place. */
  async upsert(
    rows: readonly RowToSend[],
    sequence: bigint,
  ): Promise<{ readonly index: number; readonly error: Error }[]> {
    const { upsert } = await this.prepare()
    this.#batch.reset()
    this.#sequence = sequence
    for (const [index, row] of rows.entries()) this.#addUpsert(upsert, row, index)
    const failures = await this.#deliver()
    const fatal = failures.find(one => one.error.kind !== 'data')
    if (fatal !== undefined) throw fatal.error
    return failures.map(({ error, recordIndex }) => ({ index: recordIndex, error }))
  }

  async delete(
    keys: readonly (readonly CqlValue[])[],
    of: { readonly sequence: bigint; readonly isHard: boolean },
  ): Promise<void> {
    const { upsert, remove } = await this.prepare()
    this.#batch.reset()
    this.#sequence = of.sequence
    for (const [index, key] of keys.entries()) {
      if (remove === undefined || (!of.isHard && this.#of.deletion === 'soft'))
        this.#addSoftDelete(upsert, key, index)
      else this.#addDelete(remove, key, index)
    }
    const [failure] = await this.#deliver()
    if (failure !== undefined) throw failure.error
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

  #addUpsert(upsert: WriteStatement, { cells, isEmpty, runId }: RowToSend, index: number): void {
    const { arena } = this.#batch
    const start = arena.position
    arena.writeInt16(upsert.variables.length)
    for (let column = 0; column < cells.length; column++) {
      const cell = cells[column]!
      if (cell === null && isEmpty) arena.writeInt32(UNSET)
      else writeCell(this.#codecs[column]!, cell, arena)
    }
    for (const name of this.#of.target.system)
      writeCell(SYSTEM_CODECS[name]!, this.#systemValue(name, false, runId), arena)
    this.#writeTime(arena)
    this.#addRow(upsert, { index, start, cells })
  }

  /** Soft: a row with nothing but its key and the mark. */
  #addSoftDelete(upsert: WriteStatement, key: readonly CqlValue[], index: number): void {
    const { arena } = this.#batch
    const start = arena.position
    arena.writeInt16(upsert.variables.length)
    for (const [column, codec] of this.#codecs.entries()) {
      if (column < key.length) writeCell(codec, key[column]!, arena)
      else arena.writeInt32(UNSET)
    }
    for (const name of this.#of.target.system)
      writeCell(SYSTEM_CODECS[name]!, this.#systemValue(name, true), arena)
    this.#writeTime(arena)
    this.#addRow(upsert, { index, start, cells: key })
  }

  #addDelete(remove: WriteStatement, key: readonly CqlValue[], index: number): void {
    const { arena } = this.#batch
    const start = arena.position
    arena.writeInt16(remove.variables.length)
    this.#writeTime(arena)
    for (const [at, cell] of key.entries()) writeCell(this.#codecs[at]!, cell, arena)
    this.#addRow(remove, { index, start, cells: key })
  }

  #addRow(
    statement: WriteStatement,
    of: { readonly index: number; readonly start: number; readonly cells: readonly CqlValue[] },
  ): void {
    const row = this.#batch.add(statement, of.index, of.start, 0)
    const { high, low } = this.#token.of(of.cells)
    this.#batch.setToken(row, high, low)
  }

  #writeTime(arena: ByteWriter): void {
    arena.writeInt32(8)
    arena.writeBigInt64(this.#of.startUs + this.#sequence)
  }

  #systemValue(name: string, isDeleted: boolean, runId = this.#of.runId): CqlValue {
    const nowMs = this.#of.startUs / 1000n
    if (name === '_sc_synced_at') return nowMs
    if (name === '_sc_run_id') return runId
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
