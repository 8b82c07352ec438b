/**
 * The state of capture in one SQLite file: configuration, nodes, table definitions, queues.
 * Opened once per worker by CaptureService; every call is synchronous and short.
 * Invariants: frames and the position up to which their log is settled are one transaction, so the
 * crash of the process neither loses nor repeats; the disk is waited for once a second, and by every
 * call that others rely on, so after the crash of the machine a second of the log is
 * read again; numbers that were given once are never given again, whatever a crash took back and
 * whichever backup was brought back: positions of connectors are stored elsewhere.
 * Spec: cdc-replication 1.2, 1.4.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import type { Delivered, QueuedFrame } from '../delivery/delivery-queue.ts'
import type { QueueCursor } from '../delivery/queue-cursor.ts'
import { CDC_ERRORS } from '../errors.ts'
import { Frame, QUEUE_PARTITIONS } from '../frame.ts'
import { type EmitRule, HeldFrames, type Offered } from './held-frames.ts'
import { type PageRequest, readPage, type SqlRow } from './queue-pages.ts'
import type { NodePosition } from './records.ts'
import { SeenDigests } from './seen-digests.ts'
import { OWN_KINDS, StateMirror, stateKey } from './state-mirror.ts'
import type { TableDefinition } from './table-definition.ts'

export interface QueueCount {
  readonly messages: number
  readonly bytes: number
  /** Of the oldest frame, when its record was read; undefined: the queue is empty. */
  readonly oldestAtMs: number | undefined
}

/** What one write brings: frames, with the channels that get each, and how far the node is. */
export interface Settlement {
  readonly hostId: string
  readonly position: NodePosition
  readonly frames: readonly { readonly frame: Frame; readonly channels: readonly number[] }[]
  /** Copies of other replicas are possible. */
  readonly isDeduplicated: boolean
  /** Who reads the log forgets what was taken: it must be on disk. @default false */
  readonly isDurable?: boolean
  /** Of channels that do not give the first copy at once. */
  readonly rules?: ReadonlyMap<number, EmitRule>
  /** Told of each that another replica had given before. */
  readonly onCopy?: (channel: number) => void
}

/** What was dropped from a queue that was full. */
export interface Dropped {
  readonly messages: number
  readonly fromMs: number
  readonly toMs: number
}

const SHRINK_FRAMES = 1000
const SYNC_MS = 1000
/** More than are queued between two waits for the disk. */
const SEQUENCE_JUMP = 100_000_000
/** Numbers begin with the time, in units that nobody queues as many of. */
const SEQUENCES_PER_MS = 1000
/** 16 MiB: what was delivered meanwhile is never written to the file itself. */
const CHECKPOINT_PAGES = 4000
export const STORE_FILE = 'capture.sqlite'
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS cdc_config (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key));
  CREATE TABLE IF NOT EXISTS cdc_nodes (host_id TEXT PRIMARY KEY, record TEXT, position TEXT);
  CREATE TABLE IF NOT EXISTS cdc_schemas (table_id TEXT, hash TEXT, definition TEXT, PRIMARY KEY (table_id, hash));
  CREATE TABLE IF NOT EXISTS cdc_queue (
    channel INTEGER, seq INTEGER, partition INTEGER, at INTEGER, frame BLOB, PRIMARY KEY (channel, seq)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS cdc_sequence (channel INTEGER PRIMARY KEY, next INTEGER);
`

export class CaptureStore {
  /** The same as records of topics. */
  readonly mirror: StateMirror
  readonly #db: DatabaseSync
  #seen: SeenDigests
  readonly #held: HeldFrames
  readonly #sequences = new Map<number, number>()
  readonly #statements = new Map<string, StatementSync>()
  /** Messages and bytes of each queue, so that nobody has to look through it. */
  readonly #sizes = new Map<number, { messages: number; bytes: number }>()
  #syncedMs = Number.NEGATIVE_INFINITY
  #isUnsynced = false
  readonly #firstSeq: number

  private constructor(db: DatabaseSync, nowMs: number) {
    this.#db = db
    this.#firstSeq = Math.max(1, nowMs * SEQUENCES_PER_MS)
    db.exec('PRAGMA busy_timeout = 200; PRAGMA locking_mode = EXCLUSIVE')
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    db.exec(SCHEMA)
    this.#seen = new SeenDigests(db)
    this.#held = new HeldFrames(db)
    this.mirror = new StateMirror(db)
    for (const { channel, next } of this.#all('SELECT channel, next FROM cdc_sequence')) {
      this.#sequences.set(Number(channel), Math.max(Number(next) + SEQUENCE_JUMP, this.#firstSeq))
    }
    this.#measure()
  }

  /** Throws when another process has it. */
  static open(directory: string, nowMs = Date.now()): CaptureStore {
    const path = join(directory, STORE_FILE)
    try {
      mkdirSync(directory, { recursive: true })
      const db = new DatabaseSync(path)
      // Changes of tables are in it.
      chmodSync(path, 0o600)
      return new CaptureStore(db, nowMs)
    } catch (cause) {
      const message = `expected to own the state of capture in ${path}: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.STATE, message, { cause })
    }
  }

  close(): void {
    this.#db.close()
  }

  readAll<T>(kind: string): T[] {
    const rows = this.#all('SELECT value FROM cdc_config WHERE kind = ? ORDER BY key', kind)
    return rows.map(row => JSON.parse(String(row['value'])) as T)
  }

  put(kind: string, key: string, value: unknown): void {
    const text = JSON.stringify(value)
    this.#run('INSERT OR REPLACE INTO cdc_config VALUES (?, ?, ?)', kind, key, text)
    if (!OWN_KINDS.has(kind)) this.mirror.note(stateKey.config(kind, key), text)
  }

  remove(kind: string, key: string): void {
    if (!OWN_KINDS.has(kind)) this.mirror.note(stateKey.config(kind, key), null)
    this.#run('DELETE FROM cdc_config WHERE kind = ? AND key = ?', kind, key)
  }

  /** Leaves nothing in the files of what was removed or replaced; takes as long as a copy of them. */
  scrub(): void {
    this.#db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
  }

  nodeRecords<T>(): T[] {
    const rows = this.#all('SELECT record FROM cdc_nodes WHERE record IS NOT NULL ORDER BY host_id')
    return rows.map(row => JSON.parse(String(row['record'])) as T)
  }

  putNode(hostId: string, record: unknown): void {
    const text = JSON.stringify(record)
    this.#run(
      'INSERT INTO cdc_nodes (host_id, record) VALUES (?, ?) ON CONFLICT (host_id) DO UPDATE SET record = excluded.record',
      ...[hostId, text],
    )
    this.mirror.note(stateKey.node(hostId), text)
  }

  position(hostId: string): NodePosition | undefined {
    const [row] = this.#all('SELECT position FROM cdc_nodes WHERE host_id = ?', hostId)
    const text = row?.['position']
    return typeof text === 'string' ? (JSON.parse(text) as NodePosition) : undefined
  }

  putPosition(hostId: string, position: NodePosition): void {
    this.#writePosition(hostId, position)
    this.mirror.note(stateKey.position(hostId), JSON.stringify(position))
    this.#syncedMs = performance.now()
  }

  #writePosition(hostId: string, position: NodePosition): void {
    this.#run(
      'INSERT INTO cdc_nodes (host_id, position) VALUES (?, ?) ON CONFLICT (host_id) DO UPDATE SET position = excluded.position',
      ...[hostId, JSON.stringify(position)],
    )
  }

  /** Written before the first frame that needs it. */
  putDefinition({ tableId, hash, text }: TableDefinition): void {
    this.#run('INSERT OR IGNORE INTO cdc_schemas VALUES (?, ?, ?)', tableId, String(hash), text)
    this.mirror.note(stateKey.schema(tableId, String(hash)), text)
  }

  definition(tableId: string, hash: bigint): string | undefined {
    const [row] = this.#all(
      'SELECT definition FROM cdc_schemas WHERE table_id = ? AND hash = ?',
      ...[tableId, String(hash)],
    )
    return row === undefined ? undefined : String(row['definition'])
  }

  /** Which of a table's definitions this is, from 1. */
  definitionNumber(tableId: string, hash: bigint): number {
    const rows = this.#all(
      'SELECT hash FROM cdc_schemas WHERE table_id = ? ORDER BY rowid',
      tableId,
    )
    return rows.findIndex(row => row['hash'] === String(hash)) + 1
  }

  /** Queues and advances in one transaction; returns the number of copies that were known. */
  settle(settlement: Settlement): number {
    const { isDurable = false, frames, isDeduplicated, rules } = settlement
    if (isDeduplicated && rules !== undefined && rules.size > 0) this.#held.checkRoom()
    // A channel's first number must be on the disk: numbers jump from what is known there.
    const isFirst = frames.some(one => one.channels.some(id => !this.#sequences.has(id)))
    if (isDurable || isFirst || performance.now() - this.#syncedMs >= SYNC_MS) {
      return this.#settle(settlement)
    }
    return this.#unsynced(() => this.#settle(settlement))
  }

  #settle({ hostId, position, frames, isDeduplicated, rules, onCopy }: Settlement): number {
    let copies = 0
    this.#transaction(() => {
      for (const { frame, channels } of frames) {
        for (const channel of channels) {
          const rule = isDeduplicated ? rules?.get(channel) : undefined
          const { frame: given, isCopy } =
            rule === undefined
              ? this.#first(channel, frame, isDeduplicated)
              : this.#held.offer(channel, frame, rule, this.#seen)
          if (given !== undefined) this.#append(channel, given)
          if (!isCopy) continue
          copies++
          onCopy?.(channel)
        }
      }
      this.#writeSequences(new Set(frames.flatMap(one => one.channels)))
      this.#writePosition(hostId, position)
    })
    // Only now: a position without its frames would be a gap.
    this.mirror.note(stateKey.position(hostId), JSON.stringify(position))
    return copies
  }

  #first(channel: number, frame: Frame, isDeduplicated: boolean): Offered {
    const isNew = !isDeduplicated || this.#seen.add(channel, frame.digest)
    return { frame: isNew ? frame : undefined, isCopy: !isNew }
  }

  /** Queues what has waited for copies since before a moment, marked; the number of changes. */
  releaseHeld(channel: number, beforeMs: number, flag: number): number {
    if (this.#held.count === 0) return 0
    let count = 0
    this.#transaction(() => {
      for (const frame of this.#held.release(channel, beforeMs, this.#seen)) {
        frame.mark(flag)
        this.#append(channel, frame)
        count++
      }
      this.#writeSequences([channel])
    })
    return count
  }

  /** Since when the oldest waits for copies; undefined: none does. */
  oldestHeldMs(channel: number): number | undefined {
    return this.#held.oldestMs(channel)
  }

  /** Of a channel that is deleted. */
  dropHeld(channel: number): void {
    this.#held.drop(channel)
  }

  #writeSequences(channels: Iterable<number>): void {
    for (const channel of channels) {
      const next = this.#sequences.get(channel) ?? this.#firstSeq
      this.#run('INSERT OR REPLACE INTO cdc_sequence VALUES (?, ?)', channel, next)
    }
  }

  /** Frames after `after`, in order, of these partitions. */
  read(
    channel: number,
    { after, ...rest }: { after: number; partitions: readonly number[]; limit: number },
  ): readonly QueuedFrame[] {
    return this.page(channel, { ...rest, cursor: { after, done: [] }, sliceMs: undefined }).frames
  }

  /** What a deliverer takes next. */
  page(channel: number, request: PageRequest): { from: number; frames: readonly QueuedFrame[] } {
    // Stretches stand in the text: it is another one each time.
    const isPlain = request.cursor.done.length === 0
    const query = (sql: string, ...values: SQLInputValue[]) =>
      isPlain ? this.#all(sql, ...values) : this.#db.prepare(sql).all(...values)
    const { from, rows } = readPage(query, channel, request)
    return { from, frames: rows.map(toQueued) }
  }

  /** Forgets what was delivered of a partition; returns the number of frames. */
  trim(channel: number, partition: number, { after, done }: QueueCursor): number {
    let messages = 0
    for (const [from, to] of [[0, after] as const, ...done]) {
      messages += this.#delete('partition = ? AND seq BETWEEN ? AND ?', channel, [
        ...[partition, from, to],
      ])
    }
    return messages
  }

  /** The same of several partitions: one look through each queue, one wait for the disk. */
  trimAll(done: readonly Delivered[]): Map<number, number> {
    const messages = new Map<number, number>()
    const count = (channel: number, frames: number) => {
      messages.set(channel, (messages.get(channel) ?? 0) + frames)
    }
    this.#transaction(() => {
      for (const [channel, ends] of endsByChannel(done)) {
        const last = Math.max(...ends)
        count(channel, this.#delete(UP_TO_ENDS, channel, [last, ...ends]))
      }
      for (const { channelId, partition, cursor } of done) {
        if (cursor.done.length > 0) count(channelId, this.trim(channelId, partition, cursor))
      }
    })
    return messages
  }

  /** Drops everything that is queued now, or waits for copies; the number of changes. */
  truncate(channel: number): number {
    let messages = 0
    this.#transaction(() => {
      messages = this.#delete('TRUE', channel, []) + this.#held.drop(channel, this.#seen)
    })
    return messages
  }

  /** Drops the oldest until no more than `bytesMax` are queued. */
  shrink(channel: number, bytesMax: number): Dropped | undefined {
    let dropped: Dropped | undefined
    while ((this.#sizes.get(channel)?.bytes ?? 0) > bytesMax) {
      const [edge] = this.#all(
        'SELECT min(at) AS oldest, max(at) AS newest, max(seq) AS last FROM (SELECT seq, at FROM cdc_queue WHERE channel = ? ORDER BY seq LIMIT ?)',
        ...[channel, SHRINK_FRAMES],
      )
      if (edge?.['last'] == null) break
      const messages = this.#delete('seq <= ?', channel, [Number(edge['last'])])
      dropped = {
        messages: messages + (dropped?.messages ?? 0),
        fromMs: dropped?.fromMs ?? Number(edge['oldest']),
        toMs: Number(edge['newest']),
      }
    }
    return dropped
  }

  count(channel: number): QueueCount {
    const { messages = 0, bytes = 0 } = this.#sizes.get(channel) ?? {}
    const [row] = this.#all(
      'SELECT at FROM cdc_queue WHERE channel = ? ORDER BY seq LIMIT 1',
      channel,
    )
    const oldest = row?.['at']
    return { messages, bytes, oldestAtMs: typeof oldest === 'number' ? oldest : undefined }
  }

  /** The last number that was given out in a queue. */
  lastSeq(channel: number): number {
    return (this.#sequences.get(channel) ?? 1) - 1
  }

  /** A frame of the partition with a number in `(after, upTo]` is still there. */
  isQueued(
    channel: number,
    stretch: { readonly partition: number; readonly after: number; readonly upTo: number },
  ): boolean {
    const { partition, after, upTo } = stretch
    const found = this.#all(
      'SELECT 1 FROM cdc_queue WHERE channel = ? AND seq > ? AND seq <= ? AND partition = ? LIMIT 1',
      ...[channel, after, upTo, partition],
    )
    return found.length > 0
  }

  /** A number that no channel had before. */
  nextChannelId(): number {
    const [row] = this.#all(
      `SELECT value FROM cdc_config WHERE kind = 'counter' AND key = 'channel'`,
    )
    const next = row === undefined ? 1 : Number(row['value']) + 1
    this.put('counter', 'channel', next)
    return next
  }

  #append(channel: number, frame: Frame): void {
    const seq = this.#sequences.get(channel) ?? this.#firstSeq
    this.#sequences.set(channel, seq + 1)
    this.#run(
      'INSERT INTO cdc_queue VALUES (?, ?, ?, ?, ?)',
      ...[channel, seq, frame.partition, frame.readAtMs, frame.bytes],
    )
    this.#resize(channel, 1, frame.bytes.length)
  }

  #delete(where: string, channel: number, values: readonly SQLInputValue[]): number {
    const from = `FROM cdc_queue WHERE channel = ? AND ${where}`
    const sums = 'SELECT count(*) AS n, coalesce(sum(length(frame)), 0) AS bytes'
    const [sum] = this.#all(`${sums} ${from}`, channel, ...values)
    const messages = Number(sum?.['n'] ?? 0)
    if (messages === 0) return 0
    this.#run(`DELETE ${from}`, channel, ...values)
    this.#resize(channel, -messages, -Number(sum?.['bytes']))
    return messages
  }

  #resize(channel: number, messages: number, bytes: number): void {
    const size = this.#sizes.get(channel) ?? { messages: 0, bytes: 0 }
    size.messages += messages
    size.bytes += bytes
    this.#sizes.set(channel, size)
  }

  #measure(): void {
    this.#sizes.clear()
    const sums = 'SELECT channel, count(*) AS n, sum(length(frame)) AS bytes'
    for (const row of this.#all(`${sums} FROM cdc_queue GROUP BY channel`)) {
      this.#resize(Number(row['channel']), Number(row['n']), Number(row['bytes']))
    }
  }

  /** Its transaction is on disk with the next that waits for the disk. */
  #unsynced<T>(work: () => T): T {
    this.#db.exec('PRAGMA synchronous = NORMAL')
    this.#isUnsynced = true
    try {
      return work()
    } finally {
      this.#isUnsynced = false
      this.#db.exec('PRAGMA synchronous = FULL')
    }
  }

  #transaction(work: () => void): void {
    const before = new Map(this.#sequences)
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#db.exec('COMMIT')
      if (!this.#isUnsynced) this.#syncedMs = performance.now()
    } catch (cause) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      this.#sequences.clear()
      for (const [channel, next] of before) this.#sequences.set(channel, next)
      this.#seen = new SeenDigests(this.#db)
      this.#held.recount()
      this.#measure()
      const message = `the queue was not written: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.QUEUE_UNAVAILABLE, message, { cause })
    }
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes)
  }

  #all(sql: string, ...values: SQLInputValue[]) {
    return this.#statement(sql).all(...values)
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

const PARTITIONS = Array.from({ length: QUEUE_PARTITIONS }, (_, i) => i)
const UP_TO_ENDS = `seq <= ? AND seq <= CASE partition ${PARTITIONS.map(i => `WHEN ${i} THEN ?`).join(' ')} ELSE 0 END`

/** Per channel the last number of each partition that was delivered; 0: nothing is told of it. */
function endsByChannel(done: readonly Delivered[]): Map<number, number[]> {
  const out = new Map<number, number[]>()
  for (const { channelId, partition, cursor } of done) {
    const ends = out.get(channelId) ?? PARTITIONS.map(() => 0)
    const end = ends[partition]
    if (end === undefined) continue
    ends[partition] = Math.max(end, cursor.after)
    out.set(channelId, ends)
  }
  return out
}

function toQueued(row: SqlRow): QueuedFrame {
  const bytes = row['frame'] as Uint8Array
  const frame = new Frame(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  return { seq: Number(row['seq']), partition: Number(row['partition']), frame }
}
