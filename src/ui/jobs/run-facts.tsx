/**
 * How a run came to be and what it ran with: who or what started it, for which time, and the queries and
 * versions. Used by the page of a run and by its history.
 * Spec: ui 5.3; backlog-replication 2.13.
 */
import { Link } from '@tanstack/react-router'
import type { RunInfo, RunSummary } from '../../api-v1.ts'
import { toLocal } from '../parts/format.ts'

/** "schedule, for 02:00, caught up"; of a chained run with a link to the one before. */
export function RunTrigger({ run }: { readonly run: RunSummary }) {
  const { trigger, mode, dueAt, isCatchUp, after } = run
  const parts = [
    trigger,
    ...(mode === 'incremental' ? [] : [mode]),
    ...(isCatchUp === true && dueAt !== undefined ? [`caught up for ${toLocal(dueAt)}`] : []),
  ]
  return (
    <>
      {parts.join(', ')}
      {after !== undefined && (
        <>
          {' '}
          after{' '}
          <Link
            className="sc-link"
            to="/jobs/$id/runs/$run"
            params={{ id: after.jobId, run: after.runId }}
            data-testid="run-after"
          >
            {after.jobName}
          </Link>
        </>
      )}
    </>
  )
}

/** The statements as they ran. */
export function RunUsed({ run }: { readonly run: RunInfo }) {
  const queries = run.tasks.filter(one => one.query !== undefined)
  if (queries.length === 0) return null
  return (
    <section className="sc-card sc-card-body" aria-label="Queries" data-testid="run-queries">
      <h2 className="sc-card-title">Queries</h2>
      {queries.map(one => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys
        <pre key={one.taskId} className="sc-trace" tabIndex={0} data-key={one.table}>
          {one.query}
        </pre>
      ))}
    </section>
  )
}

export function usedText({ used }: RunInfo): string | undefined {
  return used === undefined ? undefined : `Scamander ${used.product}, change ${used.job} of the job`
}
