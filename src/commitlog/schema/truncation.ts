/**
 * TRUNCATE in the log: nothing is written for the table, but the node notes it in `system.local`.
 *
 *     truncated_at[table id] = segmentId i64 | position i32 | truncatedAtMillis i64
 *
 * Called for mutations of that table (`isTruncationTable`).
 * Spec: commit-log, section 9.5.
 */
import { CELL_FLAG, type Mutation, type PartitionUpdate } from '../mutation.ts'
import { readCellPath } from '../mutation-values.ts'

export interface Truncation {
  readonly tableId: string
  /** Where in the log: records of the table up to here are gone. */
  readonly segmentId: bigint
  readonly position: number
  readonly truncatedAtMs: bigint
}

const VALUE_BYTES = 20

/** The truncations that an update of system.local notes; usually none. */
export function readTruncations(mutation: Mutation, update: PartitionUpdate): Truncation[] {
  const out: Truncation[] = []
  for (let row = update.rowStart; row < update.rowEnd; row++) {
    for (let cell = mutation.cellStart(row); cell < mutation.cellEnd(row); cell++) {
      if (mutation.columnOf(update, cell).name !== 'truncated_at') continue
      if ((mutation.cellFlags(cell) & (CELL_FLAG.deleted | CELL_FLAG.complexDeletion)) !== 0)
        continue
      const at = mutation.valueStart(cell)
      if (mutation.valueEnd(cell) - at !== VALUE_BYTES) continue
      const { bytes } = mutation
      out.push({
        tableId: String(readCellPath(mutation, update, cell)),
        segmentId: bytes.readBigInt64BE(at),
        position: bytes.readInt32BE(at + 8),
        truncatedAtMs: bytes.readBigInt64BE(at + 12),
      })
    }
  }
  return out
}
