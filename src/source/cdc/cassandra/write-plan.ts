/**
 * A change as statements for a table in another cluster, each with the write time and the TTL that the
 * change had: written twice, or in any order, they lead to the same rows. Pure.
 * Used by DestinationWriter. What a statement cannot say alone (single elements of a list) is named
 * in `lists`: the list is read at its source and overwritten.
 * Spec: cdc-replication 1.6 (Cassandra destination).
 */
import { type Change, type DeleteChange, isRowChange, type RowChange } from '../change.ts'
import { cellWrites, type ListToRead } from './cell-writes.ts'
import { rangeConditions } from './range-conditions.ts'
import { type PlannedWrite, type PlanOptions, StatementBuilder } from './statement-builder.ts'

export interface WritePlan {
  readonly writes: readonly PlannedWrite[]
  readonly lists: readonly ListToRead[]
  /** Columns that the target does not have. */
  readonly missing: readonly string[]
}

export function planWrites(change: Change, options: PlanOptions): WritePlan {
  const builder = new StatementBuilder(options)
  if (!isRowChange(change)) {
    const write = deletion(change, options, builder)
    return { writes: [write], lists: [], missing: [] }
  }
  return rowPlan(change, options, builder)
}

function deletion(
  change: DeleteChange,
  { key, target }: PlanOptions,
  builder: StatementBuilder,
): PlannedWrite {
  const ts = change.timestamp
  if (change.op === 'delete_partition') return builder.remove(null, ts, key)
  if (change.op === 'delete_row') return builder.remove(null, ts, [...key, ...change.clustering])
  const conditions = rangeConditions(change.range, target.descending)
  return builder.remove(null, ts, key, conditions)
}

function rowPlan(change: RowChange, options: PlanOptions, builder: StatementBuilder): WritePlan {
  const { target, key, nowSeconds } = options
  const where = change.isStatic ? key : [...key, ...change.clustering]
  const known = change.columns.filter(one => target.columns.has(one.column.name))
  const missing = change.columns.filter(one => !target.columns.has(one.column.name))
  const cells = cellWrites(known, nowSeconds)
  const writes: PlannedWrite[] = []
  for (const { column, timestamp } of cells.removals) {
    writes.push(builder.remove(column, timestamp, where))
  }
  const isExpired = change.ttl !== 0 && change.expiresAt <= nowSeconds
  const liveness = change.op === 'insert' && !isExpired ? change.timestamp : undefined
  const livenessTtl = change.ttl === 0 ? 0 : change.expiresAt - nowSeconds
  let isInserted = liveness === undefined
  for (const { timestamp, ttl, assignments } of cells.groups) {
    const isOfRow = liveness === timestamp && livenessTtl === ttl
    const plain = isOfRow && !isInserted ? assignments.filter(one => one.set === 'value') : []
    if (isOfRow && !isInserted) {
      writes.push(builder.insert(plain, { timestamp, ttl }, where))
      isInserted = true
    }
    const rest = assignments.filter(one => !plain.includes(one))
    if (rest.length > 0) writes.push(builder.update(rest, { timestamp, ttl }, where))
  }
  if (!isInserted && liveness !== undefined) {
    writes.push(builder.insert([], { timestamp: liveness, ttl: livenessTtl }, where))
  }
  return { writes, lists: cells.lists, missing: missing.map(one => one.column.name) }
}
