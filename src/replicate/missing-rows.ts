/**
 * Rows that the source no longer has, after a whole and faultless reading. Called by run-job.ts.
 * Invariant: more than a fifth of a table (at least 1,000 rows) is never deleted without consent.
 * Spec: backlog-replication 2.9.
 */
import type { ReadyTask, RunScope } from './run-scope.ts'

const GUARD_ROWS = 1_000
const GUARD_SHARE = 0.2
const DELETE_PAGE = 1_000

export async function deleteMissing(
  scope: RunScope,
  { setup, live, writer }: ReadyTask,
): Promise<void> {
  const { store, mode, acceptDeletes, run } = scope.of
  if (mode === 'dry-run') return
  let count = 0
  for (const keys of writer.missing()) count += keys.length
  if (count === 0) return
  const all = store.rows.count(setup.task.id)
  const limit = Math.max(GUARD_ROWS, all * GUARD_SHARE)
  if ((count > limit || count === all) && !acceptDeletes) {
    live.parkedDeletes = count
    run.warn(
      live,
      `${count} rows are gone from the source; they were kept, because that is more than a fifth of the table. Run with "accept deletes" to remove them.`,
    )
    return
  }
  for (const keys of writer.missing()) {
    scope.stopIfAsked()
    for (let at = 0; at < keys.length; at += DELETE_PAGE)
      await writer.delete(keys.slice(at, at + DELETE_PAGE))
  }
}
