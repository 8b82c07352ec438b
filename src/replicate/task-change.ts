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
import { TASK_MODES, type WriteFields, writeFields } from './task-options.ts'
import { fieldError } from './task-target.ts'

const TASK: Readonly<Record<keyof TaskPatch, FieldCheck>> = {
  destination: TEXT,
  mode: oneOf(...TASK_MODES),
  options: OBJECT,
  confirm: TEXT,
  reload: FLAG,
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
  const { mode = 'incremental', options = {} } = draft
  const written =
    draft.query === undefined
      ? { mode, options, destination: draft.destination ?? toSnake(draft.table ?? '') }
      : fromText(draft.query, { mode, options })
  return {
    id: randomUUID(),
    table: draft.table ?? null,
    query: draft.query ?? null,
    ...{ ...written, enabled: true, columns: draft.columns ?? [], freshAt: null },
  }
}

/** A query names its table itself; its options stand above those that were given beside it. */
function fromText(
  query: string,
  given: Required<WriteFields>,
): Required<WriteFields> & Pick<TaskRecord, 'destination'> {
  const { destination, mode, options } = parseQuery(query)
  const isLosing = options.truncate === true || options.dropTable === true
  const own = isLosing ? mode : (mode ?? given.mode)
  const fields = writeFields({ mode: own, options: { ...given.options, ...options } })
  return { mode: 'incremental', options: {}, ...fields, destination }
}

/** Without what an earlier text said. */
function besideText({ query, mode, options = {} }: TaskRecord): Required<WriteFields> {
  const own = parseQuery(query ?? '')
  const isMode = [own.mode, own.options.truncate, own.options.dropTable].some(
    one => one !== undefined,
  )
  const kept = Object.entries(options).filter(([key]) => !Object.hasOwn(own.options, key))
  return { mode: isMode ? 'incremental' : mode, options: Object.fromEntries(kept) }
}

export function patched(task: TaskRecord, patch: TaskPatch): TaskRecord {
  const { query, confirm: _said, reload: _once, ...rest } = taskFields(patch)
  if (task.query === null) return { ...task, ...rest }
  const text = query ?? task.query
  const { mode, options } = { ...besideText(task), ...writeFields(rest) }
  return { ...task, ...rest, query: text, ...fromText(text, { mode, options }) }
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
