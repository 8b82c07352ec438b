/**
 * One job: state, switch, Run, and the tabs Overview, Task, History, Settings, Events and Alerts.
 * Route /ui/jobs/{id}/{tab}.
 * Spec: ui 5.3; backlog-replication 2.3.
 */
import { ActionIcon, Button, Menu, Tabs } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { JobInfo, RunRequest } from '../../api-v1.ts'
import { May } from '../parts/may.tsx'
import { Page } from '../parts/page.tsx'
import { Panel } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { AlertsTab } from './alerts-tab.tsx'
import { useDropConsent } from './drop-consent.tsx'
import { EventsTab } from './events-tab.tsx'
import { HistoryTab } from './history-tab.tsx'
import { JobCopyAs } from './job-copy-as.tsx'
import { jobQuery, useStartRun } from './job-queries.ts'
import { OnSwitch } from './job-table.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { PauseBanner } from './pause.tsx'
import { SettingsTab } from './settings-tab.tsx'
import { TaskTab } from './task-tab.tsx'

const TABS = [
  ['overview', 'Overview'],
  ['task', 'Task'],
  ['history', 'History'],
  ['settings', 'Settings'],
  ['events', 'Events'],
  ['alerts', 'Alerts'],
] as const

export function JobPage() {
  const { id = '', tab = 'overview' } = useParams({ strict: false })
  const query = useQuery(jobQuery(id))
  const job = query.data
  const shown = job?.activeRun ?? job?.lastRun
  return (
    <Page
      id="job"
      title={job?.name ?? 'Job'}
      section="Jobs"
      loading={query.isPending}
      status={shown !== null && shown !== undefined && <StatusChip state={shown.state} isRun />}
      actions={job !== undefined && <Acts job={job} />}
    >
      <PauseBanner />
      <Panel query={query} what="the job">
        {found => <JobTabs job={found} tab={tab} />}
      </Panel>
    </Page>
  )
}

function JobTabs({ job, tab }: { readonly job: JobInfo; readonly tab: string }) {
  const navigate = useNavigate()
  const open = (next: string | null) =>
    void navigate({ to: '/jobs/$id/$tab', params: { id: job.id, tab: next ?? 'overview' } })
  return (
    <Tabs value={tab} onChange={open} keepMounted={false}>
      <Tabs.List mb="lg">
        {TABS.map(([key, title]) => (
          <Tabs.Tab key={key} value={key} data-testid={`tab-${key}`}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="overview">
        <OverviewTab job={job} />
      </Tabs.Panel>
      <Tabs.Panel value="task">
        <TaskTab job={job} />
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <HistoryTab job={job} />
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <SettingsTab key={job.id} job={job} />
      </Tabs.Panel>
      <Tabs.Panel value="events">
        <EventsTab job={job} />
      </Tabs.Panel>
      <Tabs.Panel value="alerts">
        <AlertsTab job={job} />
      </Tabs.Panel>
    </Tabs>
  )
}

const MODES: readonly (readonly [string, string, RunRequest])[] = [
  ['full', 'Run all rows again (full)', { mode: 'full' }],
  ['dry-run', 'Dry run: count what would be written', { mode: 'dry-run' }],
  ['reconcile', 'Reconcile deletes', { mode: 'reconcile' }],
  [
    'accept-deletes',
    'Run and apply deletes that were held back',
    { mode: 'reconcile', acceptDeletes: true },
  ],
]

function Acts({ job }: { readonly job: JobInfo }) {
  const navigate = useNavigate()
  const start = useStartRun()
  const isBusy = job.activeRun !== undefined || start.isPending
  const consent = useDropConsent(job)
  const run = (given: RunRequest) =>
    consent.ask(given, request =>
      start.mutate(
        { job, request },
        {
          onSuccess: ({ id }) =>
            void navigate({ to: '/jobs/$id/runs/$run', params: { id: job.id, run: id } }),
        },
      ),
    )
  const show = (id: string) =>
    void navigate({ to: '/jobs/$id/runs/$run', params: { id: job.id, run: id } })
  return (
    <>
      {consent.dialog}
      <OnSwitch job={job} label="On" />
      <JobCopyAs job={job} />
      {job.activeRun !== undefined && (
        <Button onClick={() => show(job.activeRun?.id ?? '')} data-testid="job-show-run">
          Show the run
        </Button>
      )}
      <May least="job_operator">
        <Button
          variant="filled"
          disabled={isBusy || job.tasks.length === 0}
          loading={start.isPending}
          onClick={() => run({})}
          data-testid="job-run"
        >
          Run
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              aria-label="Run in another way"
              variant="default"
              size={36}
              disabled={isBusy || job.tasks.length === 0}
              data-testid="job-run-more"
            >
              <IconChevronDown size={16} stroke={1.5} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {MODES.map(([key, title, request]) => (
              <Menu.Item
                key={key}
                onClick={() => run(request)}
                data-testid="menu-item"
                data-key={key}
              >
                {title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </May>
    </>
  )
}
