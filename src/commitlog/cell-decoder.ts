/**
 * Decodes the column data of a row into the cells of the mutation.
 *
 *     cell     flags [ts delta] [ldt delta] [ttl delta] [path] [value]
 *     complex  [deletion] count cell*
 *
 * Cells of a dropped column are decoded, to stay in step, and left out when they are older.
 * Invariant: an unknown flag bit means that the place in the stream is lost, and throws.
 * Spec: commit-log, sections 6.5 and 6.7.
 */
import { type ColumnLayout, VARIABLE } from './column-layout.ts'
import { undecodable } from './errors.ts'
import { readCount, readUint8, readUnsigned, skip, skipBytes } from './log-cursor.ts'
import { CELL, CELL_FLAG, ROW } from './mutation.ts'
import type { UpdateContext } from './update-context.ts'

const USE_ROW_TIMESTAMP = 0x08
const USE_ROW_TTL = 0x10
const CELL_FLAGS_END = 0x20
const BITMAP_COLUMNS_MAX = 63

/** What the cells of a row take from it. */
export interface RowShape {
  /** Where the row's integers start. */
  at: number
  columns: readonly ColumnLayout[]
  hasAllColumns: boolean
  hasComplexDeletion: boolean
}

/** Reads the column subset, if there is one, and the data of all columns of the row. */
export function decodeColumns(context: UpdateContext, shape: RowShape): void {
  const { columns } = shape
  const subset = shape.hasAllColumns ? -1 : readSubset(context, columns.length)
  const count = subset < 0 ? columns.length : subset
  for (let i = 0; i < count; i++) {
    const column = columns[subset < 0 ? i : context.present[i]!]!
    if (column.isComplex) decodeComplex(context, column, shape)
    else decodeCell(context, column, shape.at)
  }
}

function decodeComplex(context: UpdateContext, column: ColumnLayout, shape: RowShape): void {
  const { cursor, mutation } = context
  if (shape.hasComplexDeletion) {
    const at = mutation.addCell()
    const { cells } = mutation
    cells[at + CELL.column] = column.index
    cells[at + CELL.flags] = CELL_FLAG.complexDeletion
    const isReal = context.readDeletion(cells, at + CELL.time)
    cells[at + CELL.ttl] = 0
    cells.fill(-1, at + CELL.pathStart, at + CELL.stride)
    if (!isReal) mutation.cellCount--
    else dropIfOld(context, column)
  }
  const count = readCount(cursor)
  for (let i = 0; i < count; i++) decodeCell(context, column, shape.at)
}

function decodeCell(context: UpdateContext, column: ColumnLayout, rowAt: number): void {
  const { cursor, mutation } = context
  const at = mutation.addCell()
  const { cells, rows } = mutation
  const flags = readUint8(cursor)
  if (flags >= CELL_FLAGS_END) {
    throw undecodable(`expected the flags of a cell, found ${flags} at ${cursor.position - 1}`)
  }
  cells[at + CELL.column] = column.index
  cells[at + CELL.flags] = flags & 0x07
  if ((flags & USE_ROW_TIMESTAMP) === 0) context.readTime(cells, at + CELL.time)
  else {
    cells[at + CELL.time] = rows[rowAt + ROW.time]!
    cells[at + CELL.time + 1] = rows[rowAt + ROW.time + 1]!
  }
  decodeExpiry(context, { flags, at, rowAt })
  if (column.isComplex) {
    cells[at + CELL.pathStart] = skipBytes(cursor)
    cells[at + CELL.pathEnd] = cursor.position
  } else {
    cells[at + CELL.pathStart] = -1
    cells[at + CELL.pathEnd] = -1
  }
  decodeValue(context, column, { flags, at })
  if (column.droppedAt !== undefined) dropIfOld(context, column)
}

function decodeExpiry(
  context: UpdateContext,
  { flags, at, rowAt }: { flags: number; at: number; rowAt: number },
): void {
  const { cells, rows } = context.mutation
  if ((flags & USE_ROW_TTL) !== 0) {
    cells[at + CELL.ldt] = rows[rowAt + ROW.ldt]!
    cells[at + CELL.ttl] = rows[rowAt + ROW.ttl]!
    return
  }
  const hasLdt = (flags & (CELL_FLAG.deleted | CELL_FLAG.expiring)) !== 0
  // Without one, the bits for "none": all ones are that in both versions.
  cells[at + CELL.ldt] = hasLdt ? context.readLdt() : -1
  cells[at + CELL.ttl] = (flags & CELL_FLAG.expiring) === 0 ? 0 : context.readTtl()
}

function decodeValue(
  context: UpdateContext,
  column: ColumnLayout,
  { flags, at }: { flags: number; at: number },
): void {
  const { cursor, mutation } = context
  const { cells } = mutation
  if ((flags & CELL_FLAG.empty) !== 0) {
    const place = (flags & CELL_FLAG.deleted) !== 0 ? -1 : cursor.position
    cells[at + CELL.valueStart] = place
    cells[at + CELL.valueEnd] = place
    return
  }
  if ((flags & CELL_FLAG.deleted) !== 0) {
    throw undecodable(`expected a tombstone without a value at ${cursor.position}`)
  }
  const isFixed = column.fixedBytes !== VARIABLE && !column.isComplex
  cells[at + CELL.valueStart] = isFixed ? skip(cursor, column.fixedBytes) : skipBytes(cursor)
  cells[at + CELL.valueEnd] = cursor.position
}

function dropIfOld({ mutation }: UpdateContext, { droppedAt }: ColumnLayout): void {
  if (droppedAt === undefined) return
  if (mutation.cellTimestamp(mutation.cellCount - 1) <= droppedAt) mutation.cellCount--
}

/** Fills `context.present` and returns the count; -1 when the row has every column. */
function readSubset(context: UpdateContext, total: number): number {
  const { cursor } = context
  if (total > BITMAP_COLUMNS_MAX) return readLargeSubset(context, total)
  readUnsigned(cursor)
  const { high, low } = cursor
  if (high === 0 && low === 0) return -1
  const isTooHigh =
    total <= 32 ? high !== 0 || (total < 32 && low >>> total !== 0) : high >>> (total - 32) !== 0
  if (isTooHigh) throw undecodable(`expected a subset of ${total} columns at ${cursor.position}`)
  let count = 0
  for (let i = 0; i < total; i++) {
    const isMissing = i < 32 ? (low >>> i) & 1 : (high >>> (i - 32)) & 1
    if (isMissing === 0) context.present[count++] = i
  }
  return count
}

function readLargeSubset(context: UpdateContext, total: number): number {
  const { cursor } = context
  readUnsigned(cursor)
  const missing = cursor.low
  if (missing === 0 && cursor.high === 0) return -1
  if (cursor.high !== 0 || missing < 0 || missing > total) {
    throw undecodable(`expected at most ${total} missing columns at ${cursor.position}`)
  }
  if (context.present.length < total) context.present = new Int32Array(total)
  const count = total - missing
  if (count < Math.floor(total / 2)) {
    for (let i = 0, after = -1; i < count; i++) {
      after = readColumnIndex(context, after, total)
      context.present[i] = after
    }
    return count
  }
  let next = 0
  let out = 0
  for (let i = 0; i < missing; i++) {
    const absent = readColumnIndex(context, next - 1, total)
    while (next < absent) context.present[out++] = next++
    next = absent + 1
  }
  while (next < total) context.present[out++] = next++
  return out
}

/** Reads an index above `after` and below `total`. */
function readColumnIndex({ cursor }: UpdateContext, after: number, total: number): number {
  readUnsigned(cursor)
  if (cursor.high !== 0 || cursor.low <= after || cursor.low >= total) {
    throw undecodable(`expected the index of a column after ${after} at ${cursor.position}`)
  }
  return cursor.low
}
