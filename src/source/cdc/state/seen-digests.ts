/**
 * Which updates are queued already: the digests of the last ones, on disk, so that the copies that
 * other replicas log of a write are recognised, also after a restart.
 * Used inside the transaction that queues. Kept in generations of bounded size: the oldest is dropped
 * whole, which costs nothing.
 * Invariant: at most `GENERATIONS` times `DIGESTS_MAX` digests; a forgotten one costs a duplicate.
 * Spec: cdc-replication 4.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

const DIGESTS_MAX = 500_000
const GENERATIONS = 6

interface Generation {
  readonly id: number
  readonly insert: StatementSync
  readonly find: StatementSync
  count: number
}

export class SeenDigests {
  readonly #db: DatabaseSync
  /** Newest first. */
  readonly #generations: Generation[] = []

  constructor(db: DatabaseSync) {
    this.#db = db
    const rows = db
      .prepare(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'cdc_seen_[0-9]*'`,
      )
      .all()
    const ids = rows.map(row => Number(String(row['name']).slice('cdc_seen_'.length)))
    for (const id of ids.sort((a, b) => b - a)) this.#generations.push(this.#open(id))
    if (this.#generations.length === 0) this.#generations.push(this.#open(0))
  }

  /** Remembers an update for a channel; false when it was known. */
  add(channelId: number, digest: Buffer): boolean {
    const [newest, ...older] = this.#generations
    for (const { find } of older) {
      if (find.get(channelId, digest) !== undefined) return false
    }
    if (newest!.insert.run(channelId, digest).changes === 0) return false
    if (++newest!.count >= DIGESTS_MAX) this.#turn()
    return true
  }

  has(channelId: number, digest: Buffer): boolean {
    return this.#generations.some(({ find }) => find.get(channelId, digest) !== undefined)
  }

  #turn(): void {
    this.#generations.unshift(this.#open(this.#generations[0]!.id + 1))
    while (this.#generations.length > GENERATIONS) {
      const { id } = this.#generations.pop()!
      this.#db.exec(`DROP TABLE cdc_seen_${id}`)
    }
  }

  #open(id: number): Generation {
    const table = `cdc_seen_${id}`
    this.#db.exec(
      `CREATE TABLE IF NOT EXISTS ${table} (channel INTEGER, digest BLOB, PRIMARY KEY (channel, digest)) WITHOUT ROWID`,
    )
    const found = this.#db.prepare(`SELECT count(*) AS n FROM ${table}`).get()
    return {
      id,
      insert: this.#db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (?, ?)`),
      find: this.#db.prepare(`SELECT 1 FROM ${table} WHERE channel = ? AND digest = ?`),
      count: Number(found?.['n'] ?? 0),
    }
  }
}
