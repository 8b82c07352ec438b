/**
 * Changes that wait for copies of themselves from other replicas, on disk: of channels that do not give
 * the first copy at once. Part of CaptureStore, used inside its transactions.
 * Invariants: what is held is queued sooner or later, by a copy or by time; what is queued is known by
 * its digest, so that later copies are recognised, and so is what is dropped; at most `HELD_MAX` are
 * held, of at most `HELD_BYTES_MAX`: beyond that their agents wait until some are given.
 * Spec: cdc-replication 4.1 (primary, quorum), 4.2 (overdue).
 */
import type { DatabaseSync } from 'node:sqlite'
import { ScamanderError } from '../../../base/scamander-error.ts'
import { CDC_ERRORS } from '../errors.ts'
import { Frame } from '../frame.ts'
import type { SeenDigests } from './seen-digests.ts'

/** When a change is given; `primary` is asked for every copy, `copies` are of different nodes. */
export type EmitRule =
  | { readonly kind: 'primary'; isPrimary(hostId: string, token: bigint): boolean }
  | { readonly kind: 'quorum'; readonly copies: number }

export interface Offered {
  /** To be queued now; undefined: it waits, or was queued before. */
  readonly frame: Frame | undefined
  /** Another replica gave it before. */
  readonly isCopy: boolean
}

/** So many are released at once at most. */
export const RELEASE_MAX = 1000
const HELD_MAX = 1_000_000
const HELD_BYTES_MAX = 1024 ** 3
/** Of both; beyond it no batch begins. */
const NEAR = 0.95
const PAGE_ROWS = 10_000
const TABLE =
  'CREATE TABLE IF NOT EXISTS cdc_held (channel INTEGER, digest BLOB, at INTEGER, nodes TEXT, frame BLOB, PRIMARY KEY (channel, digest)) WITHOUT ROWID'

export class HeldFrames {
  readonly #db: DatabaseSync
  readonly #bytesMax: number
  #count = 0
  #bytes = 0

  constructor(db: DatabaseSync, bytesMax = HELD_BYTES_MAX) {
    this.#db = db
    this.#bytesMax = bytesMax
    db.exec(TABLE)
    db.exec('CREATE INDEX IF NOT EXISTS cdc_held_at ON cdc_held (channel, at)')
    this.recount()
  }

  get count(): number {
    return this.#count
  }

  /** A transaction was taken back. */
  recount(): void {
    const sums = 'SELECT count(*) AS n, coalesce(sum(length(frame)), 0) AS bytes FROM cdc_held'
    const row = this.#db.prepare(sums).get()
    this.#count = Number(row?.['n'] ?? 0)
    this.#bytes = Number(row?.['bytes'] ?? 0)
  }

  /**
   * Before a batch: one that begins when little room is left would be taken back in the middle, again
   * and again, which costs a look through everything.
   */
  checkRoom(): void {
    const isNear = this.#count >= HELD_MAX * NEAR || this.#bytes >= this.#bytesMax * NEAR
    if (isNear) throw this.#full()
  }

  offer(channel: number, frame: Frame, rule: EmitRule, seen: SeenDigests): Offered {
    const { digest, hostId } = frame
    if (seen.has(channel, digest)) return { frame: undefined, isCopy: true }
    const row = this.#db
      .prepare('SELECT nodes, frame FROM cdc_held WHERE channel = ? AND digest = ?')
      .get(channel, digest)
    const nodes = new Set(row === undefined ? [] : String(row['nodes']).split(','))
    nodes.add(hostId)
    const isDue =
      rule.kind === 'quorum' ? nodes.size >= rule.copies : rule.isPrimary(hostId, frame.token)
    const isCopy = row !== undefined
    if (isDue) {
      if (isCopy) this.#remove(channel, digest, row['frame'] as Uint8Array)
      seen.add(channel, digest)
      const isOlder = rule.kind === 'quorum' && isCopy
      const given = isOlder ? new Frame(Buffer.from(row['frame'] as Uint8Array)) : frame
      return { frame: given, isCopy }
    }
    if (!isCopy) this.#hold(channel, frame)
    else {
      this.#db
        .prepare('UPDATE cdc_held SET nodes = ? WHERE channel = ? AND digest = ?')
        .run([...nodes].join(','), channel, digest)
    }
    return { frame: undefined, isCopy }
  }

  /** Those that have waited since before a moment, oldest first; they count as queued from now on. */
  release(channel: number, beforeMs: number, seen: SeenDigests): Frame[] {
    const rows = this.#db
      .prepare(
        'SELECT digest, frame FROM cdc_held WHERE channel = ? AND at < ? ORDER BY at LIMIT ?',
      )
      .all(channel, beforeMs, RELEASE_MAX)
    return rows.flatMap(row => {
      const digest = Buffer.from(row['digest'] as Uint8Array)
      this.#remove(channel, digest, row['frame'] as Uint8Array)
      const isNew = seen.add(channel, digest)
      return isNew ? [new Frame(Buffer.from(row['frame'] as Uint8Array))] : []
    })
  }

  /** Since when the oldest waits; undefined: none does. */
  oldestMs(channel: number): number | undefined {
    if (this.#count === 0) return undefined
    const found = this.#db
      .prepare('SELECT min(at) AS at FROM cdc_held WHERE channel = ?')
      .get(channel)?.['at']
    return typeof found === 'number' ? found : undefined
  }

  /** Of a channel that is deleted, or emptied: then their copies are recognised. The number of changes. */
  drop(channel: number, seen?: SeenDigests): number {
    if (this.#count === 0) return 0
    if (seen !== undefined) this.#remember(channel, seen)
    const { changes } = this.#db.prepare('DELETE FROM cdc_held WHERE channel = ?').run(channel)
    this.recount()
    return Number(changes)
  }

  /** In pages: the tables of digests change meanwhile. */
  #remember(channel: number, seen: SeenDigests): void {
    const page = this.#db.prepare(
      'SELECT digest FROM cdc_held WHERE channel = ? AND digest > ? ORDER BY digest LIMIT ?',
    )
    let last: Buffer = Buffer.alloc(0)
    for (;;) {
      const rows = page.all(channel, last, PAGE_ROWS)
      for (const row of rows) {
        last = Buffer.from(row['digest'] as Uint8Array)
        seen.add(channel, last)
      }
      if (rows.length < PAGE_ROWS) return
    }
  }

  #hold(channel: number, frame: Frame): void {
    const { length } = frame.bytes
    const isFull = this.#count > 0 && this.#bytes + length > this.#bytesMax
    if (isFull || this.#count >= HELD_MAX) throw this.#full()
    this.#db
      .prepare('INSERT INTO cdc_held VALUES (?, ?, ?, ?, ?)')
      .run(channel, frame.digest, Date.now(), frame.hostId, frame.bytes)
    this.#count++
    this.#bytes += length
  }

  #full(): ScamanderError {
    const message = `${this.#count} changes of ${this.#bytes} bytes wait for copies of other replicas, the most that may; their agents wait`
    return new ScamanderError(CDC_ERRORS.QUEUE_FULL, message)
  }

  #remove(channel: number, digest: Buffer, { length }: Uint8Array): void {
    this.#db.prepare('DELETE FROM cdc_held WHERE channel = ? AND digest = ?').run(channel, digest)
    this.#count--
    this.#bytes -= length
  }
}
