/**
 * What changed in a table of the source since the last run, and what a task makes of it. Pure; the schema
 * desk keeps and tells the result.
 * Invariants: a column that is gone stays at the destination and is not written any more; a task goes on
 * with the columns and types that it had until somebody, or the setting of the job, says otherwise.
 * Spec: backlog-replication 2.11.
 */
import type { ColumnSpec, NewColumns, SchemaChange, SchemaWay } from '../api-v1.ts'
import type { TaskRecord } from './job-record.ts'
import { defaultColumns, type SourceColumn, type SourceTable, toSnake } from './source-table.ts'
import { nextName } from './task-plan.ts'

/** As it is kept between runs. */
export type KnownColumn = Pick<SourceColumn, 'name' | 'type' | 'cql'>

export type SchemaFinding = Pick<SchemaChange, 'kind' | 'column' | 'from' | 'to' | 'state'> & {
  readonly ways: readonly SchemaWay['how'][]
}

type Difference = Pick<SchemaFinding, 'column' | 'from' | 'to'> & {
  readonly kind: 'column_added' | 'column_removed' | 'type_widened' | 'type_narrowed'
  readonly name: string
}

/** Each type holds every value of those before it. */
const CHAINS = [
  ['tinyint', 'smallint', 'int', 'bigint', 'varint', 'decimal', 'text'],
  ['float', 'double', 'decimal', 'text'],
  ['date', 'timestamp', 'text'],
  ['ascii', 'text'],
]

/** Columns of custom fields have rules of their own. */
export function columnsToKnow({ columns }: SourceTable): KnownColumn[] {
  return columns
    .filter(one => one.field === undefined)
    .map(({ name, type, cql }) => ({ name, type, cql }))
}

export function differences(
  known: readonly KnownColumn[],
  now: readonly KnownColumn[],
): Difference[] {
  const before = new Map(known.map(one => [one.name, one]))
  const names = new Set(now.map(one => one.name))
  const found = now.flatMap(({ name, cql }): Difference[] => {
    const old = before.get(name)
    const of = { name, column: name, from: old?.cql ?? null, to: cql }
    if (old === undefined) return [{ kind: 'column_added', ...of }]
    if (old.cql === cql) return []
    return [{ kind: isWider(old.cql, cql) ? 'type_widened' : 'type_narrowed', ...of }]
  })
  const gone = known.filter(one => !names.has(one.name))
  return [
    ...found,
    ...gone.map(({ name, cql }): Difference => {
      return { kind: 'column_removed', name, column: name, from: cql, to: null }
    }),
  ]
}

function isWider(from: string, to: string): boolean {
  if (to === 'text') return true
  return CHAINS.some(chain => chain.includes(from) && chain.indexOf(to) > chain.indexOf(from))
}

/** The task as it goes on, and what is to be told. */
export function takenUp(
  task: TaskRecord,
  of: {
    readonly table: SourceTable
    readonly known: readonly KnownColumn[]
    readonly policy: NewColumns
  },
): { readonly task: TaskRecord; readonly findings: readonly SchemaFinding[] } {
  const { table, known, policy } = of
  const found = differences(known, columnsToKnow(table))
  const isPlain = task.columns.length === 0
  const findings = found.map(one => findingOf(one, { task, table, policy }))
  // Without columns of its own it takes those that come by itself.
  const isOnlyMore = policy === 'add' && found.every(one => one.kind === 'column_added')
  if (found.length === 0 || (isPlain && isOnlyMore)) return { task, findings }
  const names = new Set(known.map(one => one.name))
  const fields = table.columns.filter(one => one.field !== undefined)
  const withFields = task.options?.customFields === true
  let columns: readonly ColumnSpec[] = isPlain
    ? defaultColumns({ ...table, columns: [...known, ...fields] }, withFields)
    : task.columns
  for (const [index, one] of found.entries()) {
    if (one.kind === 'column_removed') columns = without(columns, one.name)
    else if (one.kind === 'column_added') {
      if (findings[index]!.state === 'applied') columns = withColumn(columns, table, one.name)
    } else if (findings[index]!.state === 'applied')
      columns = withSecond(columns, { source: one.name, type: one.to ?? '' })
    else if (names.has(one.name)) columns = pinned(columns, one.name)
  }
  return { task: { ...task, columns }, findings }
}

function findingOf(
  { name, ...one }: Difference,
  of: { readonly task: TaskRecord; readonly table: SourceTable; readonly policy: NewColumns },
): SchemaFinding {
  const { task, table, policy } = of
  const isKey = table.key.includes(name)
  const decided = { add: 'applied', ask: 'pending', ignore: 'ignored' } as const
  if (one.kind === 'column_removed') return { ...one, state: 'kept', ways: [] }
  if (one.kind === 'type_narrowed') return { ...one, state: 'ignored', ways: [] }
  if (one.kind === 'column_added') {
    const isTaken = task.columns.some(spec => spec.on && spec.source === name)
    return { ...one, state: isTaken ? 'applied' : decided[policy], ways: ['add'] }
  }
  // The key of a table cannot change, and cannot be there twice.
  const isApplied = policy === 'add' && !isKey
  const ways = isKey ? (['reload'] as const) : (['v2', 'reload'] as const)
  return {
    ...one,
    state: isApplied ? 'applied' : policy === 'ignore' ? 'ignored' : 'pending',
    ways,
  }
}

/** With the column of the source, as a new task has it. */
export function withColumn(
  columns: readonly ColumnSpec[],
  table: SourceTable,
  source: string,
): ColumnSpec[] {
  if (columns.some(one => one.source === source))
    return columns.map(one => (one.source === source ? { ...one, on: true } : one))
  const [spec] = defaultColumns({
    ...table,
    columns: table.columns.filter(one => one.name === source),
  })
  if (spec === undefined) return [...columns]
  const names = new Set(columns.map(one => one.name))
  let { name } = spec
  while (names.has(name)) name = nextName(name)
  return [...columns, { ...spec, name, key: 'none' }]
}

/** Another column is filled from now on; the one before keeps what it has. */
export function withSecond(
  columns: readonly ColumnSpec[],
  of: { readonly source: string; readonly type: string },
): ColumnSpec[] {
  return columns.map(one => {
    if (one.source !== of.source || one.key !== 'none') return one
    const { onError: _own, ...spec } = one
    return { ...spec, name: nextName(one.name || toSnake(of.source)), type: of.type }
  })
}

/** The column with the type that the source has now, for a table that is made anew. */
export function withType(
  columns: readonly ColumnSpec[],
  of: { readonly source: string; readonly type: string },
): ColumnSpec[] {
  return columns.map(one => {
    if (one.source !== of.source) return one
    const { onError: _own, ...spec } = one
    return { ...spec, type: of.type }
  })
}

function without(columns: readonly ColumnSpec[], source: string): ColumnSpec[] {
  // Without a column of the key there is no row: the run says so.
  return columns.map(one =>
    one.source === source && one.key === 'none' ? { ...one, on: false } : one,
  )
}

/** The type stays; a value that it cannot hold is a rejected row. */
function pinned(columns: readonly ColumnSpec[], source: string): ColumnSpec[] {
  return columns.map(one => (one.source === source ? { onError: 'fail_row', ...one } : one))
}
