/**
 * Writes the rows of one task: compares each with the hash of what was written last, sends what changed,
 * and remembers it once Cassandra acknowledged it. One per task and run. The unit is a page; pages are
 * sent one after the other, and one may be made ready while the one before it is on its way.
 * Invariants: nulls of rows that were never written are left unset, later ones are written, also those
 * of a row that comes back after its cells were left at the destination, and all of them in a table that
 * had rows before the task; a failed row keeps its old hash, so the next run writes it again; a table
 * that is to be emptied stays as it is until there is a first row to write.
 * Spec: backlog-replication 2.8, 2.9.
 */
import { hash as digest } from 'node:crypto'
import { messageOf } from '../base/scamander-error.ts'
import type { CqlValue } from '../cql/index.ts'
import { toCql } from './cell-value.ts'
import { openHistory } from './row-history.ts'
import { cellsOf, keyOf, plainKey, uniteKeys } from './row-keys.ts'
import { RowSender, type SenderOptions } from './row-sender.ts'
import { RowToken } from './row-token.ts'
import { SeenRows } from './seen-rows.ts'
import type { Value } from './sql-engine.ts'
import type { Store } from './store.ts'

export interface WriterOptions extends SenderOptions {
  readonly store: Store
  readonly taskId: string
  /** The table had rows before the task: of rows that are new to it nulls are written too. */
  readonly isPlaceUsed: boolean
  /** Rows come in the order of their tokens, as a table of Cassandra is read. */
  readonly isInTokenOrder: boolean
  readonly isDryRun: boolean
  /** Rows that did not change are written too. */
  readonly isEveryRow?: boolean
  /** Rows that are sent at a time. @default those of a page */
  readonly batchRows?: number | undefined
  /** Empties the table and what is known of it, before the first row. */
  readonly empty?: (() => Promise<void>) | undefined
  /** Each change is a row of its own. */
  readonly isHistory?: boolean
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
  /** It is known, not with what content. */
  isDoubted: boolean
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

const HASH_BYTES = 16
/** With more of them some may be counted twice. */
const REJECTED_KEYS_MAX = 10_000
/** Hexadecimal digits of a token: sixteen million places. */
const PLACE_DIGITS = 6
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
  readonly #sender: RowSender
  readonly #token: RowToken
  /** By key the run in which a row was on its way when the process ended. */
  readonly #history: ReadonlyMap<string, string> | undefined
  readonly #seen: SeenRows
  readonly #rejected = new Set<string>()
  #onItsWay: PageOnItsWay = NO_PAGE
  #begun: Promise<void> | undefined
  /** Of the page that was bound last; the one that is sent may be older. */
  #sequence = 0n

  private constructor(options: WriterOptions, history: ReadonlyMap<string, string> | undefined) {
    this.#of = options
    this.#history = history
    this.#sender = new RowSender(options)
    this.#token = new RowToken(options.target)
    this.#seen = new SeenRows(options.store.rows.last())
  }

  static async open(options: WriterOptions): Promise<TableWriter> {
    const { store, taskId, runId, isHistory = false } = options
    let history: ReadonlyMap<string, string> | undefined
    store.transaction(() => {
      const left = store.rows.recover(taskId)
      // A dry run makes those rows known too: which run they belong to must not be lost with that.
      if (isHistory)
        history = openHistory(store, { taskId, left, runId: options.isDryRun ? undefined : runId })
    })
    await uniteKeys(store, taskId, options.target)
    const writer = new TableWriter(options, history)
    if (options.empty === undefined && !options.isDryRun) await writer.begin()
    return writer
  }

  /** The table is not emptied yet, because no row has come. */
  get isWaiting(): boolean {
    return this.#begun === undefined && this.#of.empty !== undefined && !this.#of.isDryRun
  }

  /** Before the first row is compared. */
  begin(): Promise<void> {
    this.#begun ??= this.#begin()
    return this.#begun
  }

  async #begin(): Promise<void> {
    if (this.#of.isDryRun) return
    await this.#of.empty?.()
    await this.#sender.prepare()
  }

  /** Writes what changed of the rows. */
  async write(rows: readonly OutRow[]): Promise<PageKeys> {
    if (rows.length > 0) await this.begin()
    const page = this.#bindPage(rows)
    await this.flush()
    await this.#put(this.#compare(page), this.#sequence)
    return { has: key => page.bound.has(key) || page.refused.has(key) }
  }

  /** As `write`, but the page is still on its way afterwards: the next one is made ready meanwhile. */
  async writeBehind(rows: readonly OutRow[]): Promise<void> {
    if (rows.length > 0) await this.begin()
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

  /** Rows that are there and are not to be written: those that are known stay as they are. */
  keep(rows: readonly OutRow[]): PageKeys {
    const { store, taskId } = this.#of
    const keys = new Set<string>()
    for (const row of rows) {
      const key = this.#keyOf(row)
      if (key !== undefined) keys.add(key)
    }
    for (const { number } of store.rows.find(taskId, [...keys]).values()) this.#seen.add(number)
    return keys
  }

  /** Undefined: such a row can never have been written. */
  #keyOf({ values }: OutRow): string | undefined {
    const { target } = this.#of
    try {
      const columns = target.columns.slice(0, target.keyCount)
      const cells = columns.map((one, at) => toCql(values[at] ?? null, one.type, one.name))
      return this.#placed(keyOf(cells, target), cells)
    } catch {
      return undefined
    }
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
    const step = this.#of.batchRows ?? changed.length
    for (let at = 0; at < changed.length; at += step)
      await this.#putSome(changed.slice(at, at + step), sequence)
    if (moved.length > 0) store.transaction(() => store.rows.update(taskId, moved))
  }

  async #putSome(rows: readonly BoundRow[], sequence: bigint): Promise<void> {
    const { store, taskId } = this.#of
    store.rows.intend(taskId, rows)
    await store.settled()
    const failed = await this.#send(rows, sequence)
    const written = failed.size === 0 ? rows : rows.filter((_, index) => !failed.has(index))
    for (const row of written) this.counts[row.isNew ? 'inserted' : 'updated']++
    store.transaction(() => {
      store.rows.insert(
        taskId,
        written.filter(one => one.isNew),
      )
      store.rows.update(
        taskId,
        written.filter(one => !one.isNew),
      )
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
      row.isDoubted = before !== undefined && before.hash.length === 0
      if (before === undefined || this.#of.isEveryRow === true || !row.hash.equals(before.hash))
        changed.push(row)
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
    if (deletion !== 'keep') this.counts.deleted += keys.length
    if (isDryRun) return
    if (deletion === 'soft' || deletion === 'hard') {
      if (store.isShared) await this.#intendDeletes(keys)
      const cells = keys.map(one => cellsOf(one, this.#of.target))
      await this.#sender.delete(cells, { sequence: this.#sequence, isHard })
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
    return { key, scope: row.scope, hash, cells, isNew: false, isDoubted: false }
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
    const { high } = this.#token.of(cells)
    const place = (high ^ 0x8000_0000) >>> (32 - PLACE_DIGITS * 4)
    return place.toString(16).padStart(PLACE_DIGITS, '0') + key
  }

  async #send(rows: readonly BoundRow[], sequence: bigint): Promise<ReadonlySet<number>> {
    const { isPlaceUsed, empty, isHistory = false } = this.#of
    const mayBeUsed = isPlaceUsed && empty === undefined
    const out = rows.map(({ key, cells, isNew, isDoubted }) => {
      // A row of a history is new, unless a run that was cut off may have written it.
      const runId = isDoubted ? this.#history?.get(key) : undefined
      const isFresh = isHistory ? runId === undefined : isNew
      return { cells, isEmpty: isFresh && !mayBeUsed, runId }
    })
    const failures = await this.#sender.upsert(out, sequence)
    for (const { index, error } of failures) {
      const { key, scope } = rows[index]!
      this.#reject({ key: plainKey(key), column: null, error: error.message, scope }, true)
    }
    return new Set(failures.map(one => one.index))
  }
}
