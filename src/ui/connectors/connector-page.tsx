/**
 * One connector: state, acts, and its tabs; those with charts and contents are loaded when opened.
 * Route /ui/connectors/{name}/{tab}.
 * Invariant: the state in the head is the worst of connector and tasks; a trace is one click away.
 * Spec: ui 5.4.
 */
import { ActionIcon, Button, Menu, Skeleton, Tabs } from '@mantine/core'
import { IconChevronDown, IconDots } from '@tabler/icons-react'
import { useNavigate, useParams } from '@tanstack/react-router'
import { Suspense } from 'react'
import type { ConnectorStateInfo } from '../../api.ts'
import { heldOf } from '../home/held.ts'
import { lazyPart } from '../parts/lazy-part.tsx'
import { May } from '../parts/may.tsx'
import { Page } from '../parts/page.tsx'
import { Panel } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { useActing } from './act-dialog.tsx'
import { type Act, useConnectorStatus } from './connector-queries.ts'
import { type ShownState, shownState } from './connector-state.ts'
import { useCounters } from './held-banner.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { isOffered } from './row-menu.tsx'
import { TasksTab } from './tasks-tab.tsx'

const ConfigTab = lazyPart(async () => (await import('./config-tab.tsx')).ConfigTab)
const TopicsTab = lazyPart(async () => (await import('./topics-tab.tsx')).TopicsTab)
const OffsetsTab = lazyPart(async () => (await import('./offsets-tab.tsx')).OffsetsTab)
const DeadLettersTab = lazyPart(async () => (await import('./dead-letters-tab.tsx')).DeadLettersTab)
const MetricsTab = lazyPart(async () => (await import('./metrics-tab.tsx')).MetricsTab)
const ActivityTab = lazyPart(async () => (await import('./activity-tab.tsx')).ActivityTab)

const TABS = [
  ['overview', 'Overview'],
  ['tasks', 'Tasks'],
  ['config', 'Config'],
  ['topics', 'Topics'],
  ['offsets', 'Offsets'],
  ['dead-letters', 'Dead letters'],
  ['metrics', 'Metrics'],
  ['activity', 'Activity'],
] as const

export function ConnectorPage() {
  const { name = '', tab = 'overview' } = useParams({ strict: false })
  const query = useConnectorStatus(name)
  const { state, text } = shownState(query.data)
  const held = heldOf(state, useCounters(name))
  return (
    <Page
      id="connector"
      title={name}
      section="Connectors"
      loading={query.isPending}
      status={query.data !== undefined && <StatusChip {...{ state, text, held }} />}
      actions={query.data !== undefined && <Acts name={name} state={state} />}
    >
      <Panel query={query} what={`the connector ${name}`}>
        {status => <ConnectorTabs name={name} tab={tab} status={status} />}
      </Panel>
    </Page>
  )
}

interface ConnectorTabsProps {
  readonly name: string
  readonly tab: string
  readonly status: ConnectorStateInfo
}

function ConnectorTabs({ name, tab, status }: ConnectorTabsProps) {
  const navigate = useNavigate()
  const open = (next: string | null) =>
    void navigate({ to: '/connectors/$name/$tab', params: { name, tab: next ?? 'overview' } })
  return (
    <Tabs value={tab} onChange={open} keepMounted={false}>
      <Tabs.List mb="lg">
        {TABS.filter(([key]) => key !== 'dead-letters' || status.type === 'sink').map(
          ([key, title]) => (
            <Tabs.Tab key={key} value={key} data-testid={`tab-${key}`}>
              {title}
            </Tabs.Tab>
          ),
        )}
      </Tabs.List>
      <Tabs.Panel value="overview">
        <OverviewTab name={name} status={status} />
      </Tabs.Panel>
      <Tabs.Panel value="tasks">
        <TasksTab name={name} status={status} />
      </Tabs.Panel>
      <Suspense fallback={<Skeleton height={160} />}>
        <Tabs.Panel value="config">
          <ConfigTab name={name} tasks={status.tasks.length} />
        </Tabs.Panel>
        <Tabs.Panel value="topics">
          <TopicsTab name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="offsets">
          <OffsetsTab name={name} status={status} />
        </Tabs.Panel>
        <Tabs.Panel value="dead-letters">
          <DeadLettersTab name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="metrics">
          <MetricsTab name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="activity">
          <ActivityTab name={name} />
        </Tabs.Panel>
      </Suspense>
    </Tabs>
  )
}

const RESTARTS: readonly (readonly [Act, string])[] = [
  ['restart-connector', 'Restart connector'],
  ['restart-all', 'Restart with all tasks'],
  ['restart-failed', 'Restart failed tasks only'],
]

function Acts({ name, state }: { readonly name: string; readonly state: ShownState }) {
  const navigate = useNavigate()
  const { start, busy, dialog } = useActing([name], act => {
    if (act === 'delete') void navigate({ to: '/connectors' })
  })
  const button = (act: Act, title: string) =>
    isOffered(act, state) && (
      <Button disabled={busy} onClick={() => start(act)} data-testid={`connector-${act}`}>
        {title}
      </Button>
    )
  const mayOperate = useMay('job_operator')
  if (!mayOperate) return undefined
  return (
    <>
      {button('pause', 'Pause')}
      {button('resume', 'Resume')}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            disabled={busy}
            rightSection={<IconChevronDown size={16} stroke={1.5} />}
            data-testid="connector-restart"
          >
            Restart
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {RESTARTS.map(([act, title]) => (
            <Menu.Item key={act} onClick={() => start(act)} data-testid="menu-item" data-key={act}>
              {title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {button('stop', 'Stop')}
      <May least="standard">
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              aria-label="More acts"
              variant="default"
              size={36}
              data-testid="connector-more"
            >
              <IconDots size={16} stroke={1.5} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item color="error" onClick={() => start('delete')} data-testid="connector-delete">
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </May>
      {dialog}
    </>
  )
}
