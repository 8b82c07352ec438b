/**
 * Columns of the list of jobs: route, schedule, last run, switch and Run. Used by the list alone.
 * Invariant: cells are made of elements of the browser and links, nothing that costs more.
 * Spec: ui 4.1, 5.3, 8 (`job-open`, `job-enabled`, `job-run-row`).
 */
import { IconPlayerPlay } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { JobInfo } from '../../api-v1.ts'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { toAgo, toCount, UNKNOWN } from '../parts/format.ts'
import { StatusChip, stateWord } from '../parts/status-chip.tsx'
import { scheduleText, writtenOf } from './job-model.ts'

const TITLES = { cassandra: 'Cassandra', backlog: 'Backlog' } as const

export interface JobActs {
  readonly nowMs: number
  /** Undefined: this person may not. */
  readonly onSwitch: ((job: JobInfo, isOn: boolean) => void) | undefined
  readonly onRun: ((job: JobInfo) => void) | undefined
  /** What was switched, while the server has not answered. */
  readonly switching: ReadonlyMap<string, boolean>
  readonly starting: ReadonlySet<string>
}

export function jobColumns(acts: JobActs): GridColumn<JobInfo>[] {
  const { onRun } = acts
  const run: GridColumn<JobInfo> = {
    ...{ id: 'run', title: 'Run', width: 56, isAct: true, text: () => null },
    cell: job =>
      onRun === undefined ? undefined : (
        <RunButton job={job} isStarting={acts.starting.has(job.id)} onRun={onRun} />
      ),
  }
  return [
    {
      ...{ id: 'name', title: 'Name', width: 160, isWide: true },
      text: one => one.name,
      cell: job => <Name job={job} />,
    },
    { ...{ id: 'route', title: 'Route', width: 184 }, text: routeOf },
    {
      ...{ id: 'ends', title: 'From → to', width: 176 },
      text: one => `${one.sourceName} → ${one.destinationName}`,
    },
    {
      ...{ id: 'tasks', title: 'Tasks', width: 72, isNumber: true },
      text: one => String(one.tasks.length),
    },
    { ...{ id: 'schedule', title: 'Schedule', width: 152 }, text: scheduleText },
    {
      ...{ id: 'last', title: 'Last run', width: 184, order: byLastRun },
      text: one => lastText(one),
      cell: job => <LastRun job={job} nowMs={acts.nowMs} />,
    },
    {
      ...{ id: 'rows', title: 'Rows', width: 80, isNumber: true },
      text: one => writtenText(one),
      cell: one => toCount(rowsOf(one)),
    },
    {
      ...{ id: 'on', title: 'On', width: 64 },
      text: one => (one.enabled ? 'on' : 'off'),
      cell: job => <OnCell job={job} acts={acts} />,
    },
    run,
  ]
}

function routeOf(job: JobInfo): string {
  return `${TITLES[job.sourceConnector]} → Cassandra`
}

const shownRun = (job: JobInfo) => job.activeRun ?? job.lastRun

function rowsOf(job: JobInfo): number | null {
  const run = shownRun(job)
  return run === null ? null : writtenOf(run)
}

function writtenText(job: JobInfo): string | null {
  return rowsOf(job)?.toString() ?? null
}

function lastText(job: JobInfo): string {
  const run = shownRun(job)
  return run === null ? '' : `${stateWord(run.state)} ${run.startedAt}`
}

/** Newest first; those that never ran stand last. */
function byLastRun(one: JobInfo, other: JobInfo): number {
  const [a, b] = [shownRun(one)?.startedAt ?? '', shownRun(other)?.startedAt ?? '']
  return a < b ? 1 : a > b ? -1 : 0
}

function Name({ job: { id, name } }: { readonly job: JobInfo }) {
  return (
    <Link
      className="sc-link"
      to="/jobs/$id/$tab"
      params={{ id, tab: 'overview' }}
      tabIndex={-1}
      data-testid="job-open"
    >
      <bdi>{name}</bdi>
    </Link>
  )
}

function LastRun({ job, nowMs }: { readonly job: JobInfo; readonly nowMs: number }) {
  const run = shownRun(job)
  if (run === null) return UNKNOWN
  return (
    <Link
      className="sc-plain"
      to="/jobs/$id/runs/$run"
      params={{ id: job.id, run: run.id }}
      tabIndex={-1}
    >
      <StatusChip state={run.state} isRun testId="run-state" />{' '}
      <span className="sc-quiet">{toAgo(run.startedAt, nowMs)}</span>
    </Link>
  )
}

function OnCell({ job, acts }: { readonly job: JobInfo; readonly acts: JobActs }) {
  const { onSwitch, switching } = acts
  if (onSwitch === undefined) return job.enabled ? 'on' : 'off'
  const isOn = switching.get(job.id) ?? job.enabled
  return (
    <input
      type="checkbox"
      role="switch"
      aria-checked={isOn}
      className="sc-dg-switch"
      tabIndex={-1}
      aria-label={`${job.name} is on`}
      checked={isOn}
      onChange={event => onSwitch(job, event.currentTarget.checked)}
      data-testid="job-enabled"
    />
  )
}

interface RunButtonProps {
  readonly job: JobInfo
  readonly isStarting: boolean
  readonly onRun: (job: JobInfo) => void
}

function RunButton({ job, isStarting, onRun }: RunButtonProps) {
  const { name, tasks, activeRun } = job
  return (
    <button
      type="button"
      className="sc-dg-button"
      tabIndex={-1}
      aria-label={`Run ${name}`}
      title={tasks.length === 0 ? 'Add tasks first' : 'Run'}
      disabled={isStarting || activeRun !== undefined || tasks.length === 0}
      onClick={() => onRun(job)}
      data-testid="job-run-row"
    >
      <IconPlayerPlay size={16} stroke={1.5} aria-hidden />
    </button>
  )
}
