/**
 * The state of capture as records for topics, and back: what changed, what is queued and not written
 * there yet, and an empty file filled from what the topics have.
 * Part of CaptureStore, on its database; used by QueueReplica and by the restore at a start.
 * Invariants: a restored queue has the numbers that it had, so that stored positions hold; numbers that
 * may have been given out are never given again.
 * Spec: cdc-replication 1.4; docs/adr/0032-queues-in-topics.md.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { Frame } from '../frame.ts'
import { SeenDigests } from './seen-digests.ts'

/** Kind and names, as JSON; null: it is gone. */
export type StateEntry = readonly [key: string, value: string | null]

/** Kinds of configuration that concern this file alone. */
export const OWN_KINDS: ReadonlySet<string> = new Set(['replica', 'replicated'])

/** Of what can be removed; numbers that were given out are kept for good. */
const STATE_KEY = /^\["(config|node|position|schema)"/
/** Of frames that are in memory at once. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024

export const stateKey = {
  config: (kind: string, key: string) => JSON.stringify(['config', kind, key]),
  node: (hostId: string) => JSON.stringify(['node', hostId]),
  position: (hostId: string) => JSON.stringify(['position', hostId]),
  schema: (tableId: string, hash: string) => JSON.stringify(['schema', tableId, hash]),
  sequence: (channel: number) => JSON.stringify(['sequence', String(channel)]),
}

export interface MirroredFrame {
  readonly seq: number
  readonly frame: Buffer
}

export class StateMirror {
  readonly #db: DatabaseSync
  #changes: Map<string, string | null> | undefined
  #restoring: SeenDigests | undefined

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /**
   * From now on changes are noted; everything that is there counts as changed, and what is among
   * `known`, the keys of the topic, and not there any more as gone.
   */
  begin(known: Iterable<string> = []): void {
    const changes = new Map<string, string | null>(this.#all())
    for (const key of known) {
      if (STATE_KEY.test(key) && !changes.has(key)) changes.set(key, null)
    }
    this.#changes = changes
  }

  note(key: string, value: string | null): void {
    this.#changes?.set(key, value)
  }

  /** What changed since the last call: positions of nodes, or everything else. */
  take(what: 'positions' | 'others'): StateEntry[] {
    const out: StateEntry[] = []
    for (const [key, value] of this.#changes ?? []) {
      if (key.startsWith('["position"') !== (what === 'positions')) continue
      this.#changes!.delete(key)
      out.push([key, value])
    }
    return out
  }

  /** They were not written after all; what changed since is newer. */
  giveBack(entries: readonly StateEntry[]): void {
    for (const [key, value] of entries) {
      if (this.#changes?.has(key) === false) this.#changes.set(key, value)
    }
  }

  /** What is queued behind a number: at most so many, and not much more than `PAGE_BYTES_MAX`. */
  frames(channel: number, after: number, limit: number): MirroredFrame[] {
    const rows = this.#db
      .prepare(
        'SELECT seq, frame FROM cdc_queue WHERE channel = ? AND seq > ? ORDER BY seq LIMIT ?',
      )
      .iterate(channel, after, limit)
    const out: MirroredFrame[] = []
    let bytes = 0
    for (const row of rows) {
      const frame = Buffer.from(row['frame'] as Uint8Array)
      out.push({ seq: Number(row['seq']), frame })
      bytes += frame.length
      if (bytes >= PAGE_BYTES_MAX) break
    }
    return out
  }

  /** The number of the oldest that is queued; undefined: nothing is. */
  firstSeq(channel: number): number | undefined {
    const row = this.#db
      .prepare('SELECT seq FROM cdc_queue WHERE channel = ? ORDER BY seq LIMIT 1')
      .get(channel)
    return row === undefined ? undefined : Number(row['seq'])
  }

  restoreState(entries: Iterable<StateEntry>): void {
    this.#db.exec('BEGIN IMMEDIATE')
    for (const [key, value] of entries) if (value !== null) this.#restore(key, value)
    this.#db.exec('COMMIT')
  }

  /**
   * One transaction; what was written twice comes once. The same change under two numbers comes twice:
   * a stored position may lie between them, so that neither of them may be left out.
   */
  restoreFrames(channel: number, frames: readonly MirroredFrame[]): void {
    const insert = this.#db.prepare('INSERT OR IGNORE INTO cdc_queue VALUES (?, ?, ?, ?, ?)')
    this.#db.exec('BEGIN IMMEDIATE')
    this.#restoring ??= new SeenDigests(this.#db)
    for (const { seq, frame: bytes } of frames) {
      const frame = new Frame(bytes)
      this.#restoring.add(channel, frame.digest)
      insert.run(channel, seq, frame.partition, frame.readAtMs, bytes)
    }
    this.#db.exec('COMMIT')
  }

  /** The next number lies beyond every one that was given out. */
  restoreSequence(channel: number, last: number): void {
    const run =
      'INSERT INTO cdc_sequence VALUES (?, ?) ON CONFLICT (channel) DO UPDATE SET next = max(next, excluded.next)'
    this.#db.prepare(run).run(channel, last + 1)
  }

  #restore(key: string, value: string): void {
    const [what, ...names] = JSON.parse(key) as string[]
    const run = (sql: string, ...values: SQLInputValue[]) => this.#db.prepare(sql).run(...values)
    const [first = '', second = ''] = names
    switch (what) {
      case 'config':
        run('INSERT OR REPLACE INTO cdc_config VALUES (?, ?, ?)', first, second, value)
        break
      case 'node':
        run(`${UPSERT_NODE('record')}`, first, value)
        break
      case 'position':
        run(`${UPSERT_NODE('position')}`, first, value)
        break
      case 'schema':
        run('INSERT OR IGNORE INTO cdc_schemas VALUES (?, ?, ?)', first, second, value)
        break
      case 'sequence':
        this.restoreSequence(Number(first), Number(value))
    }
  }

  *#all(): Generator<StateEntry> {
    const rows = (sql: string) => this.#db.prepare(sql).all()
    for (const { kind, key, value } of rows('SELECT kind, key, value FROM cdc_config')) {
      if (OWN_KINDS.has(String(kind))) continue
      yield [stateKey.config(String(kind), String(key)), String(value)]
    }
    for (const row of rows('SELECT host_id, record, position FROM cdc_nodes')) {
      const id = String(row['host_id'])
      if (row['record'] !== null) yield [stateKey.node(id), String(row['record'])]
      if (row['position'] !== null) yield [stateKey.position(id), String(row['position'])]
    }
    for (const row of rows('SELECT table_id, hash, definition FROM cdc_schemas ORDER BY rowid')) {
      const key = stateKey.schema(String(row['table_id']), String(row['hash']))
      yield [key, String(row['definition'])]
    }
  }
}

const UPSERT_NODE = (column: 'record' | 'position') =>
  `INSERT INTO cdc_nodes (host_id, ${column}) VALUES (?, ?) ON CONFLICT (host_id) DO UPDATE SET ${column} = excluded.${column}`
