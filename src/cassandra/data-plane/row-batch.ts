/**
 * The bound rows of one delivery: encoded values in one arena, everything else in columns, so that
 * a million rows make no million objects. Filled by a sink, read by the write path.
 * A row's region is `[n][value]*n` exactly as EXECUTE and BATCH carry it, copied once more only,
 * into the connection's output buffer.
 * Invariant: untouched between `write` and its completion; one owner; reused through `reset`.
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import type { WriteStatement } from './write-statement.ts'

/** The row has no routing key: it may go to any node and is sent alone. */
export const FLAG_UNROUTED = 1
/** The row has no write timestamp of its own: rows of one key are sent one after the other. */
export const FLAG_ORDERED = 2

const INITIAL_ROWS = 1024
const INITIAL_ARENA_BYTES = 256 * 1024
/** An arena that grew beyond this is not kept for the next delivery. */
const ARENA_KEPT_BYTES = 8 * 1024 * 1024

export class RowBatch {
  arena = new ByteWriter(INITIAL_ARENA_BYTES)
  count = 0
  /** At least one row has FLAG_ORDERED. */
  hasOrdered = false
  recordIndex = new Int32Array(INITIAL_ROWS)
  start = new Int32Array(INITIAL_ROWS)
  end = new Int32Array(INITIAL_ROWS)
  tokenHigh = new Int32Array(INITIAL_ROWS)
  tokenLow = new Int32Array(INITIAL_ROWS)
  flags = new Uint8Array(INITIAL_ROWS)
  readonly statements: WriteStatement[] = []

  reset(): void {
    this.count = 0
    this.hasOrdered = false
    this.statements.length = 0
    if (this.arena.bytes.length > ARENA_KEPT_BYTES) this.arena = new ByteWriter(INITIAL_ARENA_BYTES)
    else this.arena.reset()
  }

  /**
   * Adds the row whose region is `arena[start..arena.position)`. The token is set by the caller
   * with `setToken` unless the row is unrouted.
   */
  add(statement: WriteStatement, recordIndex: number, start: number, flags: number): number {
    const row = this.count
    if (row === this.start.length) this.#grow()
    this.statements[row] = statement
    this.recordIndex[row] = recordIndex
    this.start[row] = start
    this.end[row] = this.arena.position
    this.flags[row] = flags
    if ((flags & FLAG_ORDERED) !== 0) this.hasOrdered = true
    this.count = row + 1
    return row
  }

  setToken(row: number, high: number, low: number): void {
    this.tokenHigh[row] = high
    this.tokenLow[row] = low
  }

  /** Bytes of the row's region. */
  sizeOf(row: number): number {
    return this.end[row]! - this.start[row]!
  }

  #grow(): void {
    const rows = this.start.length * 2
    this.recordIndex = grown(this.recordIndex, new Int32Array(rows))
    this.start = grown(this.start, new Int32Array(rows))
    this.end = grown(this.end, new Int32Array(rows))
    this.tokenHigh = grown(this.tokenHigh, new Int32Array(rows))
    this.tokenLow = grown(this.tokenLow, new Int32Array(rows))
    const flags = new Uint8Array(rows)
    flags.set(this.flags)
    this.flags = flags
  }
}

function grown(
  from: Int32Array<ArrayBuffer>,
  to: Int32Array<ArrayBuffer>,
): Int32Array<ArrayBuffer> {
  to.set(from)
  return to
}
