/**
 * Tasks from drafts, and tasks after a change. Pure; the replicator checks and stores the result.
 * Invariant: a task has either a table or a query, for ever.
 * Spec: backlog-replication 2.4.
 */
import { randomUUID } from 'node:crypto'
import type { TaskDraft, TaskPatch } from '../api-v1.ts'
import { unknown } from './errors.ts'
import type { JobRecord, TaskRecord } from './job-record.ts'
import { parseQuery } from './query-text.ts'
import { toSnake } from './source-table.ts'
import { fieldError } from './task-target.ts'

export function newTask(draft: TaskDraft): TaskRecord {
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
    columns: draft.columns ?? [],
    freshAt: null,
  }
}

export function patched(task: TaskRecord, patch: TaskPatch): TaskRecord {
  const { query, ...rest } = patch
  const isQuery = query !== undefined && task.table === null
  return {
    ...task,
    ...(rest as Partial<TaskRecord>),
    ...(isQuery ? { query, destination: parseQuery(query).destination } : {}),
  }
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
