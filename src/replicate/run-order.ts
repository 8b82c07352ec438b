/**
 * What a run is asked for, checked: mode, tasks, consent to deletes; and the retry of an earlier run.
 * Pure; the replicator starts what it describes.
 * Invariant: a task that is named and not there is refused, never left out.
 * Spec: backlog-replication 2.16.
 */
import type { RunMode, RunRequest } from '../api-v1.ts'
import type { JobRecord, TaskRecord } from './job-record.ts'
import { type FieldCheck, FLAG, oneOf, pick, TEXTS } from './named-fields.ts'
import { fieldError } from './task-target.ts'

/** What is kept until the run ends, so that another worker can take it up. */
export interface RunOrder extends Omit<RunRequest, 'mode'> {
  readonly mode?: RunMode
  /** With the mode `retry`: the run whose rejected rows are tried again. */
  readonly retryOf?: string
}

const REQUEST: Readonly<Record<keyof RunRequest, FieldCheck>> = {
  mode: oneOf('incremental', 'full', 'reconcile', 'dry-run'),
  tasks: TEXTS,
  acceptDeletes: FLAG,
  drop: TEXTS,
}

export function runRequest(given: RunRequest): RunRequest {
  return pick(given, REQUEST)
}

/** In their order; throws when there are none and none can come. */
export function tasksOf(job: JobRecord, { tasks }: Pick<RunOrder, 'tasks'>): TaskRecord[] {
  const missing = tasks?.find(id => !job.tasks.some(one => one.id === id))
  if (missing !== undefined)
    throw fieldError('tasks', `tasks: job ${job.name} has no task ${missing}`)
  const isLeftOut = ({ table }: TaskRecord) =>
    job.type === 'sync_all' && table !== null && job.settings.exclude.includes(table)
  const chosen = job.tasks.filter(one =>
    tasks === undefined ? one.enabled && !isLeftOut(one) : tasks.includes(one.id),
  )
  // A job of all tables looks for more of them when it runs.
  const mayGrow = job.type === 'sync_all' && tasks === undefined
  if (chosen.length === 0 && !mayGrow)
    throw fieldError('tasks', `job ${job.name} has no task to run: add tasks first`)
  return chosen
}
