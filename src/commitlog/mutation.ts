/**
 * One decoded mutation in columns: rows and cells are runs of integers in two arrays, values are
 * ranges of the section's bytes. One instance is reused for every record of a segment, so nothing is
 * allocated per row or cell. Filled by MutationDecoder; read between two calls of the reader.
 * Invariant: ranges lie inside `bytes`; a reader keeps nothing of it over the next record without a
 * copy. Row and cell numbers are global to the mutation; an update owns `rowStart..rowEnd`, a row
 * its run of cells.
 */
import type { ColumnLayout } from './column-layout.ts'
import type { TableLayout } from './table-layout.ts'

export const ROW_KIND = { row: 0, staticRow: 1, marker: 2 } as const

/** Bits of `rowFlags`; those below 0x100 are the ones on disk. */
export const ROW_FLAG = { timestamp: 0x04, ttl: 0x08, deletion: 0x10, shadowable: 0x200 } as const

/** Bits of `cellFlags`; a complex deletion stands before the cells of its column. */
export const CELL_FLAG = {
  deleted: 0x01,
  expiring: 0x02,
  empty: 0x04,
  complexDeletion: 0x100,
} as const

/** Kinds of range tombstone markers; start and end follow the storage order (DESC turns it). */
export const BOUND_KIND = {
  exclusiveEnd: 0,
  inclusiveStart: 1,
  exclusiveEndInclusiveStart: 2,
  inclusiveEndExclusiveStart: 5,
  inclusiveEnd: 6,
  exclusiveStart: 7,
} as const

/** `ldt` of data that neither expires nor is deleted. */
export const NO_DELETION_TIME = 0xffff_ffff
/** TTL of a row that a materialized view removed: not an expiring insert. */
export const EXPIRED_LIVENESS_TTL = 0x7fff_ffff

/** Integers per row and their places. */
export const ROW = {
  stride: 16,
  kind: 0,
  flags: 1,
  clustering: 2,
  clusteringCount: 3,
  time: 4,
  ldt: 6,
  ttl: 7,
  deletion: 8,
  opening: 11,
  cellStart: 14,
  cellEnd: 15,
} as const

/** Integers per cell and their places. */
export const CELL = {
  stride: 10,
  column: 0,
  flags: 1,
  time: 2,
  ldt: 4,
  ttl: 5,
  pathStart: 6,
  pathEnd: 7,
  valueStart: 8,
  valueEnd: 9,
} as const

const INTEGERS_KEPT_MAX = 1 << 20

/** A deletion of a partition, a row or a range. */
export interface Deletion {
  readonly timestamp: bigint
  /** Seconds since the epoch. */
  readonly ldt: number
}

export interface PartitionUpdate {
  table: TableLayout
  /** Place among all updates of the record, also those that were not wanted. */
  index: number
  /** The update as logged: from its table id to its last byte. */
  start: number
  end: number
  keyStart: number
  keyEnd: number
  /** Deletion of the whole partition. */
  deletion: Deletion | undefined
  rowStart: number
  rowEnd: number
}

export class Mutation {
  /** The bytes that every range refers to; reused by the next record. */
  bytes: Buffer = Buffer.alloc(0)
  /** The mutation itself inside `bytes`. */
  start = 0
  end = 0
  segmentId = 0n
  /** Logical offset of the first byte after the record: Cassandra's CommitLogPosition. */
  position = 0
  /** Format of the file, 7 or 8: decides how `ldt` is read. */
  version = 8
  readonly updates: PartitionUpdate[] = []
  /** False when an update that is unknown or does not fit made itself and those after it unreadable. */
  isComplete = true
  /** Of an incomplete mutation: the update that ended it, by its index and where it starts. */
  failedIndex = 0
  failedStart = 0
  rows = new Int32Array(16 * ROW.stride)
  rowCount = 0
  cells = new Int32Array(64 * CELL.stride)
  cellCount = 0
  /** Clustering values, start and end each; -1 and -1 for null. */
  ranges = new Int32Array(64)
  rangeCount = 0

  clear(): void {
    this.updates.length = 0
    this.isComplete = true
    this.rowCount = 0
    this.cellCount = 0
    this.rangeCount = 0
    if (this.cells.length > INTEGERS_KEPT_MAX) this.cells = new Int32Array(64 * CELL.stride)
    if (this.rows.length > INTEGERS_KEPT_MAX) this.rows = new Int32Array(16 * ROW.stride)
    if (this.ranges.length > INTEGERS_KEPT_MAX) this.ranges = new Int32Array(64)
  }

  /** Adds a row of zeros and returns where its integers start. */
  addRow(): number {
    const at = this.rowCount++ * ROW.stride
    if (at + ROW.stride > this.rows.length) this.rows = grown(this.rows)
    this.rows.fill(0, at, at + ROW.stride)
    return at
  }

  /** Adds a cell, its integers not yet set, and returns where they start. */
  addCell(): number {
    const at = this.cellCount++ * CELL.stride
    if (at + CELL.stride > this.cells.length) this.cells = grown(this.cells)
    return at
  }

  addRange(start: number, end: number): void {
    const at = this.rangeCount++ * 2
    if (at + 2 > this.ranges.length) this.ranges = grown(this.ranges)
    this.ranges[at] = start
    this.ranges[at + 1] = end
  }

  rowKind(row: number): number {
    return this.rows[row * ROW.stride + ROW.kind]!
  }

  /** `ROW_FLAG` bits; the bound kind for a marker. */
  rowFlags(row: number): number {
    return this.rows[row * ROW.stride + ROW.flags]!
  }

  cellStart(row: number): number {
    return this.rows[row * ROW.stride + ROW.cellStart]!
  }

  cellEnd(row: number): number {
    return this.rows[row * ROW.stride + ROW.cellEnd]!
  }

  /** Write time of the row's primary key, which INSERT writes; undefined after UPDATE. */
  rowTimestamp(row: number): bigint | undefined {
    const at = row * ROW.stride
    if ((this.rows[at + ROW.flags]! & ROW_FLAG.timestamp) === 0) return undefined
    return joinHalves(this.rows, at + ROW.time)
  }

  /** Seconds to live of the row's primary key; 0: none. */
  rowTtl(row: number): number {
    return this.rows[row * ROW.stride + ROW.ttl]!
  }

  /** Second at which the row's primary key expires. */
  rowLdt(row: number): number {
    return this.#ldt(this.rows[row * ROW.stride + ROW.ldt]!)
  }

  /** Deletion of the whole row. */
  rowDeletion(row: number): Deletion | undefined {
    const at = row * ROW.stride
    if ((this.rows[at + ROW.flags]! & ROW_FLAG.deletion) === 0) return undefined
    return this.#deletion(at + ROW.deletion)
  }

  /** Of a marker: the deletion of its range; of a boundary: of the range that ends there. */
  markerDeletion(row: number): Deletion {
    return this.#deletion(row * ROW.stride + ROW.deletion)
  }

  /** Of a boundary: the deletion of the range that starts there. */
  openingDeletion(row: number): Deletion {
    return this.#deletion(row * ROW.stride + ROW.opening)
  }

  clusteringCount(row: number): number {
    return this.rows[row * ROW.stride + ROW.clusteringCount]!
  }

  /** Start of a clustering value in `bytes`; -1 for null. */
  clusteringStart(row: number, index: number): number {
    return this.ranges[(this.rows[row * ROW.stride + ROW.clustering]! + index) * 2]!
  }

  clusteringEnd(row: number, index: number): number {
    return this.ranges[(this.rows[row * ROW.stride + ROW.clustering]! + index) * 2 + 1]!
  }

  /** Position of the cell's column in the table's `columns`. */
  cellColumn(cell: number): number {
    return this.cells[cell * CELL.stride + CELL.column]!
  }

  columnOf(update: PartitionUpdate, cell: number): ColumnLayout {
    return update.table.columns[this.cellColumn(cell)]!
  }

  cellFlags(cell: number): number {
    return this.cells[cell * CELL.stride + CELL.flags]!
  }

  cellTimestamp(cell: number): bigint {
    return joinHalves(this.cells, cell * CELL.stride + CELL.time)
  }

  cellTtl(cell: number): number {
    return this.cells[cell * CELL.stride + CELL.ttl]!
  }

  /** Second of deletion or expiry. */
  cellLdt(cell: number): number {
    return this.#ldt(this.cells[cell * CELL.stride + CELL.ldt]!)
  }

  /** Start of the path in `bytes`; -1 in a simple column. */
  pathStart(cell: number): number {
    return this.cells[cell * CELL.stride + CELL.pathStart]!
  }

  pathEnd(cell: number): number {
    return this.cells[cell * CELL.stride + CELL.pathEnd]!
  }

  /** Start of the value in `bytes`; -1 in a tombstone. */
  valueStart(cell: number): number {
    return this.cells[cell * CELL.stride + CELL.valueStart]!
  }

  valueEnd(cell: number): number {
    return this.cells[cell * CELL.stride + CELL.valueEnd]!
  }

  /** A deletion whose integers start at `at` of the rows. */
  #deletion(at: number): Deletion {
    return { timestamp: joinHalves(this.rows, at), ldt: this.#ldt(this.rows[at + 2]!) }
  }

  #ldt(low: number): number {
    return toDeletionTime(low, this.version)
  }
}

/** The 64-bit number whose signed halves stand at `at`. */
export function joinHalves(integers: Int32Array, at: number): bigint {
  const high = integers[at]!
  const low = integers[at + 1]! >>> 0
  // Below 2^53 the sum is exact, and one conversion is cheaper than bigint arithmetic.
  if (high >= -0x20_0000 && high < 0x20_0000) return BigInt(high * 0x1_0000_0000 + low)
  return (BigInt(high) << 32n) + BigInt(low)
}

/** Seconds from the 32 bits of a file of that version; `NO_DELETION_TIME` for none. */
export function toDeletionTime(low: number, version: number): number {
  if (version >= 8) return low >>> 0
  return low === 0x7fff_ffff || low === -1 ? NO_DELETION_TIME : low
}

function grown(integers: Int32Array): Int32Array<ArrayBuffer> {
  const out = new Int32Array(integers.length * 2)
  out.set(integers)
  return out
}
