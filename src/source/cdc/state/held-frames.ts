/**
 * Changes that wait for copies of themselves from other replicas, on disk: of channels that do not give
 * the first copy at once. Part of CaptureStore, used inside its transactions.
 * Invariants: what is held is queued sooner or later, by a copy or by time; what is queued is known by
 * its digest, so that later copies are recognised; at most `HELD_MAX` are held.
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
const TABLE =
  'CREATE TABLE IF NOT EXISTS cdc_held (channel INTEGER, digest BLOB, at INTEGER, nodes TEXT, frame BLOB, PRIMARY KEY (channel, digest)) WITHOUT ROWID'

export class HeldFrames {
  readonly #db: DatabaseSync
  #count: number

  constructor(db: DatabaseSync) {
    this.#db = db
    db.exec(TABLE)
    db.exec('CREATE INDEX IF NOT EXISTS cdc_held_at ON cdc_held (channel, at)')
    this.#count = this.#counted()
  }

  get count(): number {
    return this.#count
  }

  /** A transaction was taken back. */
  recount(): void {
    this.#count = this.#counted()
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
      if (isCopy) this.#remove(channel, digest)
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
      this.#remove(channel, digest)
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

  /** Of a channel that is deleted. */
  drop(channel: number): void {
    const { changes } = this.#db.prepare('DELETE FROM cdc_held WHERE channel = ?').run(channel)
    this.#count -= Number(changes)
  }

  #hold(channel: number, frame: Frame): void {
    if (this.#count >= HELD_MAX) {
      const message = `${this.#count} changes wait for copies of other replicas; their agents wait`
      throw new ScamanderError(CDC_ERRORS.QUEUE_FULL, message)
    }
    this.#db
      .prepare('INSERT INTO cdc_held VALUES (?, ?, ?, ?, ?)')
      .run(channel, frame.digest, Date.now(), frame.hostId, frame.bytes)
    this.#count++
  }

  #remove(channel: number, digest: Buffer): void {
    this.#db.prepare('DELETE FROM cdc_held WHERE channel = ? AND digest = ?').run(channel, digest)
    this.#count--
  }

  #counted(): number {
    return Number(this.#db.prepare('SELECT count(*) AS n FROM cdc_held').get()?.['n'] ?? 0)
  }
}
