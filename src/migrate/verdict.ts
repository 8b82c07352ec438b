/**
 * What a validation found out about one row, and what became of it. Made by the second look, read by
 * the repairer and the report.
 * Invariant: rows are in the order of the plan that selects times.
 */
import { CellCursor } from '../cql/index.ts'
import type { Difference } from './compare-rows.ts'
import { pageOfRow, type RowCells } from './row-cells.ts'
import { largestTime } from './row-filter.ts'
import type { TablePlan } from './table-plan.ts'

export interface Verdict {
  readonly kind: 'equal' | 'gone' | 'unsettled' | 'missing' | 'extra' | 'mismatch'
  readonly keys: RowCells
  /** As the source has it, in its own encoding. */
  readonly source: RowCells | undefined
  readonly target: RowCells | undefined
  readonly differences: readonly Difference[]
}

export interface RepairResult {
  readonly isRepaired: boolean
  /** Why not: `shadowed`, `target-newer`, `not asked for`, or the server's text. */
  readonly note: string | undefined
}

/** Microseconds; undefined when no cell tells a time. */
export function rowTime(plan: TablePlan, row: RowCells): bigint | undefined {
  const cursor = new CellCursor(row.length)
  cursor.reset(pageOfRow(row))
  cursor.nextRow()
  return largestTime(plan, cursor)
}
