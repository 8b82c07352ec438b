/**
 * What the decoding of one partition update shares: the input, the output and the base values to
 * which all times in the update are differences. One instance per decoder, reused.
 * Invariant: sums are modulo 2^64 for timestamps and 2^32 for deletion times and TTLs.
 * Spec: commit-log, sections 5 and 6.1.
 */
import type { ColumnLayout } from './column-layout.ts'
import { LogCursor, readUnsigned } from './log-cursor.ts'
import { Mutation } from './mutation.ts'
import type { TableLayout } from './table-layout.ts'

const TIMESTAMP_EPOCH = 1_442_880_000_000_000
const DELETION_EPOCH = 1_442_880_000
const EPOCH_HIGH = Math.floor(TIMESTAMP_EPOCH / 0x1_0000_0000)
const EPOCH_LOW = (TIMESTAMP_EPOCH % 0x1_0000_0000) | 0

const NO_COLUMNS: readonly ColumnLayout[] = []

export class UpdateContext {
  readonly cursor = new LogCursor()
  mutation = new Mutation()
  layout: TableLayout | undefined
  staticColumns = NO_COLUMNS
  regularColumns = NO_COLUMNS
  /** Indexes of the columns that the present row has, when it has not all. */
  present = new Int32Array(64)
  #timeHigh = 0
  #timeLow = 0
  #ldt = 0
  #ttl = 0

  beginUpdate(layout: TableLayout): void {
    this.layout = layout
    this.staticColumns = NO_COLUMNS
    this.regularColumns = NO_COLUMNS
  }

  /** Reads the three base values of the update. */
  readBases(): void {
    this.#timeHigh = EPOCH_HIGH
    this.#timeLow = EPOCH_LOW
    this.#ldt = DELETION_EPOCH
    this.#ttl = 0
    const { cursor } = this
    readUnsigned(cursor)
    const low = (EPOCH_LOW >>> 0) + (cursor.low >>> 0)
    this.#timeHigh = (EPOCH_HIGH + cursor.high + (low > 0xffff_ffff ? 1 : 0)) | 0
    this.#timeLow = low | 0
    this.#ldt = this.readLdt()
    this.#ttl = this.readTtl()
  }

  /** Reads a timestamp and stores its halves at `at`. */
  readTime(into: Int32Array, at: number): void {
    const { cursor } = this
    readUnsigned(cursor)
    const low = (this.#timeLow >>> 0) + (cursor.low >>> 0)
    into[at] = this.#timeHigh + cursor.high + (low > 0xffff_ffff ? 1 : 0)
    into[at + 1] = low
  }

  /** Reads a local deletion time; signed 32 bits, to be read by version. */
  readLdt(): number {
    readUnsigned(this.cursor)
    return (this.#ldt + this.cursor.low) | 0
  }

  readTtl(): number {
    readUnsigned(this.cursor)
    return (this.#ttl + this.cursor.low) | 0
  }

  /** Reads a deletion into three integers; false, when it is the placeholder for none. */
  readDeletion(into: Int32Array, at: number): boolean {
    this.readTime(into, at)
    into[at + 2] = this.readLdt()
    return into[at] !== -0x8000_0000 || into[at + 1] !== 0
  }
}
