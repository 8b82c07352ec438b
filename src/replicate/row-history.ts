/**
 * Tables in which each change is a row of its own, with the run in its key: which run the rows belong to
 * that were on their way when a process ended. Used by the table writer.
 * Invariant: a row that a run may have written without knowing is written again with that run in its key,
 * so that it is there once; as soon as it is known as written, later changes of it are rows of their own.
 * Spec: backlog-replication 2.8 (append).
 */
import { BURIED } from './row-states.ts'
import type { Store } from './store.ts'

/**
 * `left`: keys of rows that were on their way; call it in the transaction that makes them known.
 * `runId`: undefined when the run writes nothing.
 */
export function openHistory(
  store: Store,
  of: {
    readonly taskId: string
    readonly runId: string | undefined
    readonly left: readonly string[]
  },
): ReadonlyMap<string, string> {
  const { taskId, runId, left } = of
  const last = store.get<string>('history-run', taskId)
  const before = store.get<Readonly<Record<string, string>>>('history-left', taskId) ?? {}
  const known = store.rows.find(taskId, [...left, ...Object.keys(before)])
  const runs = new Map<string, string>()
  for (const [key, run] of Object.entries(before)) {
    // One that is on its way once more keeps its run; one that arrived, or is gone, has none any more.
    const row = known.get(key)
    if (row?.hash.length === 0 && row.scope !== BURIED) runs.set(key, run)
  }
  for (const key of left) if (!runs.has(key) && last !== undefined) runs.set(key, last)
  if (runId !== undefined) store.put('history-run', taskId, runId)
  store.put('history-left', taskId, Object.fromEntries(runs))
  return runs
}
