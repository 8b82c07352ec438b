/**
 * Alerts of a job: what fired, the rules with how often each would have fired, the channels that are
 * told, and the messages to them. Used by the job page.
 * Invariant: a rule is saved as it is shown; a job without rules of its own says so.
 * Spec: ui 5.3; backlog-replication 2.14.
 */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { JobInfo } from '../../api-v1.ts'
import type { AlertInfo, AlertRuleKey } from '../../api-v1-alerts.ts'
import { toLocal, zoneName } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { acknowledge, alertsQuery, settingsQuery, useAlertChange } from './alert-queries.ts'
import { AlertRules } from './alert-rules.tsx'
import { Channels } from './channels.tsx'

export function AlertsTab({ job }: { readonly job: JobInfo }) {
  const alerts = useQuery(alertsQuery(job.id))
  const settings = useQuery(settingsQuery(job.id))
  return (
    <div className="sc-stack">
      <section className="sc-card" aria-labelledby="alerts-title">
        <h2 id="alerts-title" className="sc-card-title sc-card-head">
          Alerts
        </h2>
        <Panel query={alerts} what="the alerts">
          {all =>
            all.length === 0 ? (
              <Empty text="All quiet. What the rules below find is listed here." />
            ) : (
              <AlertTable alerts={all} />
            )
          }
        </Panel>
      </section>
      <Panel query={settings} what="the rules">
        {known => (
          <AlertRules key={JSON.stringify(known.rules.map(rule))} job={job} known={known} />
        )}
      </Panel>
      <Channels />
    </div>
  )
}

/** A form is drawn anew when somebody else changed the rules, not when a rule fired. */
function rule(one: { readonly key: AlertRuleKey; readonly on: boolean; readonly limit?: number }) {
  return [one.key, one.on, one.limit]
}

function AlertTable({ alerts }: { readonly alerts: readonly AlertInfo[] }) {
  const ack = useAlertChange(acknowledge, { failed: 'The alert was not acknowledged' })
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <thead>
          <tr>
            <th>Time ({zoneName()})</th>
            <th>What</th>
            <th className="sc-number">Times</th>
            <th>Acknowledged</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map(one => (
            <tr key={one.id} data-testid="alert-row" data-key={one.rule}>
              <td>
                <Link
                  className="sc-link"
                  to="/jobs/$id/runs/$run"
                  params={{ id: one.jobId, run: one.runId }}
                >
                  {toLocal(one.time)}
                </Link>
              </td>
              <td className="sc-wrap">{one.text}</td>
              <td className="sc-number">{one.count}</td>
              <td>
                {one.acknowledgedBy ?? (
                  <May least="job_operator">
                    <Button
                      size="compact-sm"
                      loading={ack.isPending && ack.variables === one.id}
                      onClick={() => ack.mutate(one.id)}
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
