/**
 * Alerts of a job: what fired, the rules with how often each would have fired, the channels that are
 * told, and the messages to them. Used by the job page.
 * Invariant: a rule is saved as it is shown; a job without rules of its own says so.
 * Spec: ui 5.3; backlog-replication 2.14.
 */
import { useQuery } from '@tanstack/react-query'
import type { JobInfo } from '../../api-v1.ts'
import type { AlertRuleKey } from '../../api-v1-alerts.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { alertsQuery, settingsQuery } from './alert-queries.ts'
import { AlertRules } from './alert-rules.tsx'
import { AlertTable } from './alert-table.tsx'
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
