/**
 * The whole server at a glance and over time: charts, workers, runs, alerts, logs.
 * Route /ui/monitoring/{tab}.
 * Invariant: a tab stands here only where the server has what it shows.
 * Spec: ui 5.7.
 */
import { Tabs } from '@mantine/core'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/panel.tsx'
import { SERVES_CONNECT, SERVES_JOBS } from '../parts/served.ts'
import { AllAlertsTab } from './all-alerts-tab.tsx'
import { LogsTab } from './logs-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { RunsTab } from './runs-tab.tsx'
import { WorkersTab } from './workers-tab.tsx'

interface Tab {
  readonly key: string
  readonly title: string
  readonly View: ComponentType
}

const TABS: readonly Tab[] = [
  { key: 'overview', title: 'Overview', View: OverviewTab },
  ...(SERVES_CONNECT ? [{ key: 'workers', title: 'Workers', View: WorkersTab }] : []),
  ...(SERVES_JOBS ? [{ key: 'runs', title: 'Runs', View: RunsTab }] : []),
  ...(SERVES_JOBS ? [{ key: 'alerts', title: 'Alerts', View: AllAlertsTab }] : []),
  { key: 'logs', title: 'Logs', View: LogsTab },
]

export function MonitoringPage() {
  const { tab } = useParams({ strict: false }) as { tab: string }
  const navigate = useNavigate()
  const open = TABS.find(one => one.key === tab)
  return (
    <Page id="monitoring" title={open?.title ?? 'Monitoring'} section="Monitoring">
      <Tabs
        value={tab}
        onChange={next =>
          next !== null &&
          void navigate({ to: '/monitoring/$tab', params: { tab: next }, search: {} })
        }
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {TABS.map(one => (
            <Tabs.Tab key={one.key} value={one.key} data-testid={`tab-${one.key}`}>
              {one.title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(one => (
          <Tabs.Panel key={one.key} value={one.key}>
            <one.View />
          </Tabs.Panel>
        ))}
      </Tabs>
      {open === undefined && <Empty text="There is no such part of monitoring." />}
    </Page>
  )
}
