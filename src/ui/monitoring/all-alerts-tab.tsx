/**
 * What the rules of all jobs found, newest first, to be acknowledged.
 * Shown on the page of monitoring; those of one job stand on its own page.
 * Spec: ui 5.7 (Alerts), 8 (`alert-row`, `alert-ack`); backlog-replication 2.14.
 */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertInfo } from '../../api-v1-alerts.ts'
import { acknowledge, useAlertChange } from '../jobs/alert-queries.ts'
import { toLocal, zoneName } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { allAlertsQuery } from './monitoring-queries.ts'

export function AllAlertsTab() {
  const query = useQuery(allAlertsQuery)
  return (
    <section className="sc-card" aria-label="Alerts">
      <Panel query={query} what="the alerts">
        {alerts =>
          alerts.length === 0 ? <Empty text="All quiet." /> : <AlertTable alerts={alerts} />
        }
      </Panel>
    </section>
  )
}

function AlertTable({ alerts }: { readonly alerts: readonly AlertInfo[] }) {
  const ack = useAlertChange(acknowledge, { failed: 'The alert was not acknowledged' })
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <thead>
          <tr>
            <th>Time ({zoneName()})</th>
            <th>Job</th>
            <th>What</th>
            <th className="sc-number">Times</th>
            <th>Acknowledged</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map(({ id, time, rule, jobId, jobName, runId, text, count, acknowledgedBy }) => (
            <tr key={id} data-testid="alert-row" data-key={rule}>
              <td>
                <Link
                  className="sc-link"
                  to="/jobs/$id/runs/$run"
                  params={{ id: jobId, run: runId }}
                >
                  {toLocal(time)}
                </Link>
              </td>
              <td>
                <Link className="sc-link" to="/jobs/$id/$tab" params={{ id: jobId, tab: 'alerts' }}>
                  <bdi>{jobName}</bdi>
                </Link>
              </td>
              <td className="sc-wrap">{text}</td>
              <td className="sc-number">{count}</td>
              <td>
                {acknowledgedBy ?? (
                  <May least="job_operator">
                    <Button
                      size="compact-sm"
                      loading={ack.isPending && ack.variables === id}
                      onClick={() => ack.mutate(id)}
                      data-testid="alert-ack"
                    >
                      Acknowledge
                    </Button>
                  </May>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
