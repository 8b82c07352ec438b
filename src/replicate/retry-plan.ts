/**
 * What is read again so that the rejected rows of a run are tried once more, and how they are noted
 * afterwards. Used by the replicator; the engine reads what the plan names.
 * Invariants: no value of a row is kept for this, only where the source has it; where that is not known of
 * every rejected row, all rows of the task are read; a row that was tried again says by which run.
 * Spec: backlog-replication 2.8, 2.13.
 */
import type { RejectedRow, RunInfo } from '../api-v1.ts'
import type { Store } from './store.ts'

/** Scopes of the source by task; undefined: all of them. */
export type RetryPlan = ReadonlyMap<string, readonly string[] | undefined>

export interface RejectedRecord extends Omit<RejectedRow, 'time' | 'retriedBy'> {
  /** Missing in records of older versions. */
  readonly scope?: string
  readonly retriedBy?: string
}

/** Of a run; of more of them the run only has their count. */
export const REJECTED_MAX = 1_000

/** Empty: there is nothing to be tried again. */
export function retryPlan(store: Store, run: RunInfo): RetryPlan {
  const plan = new Map<string, readonly string[] | undefined>()
  const records = recordsOf(store, run.id).map(one => one.record)
  for (const { taskId, rows } of run.tasks) {
    const own = records.filter(one => one.task === taskId)
    const left = own.filter(one => one.retriedBy === undefined)
    const areAllKept = own.length >= rows.rejected
    if (left.length === 0 && areAllKept) continue
    // Those that were not kept went with the retry of the others.
    if (left.length === 0 && own.length > 0) continue
    const isKnown = areAllKept && left.every(one => one.scope !== undefined)
    plan.set(taskId, isKnown ? [...new Set(left.map(one => one.scope ?? ''))] : undefined)
  }
  return plan
}

/** After the retry: tasks that read all they should tried their rows, whatever became of them. */
export function noteRetry(store: Store, runId: string, retry: RunInfo): void {
  const tried = new Set(
    retry.tasks
      .filter(one => ['SUCCESS', 'WARNING'].includes(one.state) && one.error === null)
      .map(one => one.taskId),
  )
  store.transaction(() => {
    for (const { id, record } of recordsOf(store, runId)) {
      if (!tried.has(record.task) || record.retriedBy !== undefined) continue
      store.putEvent(id, { ...record, retriedBy: retry.id })
    }
  })
}

function recordsOf(store: Store, runId: string): { id: number; record: RejectedRecord }[] {
  return store
    .events('rejected', { run: runId, limit: REJECTED_MAX })
    .map(({ id, json }) => ({ id, record: JSON.parse(json) as RejectedRecord }))
}
