/**
 * The snapshot of one queue partition of one channel: a token interval, chunk by chunk, and the chunks
 * whose older changes may still come. Pure but for the reader.
 * Used by TaskSnapshots. Invariants: chunks are closed in order; progress is told only for closed
 * chunks, so that a restart reads again whatever could still be overtaken.
 * Spec: cdc-replication 5, steps 2 to 4.
 */
import type { JsonValue, SourceOffset } from '../../../flow/index.ts'
import type { ChangeEvent } from '../delivery/change-event.ts'
import { QUEUE_PARTITIONS } from '../frame.ts'
import { HeldRows, type Verdict } from './held-rows.ts'
import type { ReadChunk } from './snapshot-reader.ts'
import type { CaptureStanding } from './snapshot-seam.ts'

/** Clocks of nodes and workers may differ by so much. */
const SKEW_MS = 2000

interface OpenChunk {
  readonly after: bigint
  readonly upTo: bigint
  readonly held: HeldRows
  readonly rows: number
  /** When it, or a partition of it, was read last. */
  endMs: number
  /** It is closed when the queue is read up to here; undefined: not known yet. */
  closingSeq: number | undefined
}

export class PartitionSnapshot {
  readonly partition: number
  /** Last token of the interval. */
  readonly to: bigint
  readonly #open: OpenChunk[] = []
  /** So far it had been read before the task began anew: the queue waits until it is again. */
  readonly #resumeTo: bigint
  #readUpTo: bigint
  #closedUpTo: bigint
  #closedRows: number

  constructor(partition: number, stored: SourceOffset | undefined) {
    this.partition = partition
    this.to = lowestToken(partition + 1) - 1n
    const token = stored?.['token']
    this.#closedUpTo = typeof token === 'string' ? BigInt(token) : lowestToken(partition) - 1n
    // The lowest token of all is nobody's.
    if (partition === 0 && token === undefined) this.#closedUpTo = lowestToken(0)
    this.#readUpTo = this.#closedUpTo
    const read = stored?.['read']
    this.#resumeTo = typeof read === 'string' ? BigInt(read) : this.#closedUpTo
    this.#closedRows = Number(stored?.['rows'] ?? 0)
  }

  /** Everything was read; chunks may be open. */
  get isRead(): boolean {
    return this.#readUpTo >= this.to
  }

  get isDone(): boolean {
    return this.#closedUpTo >= this.to
  }

  /** Rows were given that a change from before could still overtake. */
  get isBehind(): boolean {
    return this.#readUpTo < this.#resumeTo
  }

  get hasOpen(): boolean {
    return this.#open.length > 0
  }

  get openRows(): number {
    return this.#open.reduce((sum, chunk) => sum + chunk.rows, 0)
  }

  get rows(): number {
    return this.#closedRows + this.openRows
  }

  /** Of the interval, what was read; from 0 to 1. */
  get part(): number {
    const first = lowestToken(this.partition) - 1n
    return Number(this.#readUpTo - first) / Number(this.to - first)
  }

  /** Where the next chunk begins. */
  get after(): bigint {
    return this.#readUpTo
  }

  /** As it is stored: what lies before it need not be read again. */
  get offset(): SourceOffset {
    const offset: Record<string, JsonValue> = {
      token: this.#closedUpTo.toString(),
      read: this.#readUpTo.toString(),
      rows: this.#closedRows,
      done: this.isDone,
    }
    return offset
  }

  take({ rows, upTo, endMs }: ReadChunk): void {
    if (rows.length === 0 && !this.hasOpen) {
      // Of what is not there no change can be contained.
      this.#readUpTo = upTo
      this.#closedUpTo = upTo
      return
    }
    const held = new HeldRows()
    for (const row of rows) held.add(row)
    const [after, count] = [this.#readUpTo, rows.length]
    this.#open.push({ after, upTo, held, rows: count, endMs, closingSeq: undefined })
    this.#readUpTo = upTo
  }

  /** A chunk that is written with its own times: nothing older can overtake it. */
  pass({ rows, upTo }: ReadChunk): void {
    this.#readUpTo = upTo
    this.#closedUpTo = upTo
    this.#closedRows += rows.length
  }

  /** What a deletion covers was read again: a row, or the whole partition. */
  retake(token: bigint, { key, change }: ChangeEvent, { rows, endMs }: ReadChunk): void {
    const chunk = this.#chunkOf(token)
    if (chunk === undefined) return
    chunk.held.forget(key, change.clustering)
    for (const row of rows) chunk.held.add(row)
    chunk.endMs = endMs
    chunk.closingSeq = undefined
  }

  judge(token: bigint, event: ChangeEvent): Verdict {
    return this.#chunkOf(token)?.held.judge(event) ?? { kind: 'pass', event }
  }

  /** Notes up to where the queue must be given before a chunk is closed. */
  mark({ caughtUpMs, lastSeq }: CaptureStanding): void {
    for (const chunk of this.#open) {
      const isCaughtUp = caughtUpMs !== undefined && caughtUpMs >= chunk.endMs + SKEW_MS
      if (chunk.closingSeq === undefined && isCaughtUp) chunk.closingSeq = lastSeq
    }
  }

  /** Where the queue must be for the first open chunk; undefined: none is open, or it is not known. */
  get closingSeq(): number | undefined {
    return this.#open[0]?.closingSeq
  }

  /** Nothing older can follow the first open chunk any more. */
  closeFirst(): void {
    const first = this.#open.shift()
    if (first === undefined) return
    this.#closedUpTo = first.upTo
    this.#closedRows += first.rows
  }

  /** Nothing has to be waited for: there are no changes to be given. */
  closeAll(): boolean {
    const isAny = this.#open.length > 0
    this.#closedRows += this.openRows
    this.#open.length = 0
    this.#closedUpTo = this.#readUpTo
    return isAny
  }

  #chunkOf(token: bigint): OpenChunk | undefined {
    return this.#open.find(chunk => token > chunk.after && token <= chunk.upTo)
  }
}

/** Of a queue partition, as frames are dealt out to them. */
function lowestToken(partition: number): bigint {
  const count = BigInt(QUEUE_PARTITIONS)
  const scaled = (BigInt(partition) << 64n) + count - 1n
  return scaled / count - (1n << 63n)
}
