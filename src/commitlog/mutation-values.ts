/**
 * JavaScript values of a decoded mutation, made only when asked for: keys, clusterings, cells.
 * Called by whoever turns mutations into events; raw copies need none of this, only the ranges.
 * Invariant: values are as the codecs of the protocol give them; nothing refers to the section's
 * bytes afterwards, except blobs, which are views (see the codec of blob).
 * Spec: commit-log, sections 6.1, 6.4 and 7.
 */
import type { CqlValue } from '../cql/index.ts'
import { counterTotal } from './counter-context.ts'
import { undecodable } from './errors.ts'
import { CELL_FLAG, type Mutation, type PartitionUpdate } from './mutation.ts'

/** Byte ranges of the partition key's columns, start and end each, in key order. */
export function keyRanges(mutation: Mutation, update: PartitionUpdate): number[] {
  const { bytes } = mutation
  const { keyStart, keyEnd } = update
  const count = update.table.partitionKey.length
  if (count === 1) return [keyStart, keyEnd]
  const out: number[] = []
  let at = keyStart
  for (let i = 0; i < count; i++) {
    const start = at + 2
    const end = start + ((bytes[at]! << 8) | bytes[at + 1]!)
    if (start > keyEnd || end + 1 > keyEnd) {
      throw undecodable(`expected a key of ${count} columns in ${keyEnd - keyStart} bytes`)
    }
    out.push(start, end)
    at = end + 1
  }
  return out
}

/** Values of the partition key, in key order. */
export function readPartitionKey(mutation: Mutation, update: PartitionUpdate): CqlValue[] {
  const ranges = keyRanges(mutation, update)
  return update.table.partitionKey.map(({ codec }, i) => {
    const start = ranges[i * 2]!
    return codec.decode(mutation.bytes, start, ranges[i * 2 + 1]! - start)
  })
}

/** Values of a row's clustering, or of a marker's bound, which may be shorter than the key. */
export function readClustering(
  mutation: Mutation,
  update: PartitionUpdate,
  row: number,
): CqlValue[] {
  const out: CqlValue[] = []
  const count = mutation.clusteringCount(row)
  for (let i = 0; i < count; i++) {
    const start = mutation.clusteringStart(row, i)
    const length = mutation.clusteringEnd(row, i) - start
    const { codec } = update.table.clusteringKey[i]!
    out.push(start < 0 ? null : codec.decode(mutation.bytes, start, length))
  }
  return out
}

/**
 * Value of a cell: the whole value of a simple column; element, map value or field of a complex one;
 * null for a tombstone; the total of the shards for a counter. A set's element is its path.
 */
export function readCellValue(mutation: Mutation, update: PartitionUpdate, cell: number): CqlValue {
  const start = mutation.valueStart(cell)
  if (start < 0 || (mutation.cellFlags(cell) & CELL_FLAG.deleted) !== 0) return null
  const { bytes } = mutation
  const end = mutation.valueEnd(cell)
  const column = mutation.columnOf(update, cell)
  if (column.type.kind === 'counter') return counterTotal(bytes, start, end)
  if (!column.isComplex || column.type.kind !== 'udt') {
    return column.codec.decode(bytes, start, end - start)
  }
  const field = column.fieldCodecs[readFieldIndex(mutation, cell)]
  if (field === undefined) {
    throw undecodable(`column ${column.name}: expected a known field, found a newer one`)
  }
  return field.decode(bytes, start, end - start)
}

/**
 * Path of a cell in a complex column: the timeuuid of a list element, the element of a set, the key
 * of a map, the index of a field; null in a simple column.
 */
export function readCellPath(mutation: Mutation, update: PartitionUpdate, cell: number): CqlValue {
  const start = mutation.pathStart(cell)
  if (start < 0) return null
  const { pathCodec } = mutation.columnOf(update, cell)
  return pathCodec.decode(mutation.bytes, start, mutation.pathEnd(cell) - start)
}

/** Position of a field in its user-defined type. */
function readFieldIndex(mutation: Mutation, cell: number): number {
  const at = mutation.pathStart(cell)
  if (mutation.pathEnd(cell) - at !== 2) throw undecodable('expected a field index of 2 bytes')
  return (mutation.bytes[at]! << 8) | mutation.bytes[at + 1]!
}
