/**
 * What went wrong with a job, newest first: the notices that the bell has too. Used by the job page.
 * Each leads to its run.
 * Spec: ui 5.3; backlog-replication 2.12, 2.14.
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { JobInfo } from '../../api-v1.ts'
import { toLocal, zoneName } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { noticesQuery } from './job-queries.ts'

export function AlertsTab({ job }: { readonly job: JobInfo }) {
  const query = useQuery(noticesQuery)
  return (
    <Panel query={query} what="the alerts">
      {all => {
        const own = all.filter(one => one.jobId === job.id && one.kind === 'problem')
        return (
          <div className="sc-card sc-grid-scroll">
            {own.length === 0 ? (
              <Empty text="All quiet. Runs that fail or end with warnings are listed here." />
            ) : (
              <table className="sc-grid">
                <thead>
                  <tr>
                    <th>Time ({zoneName()})</th>
                    <th>State</th>
                    <th>What</th>
                  </tr>
                </thead>
                <tbody>
                  {own.map(one => (
                    <tr key={one.id} data-testid="alert-row" data-state={one.state ?? ''}>
                      <td>
                        <Link
                          className="sc-link"
                          to="/jobs/$id/runs/$run"
                          params={{ id: job.id, run: one.runId ?? '' }}
                        >
                          {toLocal(one.time)}
                        </Link>
                      </td>
                      <td>
                        <StatusChip state={one.state ?? ''} isRun testId="alert-state" />
                      </td>
                      <td className="sc-wrap">{one.text}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </div>
        )
      }}
    </Panel>
  )
}
