/**
 * Runs that the end of a process cut off: told as failed at the next start; in a group of workers told as
 * cancelled, and taken up by the worker that has the jobs then. Part of the replicator.
 * Invariants: a run that was cut off stays so, what goes on is a run of its own; of a job whose runs are
 * cut off again and again the last is told as failed, and it is left to its schedule or a person.
 * Spec: backlog-replication 2.8, 2.10; docs/adr/0033-replication-in-a-worker-group.md.
 */
import type { RunInfo, RunState } from '../api-v1.ts'
import type { RunOrder } from './run-order.ts'
import type { Store } from './store.ts'

/** Runs of one job, one after the other, that may be cut off and are still taken up. */
const TAKEN_UP_MAX = 3
const REQUEST = 'run-request'
const ENDED_ALONE = 'the server ended during this run; the next run goes on where it was'
const ENDED_IN_GROUP = 'its worker ended during this run; another run goes on where it was'

/** Those that nobody runs, now told as ended, and those that nobody took up then; the oldest first. */
export function cutOffRuns(store: Store, isHeld = (_jobId: string) => false): RunInfo[] {
  const error = store.isShared ? ENDED_IN_GROUP : ENDED_ALONE
  const left = leftRuns(store)
  const finishedAt = new Date().toISOString()
  const open = store.openRuns<RunInfo>().filter(one => !isHeld(one.jobId))
  const ended = open.map(run => {
    const state: RunState = store.isShared && isTakenUp(store, run) ? 'CANCELLED' : 'FAILED'
    const ended = { ...run, state, error, finishedAt }
    store.putRun(ended)
    return ended
  })
  return [...left, ...ended]
}

/** Of a job that this process is about to run: the one that had it before is gone. */
export function endLeftRuns(store: Store, jobId: string): void {
  for (const run of store.openRuns<RunInfo>()) {
    if (run.jobId !== jobId) continue
    const finishedAt = new Date().toISOString()
    const ended: RunInfo = { ...run, state: 'FAILED', error: ENDED_ALONE, finishedAt }
    store.putRun(ended)
  }
}

/** Told as ended by a worker that ended itself before it took them up. */
function leftRuns(store: Store): RunInfo[] {
  const left = store.ids(REQUEST).flatMap(id => {
    const run = store.run<RunInfo>(id)
    const isLeft = run !== undefined && run.finishedAt !== null && run.error === ENDED_IN_GROUP
    if (run?.finishedAt !== null && !isLeft) store.delete(REQUEST, id)
    return isLeft ? [run] : []
  })
  return left.sort((a, b) => a.startedAt.localeCompare(b.startedAt))
}

/** Until the run ends: what was asked for, where it may be taken up. */
export function keepRequest(store: Store, runId: string, request: RunOrder): void {
  if (store.isShared) store.put(REQUEST, runId, request)
}

/** False: the job would only be cut off once more. */
function isTakenUp(store: Store, { jobId, startedAt }: RunInfo): boolean {
  const earlier = { jobId, beforeMs: Date.parse(startedAt), limit: TAKEN_UP_MAX - 1 }
  const runs = store.runs<RunInfo>(earlier)
  return runs.length < TAKEN_UP_MAX - 1 || runs.some(one => one.error !== ENDED_IN_GROUP)
}
