/**
 * Tasks from drafts, and tasks after a change. Pure; the replicator checks and stores the result.
 * Invariants: a task has either a table or a query, for ever; nothing but the named fields is kept.
 * Spec: backlog-replication 2.4.
 */
import { randomUUID } from 'node:crypto'
import type { ColumnSpec, TaskDraft, TaskPatch } from '../api-v1.ts'
import { unknown } from './errors.ts'
import type { JobRecord, TaskRecord } from './job-record.ts'
import { type FieldCheck, FLAG, listOf, OBJECT, oneOf, orNull, pick, TEXT } from './named-fields.ts'
import { parseQuery } from './query-text.ts'
import { toSnake } from './source-table.ts'
import { TASK_MODES, writeFields } from './task-options.ts'
import { fieldError } from './task-target.ts'

const TASK: Readonly<Record<keyof TaskPatch, FieldCheck>> = {
  destination: TEXT,
  mode: oneOf(...TASK_MODES),
  options: OBJECT,
  confirm: TEXT,
  columns: listOf(OBJECT, 'a list of columns'),
  enabled: FLAG,
  query: TEXT,
}

const COLUMN: Readonly<Record<keyof ColumnSpec, FieldCheck>> = {
  on: FLAG,
  source: orNull(TEXT),
  expression: orNull(TEXT),
  name: TEXT,
  type: TEXT,
  key: oneOf('none', 'partition', 'clustering_asc', 'clustering_desc'),
  onError: oneOf('null', 'fail_row', 'fail_task'),
}

export function newTask(given: TaskDraft): TaskRecord {
  const { table } = pick<TaskDraft>(given, { ...TASK, table: TEXT })
  const draft = { ...taskFields(given), ...(table === undefined ? {} : { table }) }
  if ((draft.table === undefined) === (draft.query === undefined))
    throw fieldError('table', 'a task has either a table or a query')
  // A query names its table itself.
  const destination =
    draft.query === undefined
      ? (draft.destination ?? toSnake(draft.table ?? ''))
      : parseQuery(draft.query).destination
  return {
    id: randomUUID(),
    table: draft.table ?? null,
    query: draft.query ?? null,
    destination,
    enabled: true,
    mode: draft.mode ?? 'incremental',
    options: draft.options ?? {},
    columns: draft.columns ?? [],
    freshAt: null,
  }
}

export function patched(task: TaskRecord, patch: TaskPatch): TaskRecord {
  const { query, confirm: _said, ...rest } = taskFields(patch)
  const isQuery = query !== undefined && task.table === null
  return {
    ...task,
    ...rest,
    ...(isQuery ? { query, destination: parseQuery(query).destination } : {}),
  }
}

function taskFields(given: TaskPatch): TaskPatch {
  const { columns, mode, options, ...rest } = pick(given, TASK)
  return {
    ...rest,
    ...writeFields({ mode, options }),
    ...(columns === undefined ? {} : { columns: columns.map(toColumn) }),
  }
}

function toColumn(given: ColumnSpec, index: number): ColumnSpec {
  const at = `columns.${index}.`
  const { on, name, type, key, ...rest } = pick(given, COLUMN, at)
  if (on === undefined || name === undefined || type === undefined || key === undefined)
    throw fieldError(`${at}name`, `column ${name ?? index + 1}: expected on, name, type and key`)
  return { on, source: null, expression: null, name, type, key, ...rest }
}

export function taskOf(job: JobRecord, id: string): TaskRecord {
  const task = job.tasks.find(one => one.id === id)
  if (task === undefined) throw unknown(`job ${job.name} has no task ${id}`)
  return task
}

export function kindOf(select: string | undefined): { queryKind?: 'full'; queryReason?: string } {
  if (select === undefined) return {}
  return {
    queryKind: 'full',
    queryReason:
      'Each run reads the tables of the query whole, computes the result anew, and writes only rows that changed.',
  }
}
