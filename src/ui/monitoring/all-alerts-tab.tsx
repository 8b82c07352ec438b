/**
 * What the rules of all jobs found, newest first, to be acknowledged.
 * Shown on the page of monitoring; those of one job stand on its own page.
 * Spec: ui 5.7 (Alerts), 8 (`alert-row`, `alert-ack`); backlog-replication 2.14.
 */
import { useQuery } from '@tanstack/react-query'
import { AlertTable } from '../jobs/alert-table.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { allAlertsQuery } from './monitoring-queries.ts'

export function AllAlertsTab() {
  const query = useQuery(allAlertsQuery)
  return (
    <section className="sc-card" aria-label="Alerts">
      <Panel query={query} what="the alerts">
        {alerts =>
          alerts.length === 0 ? <Empty text="All quiet." /> : <AlertTable alerts={alerts} withJob />
        }
      </Panel>
    </section>
  )
}
