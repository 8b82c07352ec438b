/**
 * Rows of jobs with route, schedule, last run, switch and Run; a bar for what is selected.
 * Used by the list. Long lists keep only the rows near the window in the document.
 * Spec: ui 4.1, 5.3, 8 (`job-row`).
 */
import { ActionIcon, Button, Checkbox, Switch, Tooltip } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type Ref, useRef, useState } from 'react'
import type { JobInfo } from '../../api-v1.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toAgo, toCount, UNKNOWN } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { useMay } from '../parts/session.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { toastProblem } from '../parts/toast.ts'
import { scheduleText, writtenOf } from './job-model.ts'
import { patchJob, useDeleteJob, useJobChange, useStartRun } from './job-queries.ts'

const ROW_PX = 57
const TITLES = { cassandra: 'Cassandra', backlog: 'Backlog' } as const

export function JobTable({ jobs }: { readonly jobs: readonly JobInfo[] }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const scroll = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  })
  const items = virtual.getVirtualItems()
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const chosen = jobs.filter(one => selected.has(one.id))
  const toggle = (id: string) =>
    setSelected(
      before => new Set([...before].filter(one => one !== id).concat(before.has(id) ? [] : id)),
    )
  return (
    <>
      <div className="sc-card sc-grid-scroll" ref={scroll}>
        <table className="sc-grid" aria-rowcount={jobs.length + 1}>
          <thead>
            <tr>
              <th>
                <span className="sc-hidden">Select</span>
              </th>
              <th>Name</th>
              <th>Route</th>
              <th>Tasks</th>
              <th>Schedule</th>
              <th>Last run</th>
              <th className="sc-number">Rows</th>
              <th>On</th>
              <th>
                <span className="sc-hidden">Run</span>
              </th>
            </tr>
          </thead>
          <tbody>
            <Gap height={items[0]?.start ?? 0} />
            {items.map(({ index }) => {
              const job = jobs[index]
              return job === undefined ? undefined : (
                <Row
                  key={job.id}
                  ref={virtual.measureElement}
                  index={index}
                  job={job}
                  isSelected={selected.has(job.id)}
                  onToggle={() => toggle(job.id)}
                />
              )
            })}
            <Gap height={below} />
          </tbody>
        </table>
      </div>
      {chosen.length > 0 && <Bulk jobs={chosen} onDone={() => setSelected(new Set())} />}
    </>
  )
}

function Gap({ height }: { readonly height: number }) {
  return height <= 0 ? undefined : <tr style={{ height }} aria-hidden />
}

interface RowProps {
  /** Rows of two lines are higher; each is measured. */
  readonly ref: Ref<HTMLTableRowElement>
  readonly index: number
  readonly job: JobInfo
  readonly isSelected: boolean
  readonly onToggle: () => void
}

function Row({ ref, index, job, isSelected, onToggle }: RowProps) {
  const { id, name, lastRun, activeRun } = job
  const shown = activeRun ?? lastRun
  return (
    <tr
      ref={ref}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-testid="job-row"
      data-key={name}
      data-state={shown?.state ?? 'UNTESTED'}
    >
      <td width={40}>
        <Checkbox aria-label={`Select ${name}`} checked={isSelected} onChange={onToggle} />
      </td>
      <td data-column="name">
        <Link
          className="sc-link"
          to="/jobs/$id/$tab"
          params={{ id, tab: 'overview' }}
          data-testid="job-open"
        >
          <bdi>{name}</bdi>
        </Link>
      </td>
      <td>
        {TITLES[job.sourceConnector]} → Cassandra
        <div className="sc-quiet">
          {job.sourceName} → {job.destinationName}
        </div>
      </td>
      <td>{job.tasks.length}</td>
      <td>{scheduleText(job)}</td>
      <td>
        {shown === null ? (
          UNKNOWN
        ) : (
          <Link className="sc-plain" to="/jobs/$id/runs/$run" params={{ id, run: shown.id }}>
            <StatusChip state={shown.state} isRun testId="run-state" />
            <div className="sc-quiet">{toAgo(shown.startedAt)}</div>
          </Link>
        )}
      </td>
      <td className="sc-number">{shown === null ? UNKNOWN : toCount(writtenOf(shown))}</td>
      <td>
        <OnSwitch job={job} />
      </td>
      <td width={48}>
        <May least="job_operator">
          <RunButton job={job} />
        </May>
      </td>
    </tr>
  )
}

interface OnSwitchProps {
  readonly job: JobInfo
  /** Beside the switch, where no head of a column names it. */
  readonly label?: string
}

export function OnSwitch({ job, label }: OnSwitchProps) {
  const change = useJobChange((enabled: boolean) => patchJob(job.id, { enabled }))
  const mayChange = useMay('job_creator')
  if (!mayChange) return job.enabled ? 'on' : 'off'
  return (
    <Switch
      aria-label={`${job.name} is on`}
      {...(label === undefined ? {} : { label })}
      checked={change.isPending ? change.variables : job.enabled}
      onChange={event =>
        change.mutate(event.currentTarget.checked, {
          onError: error => toastProblem(`${job.name} was not changed`, error),
        })
      }
      data-testid="job-enabled"
    />
  )
}

function RunButton({ job }: { readonly job: JobInfo }) {
  const navigate = useNavigate()
  const start = useStartRun()
  return (
    <Tooltip label={job.tasks.length === 0 ? 'Add tasks first' : 'Run'}>
      <ActionIcon
        aria-label={`Run ${job.name}`}
        loading={start.isPending}
        disabled={job.activeRun !== undefined || job.tasks.length === 0}
        onClick={() =>
          start.mutate(
            { job, request: {} },
            {
              onSuccess: run =>
                void navigate({
                  to: '/jobs/$id/runs/$run',
                  params: { id: job.id, run: run.id },
                }),
            },
          )
        }
        data-testid="job-run-row"
      >
        <IconPlayerPlay size={16} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  )
}

interface BulkProps {
  readonly jobs: readonly JobInfo[]
  readonly onDone: () => void
}

function Bulk({ jobs, onDone }: BulkProps) {
  const [isAsked, setIsAsked] = useState(false)
  const start = useStartRun()
  const remove = useDeleteJob()
  const change = useJobChange(({ id, enabled }: { id: string; enabled: boolean }) =>
    patchJob(id, { enabled }),
  )
  const switchAll = (enabled: boolean) => {
    for (const { id } of jobs) change.mutate({ id, enabled })
  }
  const removeAll = async () => {
    await Promise.allSettled(jobs.map(job => remove.mutateAsync(job)))
    setIsAsked(false)
    onDone()
  }
  return (
    <section className="sc-bulk" data-testid="bulk-bar" aria-label="Selected jobs">
      <strong>{jobs.length} selected</strong>
      <May least="job_operator">
        <Button
          onClick={() => jobs.forEach(job => void start.mutate({ job, request: {} }))}
          data-testid="bulk-run"
        >
          Run
        </Button>
      </May>
      <May least="job_creator">
        <Button onClick={() => switchAll(true)} data-testid="bulk-enable">
          Enable
        </Button>
        <Button onClick={() => switchAll(false)} data-testid="bulk-disable">
          Disable
        </Button>
        <Button color="error" onClick={() => setIsAsked(true)} data-testid="bulk-delete">
          Delete
        </Button>
      </May>
      <ConfirmDialog
        opened={isAsked}
        title={jobs.length === 1 ? `Delete job ${jobs[0]?.name}?` : `Delete ${jobs.length} jobs?`}
        text="Tasks and schedules go. The tables in Cassandra stay."
        verb={jobs.length === 1 ? 'Delete job' : 'Delete jobs'}
        dangerous
        busy={remove.isPending}
        onConfirm={() => void removeAll()}
        onClose={() => setIsAsked(false)}
      />
    </section>
  )
}
