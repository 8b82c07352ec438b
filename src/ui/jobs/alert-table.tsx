/**
 * What rules found, newest first, to be acknowledged: of one job, or of all.
 * Shown on the page of a job and on the page of monitoring.
 * Spec: ui 5.3, 5.7 (Alerts), 8 (`alert-row`, `alert-ack`); backlog-replication 2.14.
 */
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { AlertInfo } from '../../api-v1-alerts.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toLocal, zoneName } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { acknowledge, useAlertChange } from './alert-queries.ts'

interface AlertTableProps {
  readonly alerts: readonly AlertInfo[]
  /** Of all jobs: each names its own. */
  readonly withJob?: boolean
}

export function AlertTable({ alerts, withJob = false }: AlertTableProps) {
  const ack = useAlertChange(acknowledge, { failed: 'The alert was not acknowledged' })
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads
          columns={[
            `Time (${zoneName()})`,
            ...(withJob ? ['Job'] : []),
            'What',
            'Times',
            'Acknowledged',
          ]}
          numbers={['Times']}
        />
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
              {withJob && (
                <td>
                  <Link
                    className="sc-link"
                    to="/jobs/$id/$tab"
                    params={{ id: jobId, tab: 'alerts' }}
                  >
                    <bdi>{jobName}</bdi>
                  </Link>
                </td>
              )}
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
