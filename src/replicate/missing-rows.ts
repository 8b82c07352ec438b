/**
 * Rows that the source no longer has, after a whole and faultless reading. Called by run-job.ts.
 * Invariant: more than a fifth of a table (at least 1,000 rows) is never deleted without consent.
 * Spec: backlog-replication 2.9.
 */
import { deletionOf } from './job-record.ts'
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
  if (writer.isWaiting) {
    await emptyTable(scope, { setup, live, writer })
    return
  }
  if (deletionOf(scope.of.job.settings, setup.task) === 'keep') {
    for (const keys of writer.missing()) await writer.delete(keys)
    return
  }
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

/** Of a table that is emptied at each run: the source has no row at all. */
async function emptyTable(
  scope: RunScope,
  { setup, live, writer }: Pick<ReadyTask, 'setup' | 'live' | 'writer'>,
): Promise<void> {
  const { store, acceptDeletes, run } = scope.of
  const count = store.rows.count(setup.task.id)
  if (count === 0 || acceptDeletes) {
    await writer.begin()
    return
  }
  live.parkedDeletes = count
  run.warn(
    live,
    `the source has no rows; the ${count} rows of the table were kept, and it was not emptied. Run with "accept deletes" to empty it.`,
  )
}
