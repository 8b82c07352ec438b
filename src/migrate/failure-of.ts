/**
 * A row that differs as the report shows it: key, both rows and the differences as values of JSON.
 * Called for settled verdicts only, so rows are few.
 * Invariant: each side is shown with its own names and types.
 */
import type { RowCells } from './row-cells.ts'
import type { PlanColumn, TablePlan } from './table-plan.ts'
import type { Failure } from './validate-report.ts'
import { cellJson, type JsonValue } from './value-text.ts'
import type { RepairResult, Verdict } from './verdict.ts'

type Side = 'source' | 'target'

export function failureOf(
  plan: TablePlan,
  verdict: Verdict & { readonly kind: 'missing' | 'extra' | 'mismatch' },
  result: RepairResult | undefined,
): Failure {
  const { keyspace, name: table } = plan.source
  return {
    ...{ kind: verdict.kind, keyspace, table, isRepaired: result?.isRepaired === true },
    key: show(plan.keys, verdict.keys, 'source'),
    source: rowOf(plan, verdict.source, 'source'),
    target: rowOf(plan, verdict.target, 'target'),
    differences: verdict.differences.map(one => ({ ...one, difference: one.difference ?? null })),
    note: result?.note ?? null,
  }
}

/** As `repairKeys` names the row. */
export function keyTextOf(plan: TablePlan, keys: RowCells): string {
  return JSON.stringify(show(plan.keys, keys, 'source'))
}

function rowOf(plan: TablePlan, row: RowCells | undefined, side: Side): Failure['source'] {
  return row === undefined ? null : show([...plan.regulars, ...plan.statics], row, side)
}

function show(
  columns: readonly PlanColumn[],
  row: RowCells,
  side: Side,
): Record<string, JsonValue> {
  const out: Record<string, JsonValue> = {}
  for (const column of columns) {
    const cell = row[column.index] ?? null
    const { name, type } = column[side]
    out[name] = cell === null ? null : cellJson(type, cell, { start: 0, length: cell.length })
  }
  return out
}
