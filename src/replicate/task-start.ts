/**
 * The start of a task: rows whose check column is before it are left as they are, neither written nor
 * deleted. Checked when the task is set up; asked for every row of a page by table-reading.ts.
 * Invariant: a row that does not say when it changed is taken.
 * Spec: backlog-replication 1.8, 2.6 (check_column, start).
 */
import type { TaskRecord } from './job-record.ts'
import type { SourceTable } from './source-table.ts'
import type { Value } from './sql-engine.ts'
import { fieldError } from './task-target.ts'

const TIMES: ReadonlySet<string> = new Set(['timestamp', 'date'])

/** Undefined: the task takes every row. */
export type IsEarly = ((row: readonly Value[]) => boolean) | undefined

/** Throws when the table has no such column. */
export function isEarlyOf({ options = {} }: TaskRecord, table: SourceTable): IsEarly {
  const { checkColumn, start } = options
  const name = checkColumn ?? table.info.checkColumn
  const found = table.columns.findIndex(one => one.name.toLowerCase() === name?.toLowerCase())
  const times = table.columns.filter(one => TIMES.has(one.type)).map(one => one.name)
  const isTime = TIMES.has(table.columns[found]?.type ?? '')
  if (checkColumn !== undefined && !isTime)
    throw fieldError(
      'options.checkColumn',
      `options.checkColumn: ${table.name} has no column ${checkColumn} that is a time; there are ${times.join(', ') || 'none'}`,
    )
  if (start === undefined) return undefined
  if (!isTime)
    throw fieldError(
      'options.start',
      `options.start: ${table.name} does not say when a row changed; name the column by checkColumn: ${times.join(', ') || 'there is none'}`,
    )
  const startMs = Date.parse(
    start.includes('T') && !/(Z|[+-]\d\d:\d\d)$/.test(start) ? `${start}Z` : start,
  )
  return row => {
    const value = row[found]
    return typeof value === 'string' && Date.parse(value) < startMs
  }
}

/** A query that is computed over all rows chooses them itself. */
export function refuseStart({ options = {} }: TaskRecord): void {
  const { start, checkColumn } = options
  if (start === undefined && checkColumn === undefined) return
  const field = start === undefined ? 'options.checkColumn' : 'options.start'
  throw fieldError(field, `${field}: this query is computed over all rows; write it into its WHERE`)
}
