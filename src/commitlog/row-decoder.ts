/**
 * Decodes the items of a partition: rows, the static row and range tombstone markers.
 *
 *     row     flags [ext] clustering [ts] [ttl ldt] [deletion] [subset] column data
 *     marker  02 kind size:u16 clustering deletion [deletion]
 *
 * Invariant: every item takes at least one byte, so decoding ends; unknown bits and kinds throw.
 * Spec: commit-log, sections 6.3 to 6.6.
 */
import { decodeColumns, type RowShape } from './cell-decoder.ts'
import { type ColumnLayout, VARIABLE } from './column-layout.ts'
import { undecodable } from './errors.ts'
import { readUint8, readUint16, readUnsigned, skip, skipBytes } from './log-cursor.ts'
import { BOUND_KIND, ROW, ROW_FLAG, ROW_KIND } from './mutation.ts'
import type { UpdateContext } from './update-context.ts'

const END_OF_PARTITION = 0x01
const IS_MARKER = 0x02
const HAS_ALL_COLUMNS = 0x20
const HAS_COMPLEX_DELETION = 0x40
const EXTENSION = 0x80
const EXT_STATIC = 0x01
const EXT_SHADOWABLE = 0x02
const CLUSTERING_BATCH = 32

const BOUND_KINDS: ReadonlySet<number> = new Set(Object.values(BOUND_KIND))

const shape: RowShape = { at: 0, columns: [], hasAllColumns: false, hasComplexDeletion: false }

/** Reads one row or marker; false at the end of the partition. */
export function decodeItem(context: UpdateContext): boolean {
  const flags = readUint8(context.cursor)
  if ((flags & END_OF_PARTITION) !== 0) return false
  if ((flags & IS_MARKER) !== 0) decodeMarker(context)
  else {
    const extended = (flags & EXTENSION) === 0 ? 0 : readUint8(context.cursor)
    if ((extended & EXT_STATIC) !== 0) throw undecodable('expected a row, found a static row')
    decodeRow(context, flags, extended)
  }
  return true
}

/** Reads the static row, which stands before all others. */
export function decodeStaticRow(context: UpdateContext): void {
  const flags = readUint8(context.cursor)
  const extended = (flags & EXTENSION) === 0 ? 0 : readUint8(context.cursor)
  if ((extended & EXT_STATIC) === 0 || (flags & (END_OF_PARTITION | IS_MARKER)) !== 0) {
    throw undecodable(`expected a static row, found flags ${flags} at ${context.cursor.position}`)
  }
  decodeRow(context, flags, extended)
}

function decodeRow(context: UpdateContext, flags: number, extended: number): void {
  const { mutation, layout } = context
  const isStatic = (extended & EXT_STATIC) !== 0
  const rangeCount = mutation.rangeCount
  const at = mutation.addRow()
  const { rows } = mutation
  rows[at + ROW.kind] = isStatic ? ROW_KIND.staticRow : ROW_KIND.row
  rows[at + ROW.clustering] = rangeCount
  if (!isStatic) {
    const { clusteringKey } = layout!
    rows[at + ROW.clusteringCount] = clusteringKey.length
    readClustering(context, clusteringKey, clusteringKey.length)
  }
  let kept = flags & (ROW_FLAG.timestamp | ROW_FLAG.ttl | ROW_FLAG.deletion)
  rows[at + ROW.ldt] = -1
  if ((flags & ROW_FLAG.timestamp) !== 0) context.readTime(rows, at + ROW.time)
  if ((flags & ROW_FLAG.ttl) !== 0) {
    rows[at + ROW.ttl] = context.readTtl()
    rows[at + ROW.ldt] = context.readLdt()
  }
  if ((flags & ROW_FLAG.deletion) !== 0 && !context.readDeletion(rows, at + ROW.deletion)) {
    kept &= ~ROW_FLAG.deletion
  }
  if ((extended & EXT_SHADOWABLE) !== 0) kept |= ROW_FLAG.shadowable
  rows[at + ROW.flags] = kept
  rows[at + ROW.cellStart] = mutation.cellCount
  shape.at = at
  shape.columns = isStatic ? context.staticColumns : context.regularColumns
  shape.hasAllColumns = (flags & HAS_ALL_COLUMNS) !== 0
  shape.hasComplexDeletion = (flags & HAS_COMPLEX_DELETION) !== 0
  decodeColumns(context, shape)
  rows[at + ROW.cellEnd] = mutation.cellCount
  const isEmpty = mutation.cellCount === rows[at + ROW.cellStart]! && kept === 0
  if (!isEmpty) return
  // All of its cells belong to dropped columns: nothing is left that anyone wrote.
  mutation.rowCount--
  mutation.rangeCount = rangeCount
}

function decodeMarker(context: UpdateContext): void {
  const { cursor, mutation, layout } = context
  const kind = readUint8(cursor)
  const size = readUint16(cursor)
  const { clusteringKey } = layout!
  if (!BOUND_KINDS.has(kind) || size > clusteringKey.length) {
    throw undecodable(`expected a range tombstone bound, found kind ${kind}, ${size} values`)
  }
  const at = mutation.addRow()
  const { rows } = mutation
  rows[at + ROW.kind] = ROW_KIND.marker
  rows[at + ROW.flags] = kind
  rows[at + ROW.clustering] = mutation.rangeCount
  rows[at + ROW.clusteringCount] = size
  readClustering(context, clusteringKey, size)
  context.readDeletion(rows, at + ROW.deletion)
  if (isBoundary(kind)) context.readDeletion(rows, at + ROW.opening)
  rows[at + ROW.cellStart] = mutation.cellCount
  rows[at + ROW.cellEnd] = mutation.cellCount
}

function isBoundary(kind: number): boolean {
  return (
    kind === BOUND_KIND.exclusiveEndInclusiveStart || kind === BOUND_KIND.inclusiveEndExclusiveStart
  )
}

/** Reads `count` clustering values, 32 to a header of two bits each. */
function readClustering(context: UpdateContext, key: readonly ColumnLayout[], count: number): void {
  const { cursor, mutation } = context
  for (let first = 0; first < count; first += CLUSTERING_BATCH) {
    const last = Math.min(first + CLUSTERING_BATCH, count)
    readUnsigned(cursor)
    const { high, low } = cursor
    if (hasBitsAbove(high, low, (last - first) * 2)) {
      throw undecodable(`expected a header for ${last - first} values at ${cursor.position}`)
    }
    for (let i = first; i < last; i++) {
      const shift = (i - first) * 2
      const bits = (shift < 32 ? low >>> shift : high >>> (shift - 32)) & 3
      if ((bits & 2) !== 0) mutation.addRange(-1, -1)
      else if (bits === 1) mutation.addRange(cursor.position, cursor.position)
      else {
        const { fixedBytes } = key[i]!
        const start = fixedBytes === VARIABLE ? skipBytes(cursor) : skip(cursor, fixedBytes)
        mutation.addRange(start, cursor.position)
      }
    }
  }
}

function hasBitsAbove(high: number, low: number, bits: number): boolean {
  if (bits >= 64) return false
  if (bits >= 32) return high >>> (bits - 32) !== 0
  return high !== 0 || low >>> bits !== 0
}
