/**
 * Rows of jobs with route, schedule, last run, switch and Run; a bar for what is selected.
 * Used by the list; the switch by the page of a job too.
 * Invariant: what was switched shows the wish until the server answered, then what is so.
 * Spec: ui 4.1, 5.3, 8 (`job-row`).
 */
import { Button, Switch } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useCallback, useMemo, useState } from 'react'
import type { JobInfo } from '../../api-v1.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { DataGrid, type GridFilter } from '../parts/data-grid/data-grid.tsx'
import { May } from '../parts/may.tsx'
import { useMay } from '../parts/session.ts'
import { toastProblem } from '../parts/toast.ts'
import { useClock } from '../parts/use-clock.ts'
import { jobColumns } from './job-columns.tsx'
import { jobsQuery, patchJob, useDeleteJob, useJobChange, useStartRun } from './job-queries.ts'

interface JobTableProps {
  readonly jobs: readonly JobInfo[]
  readonly filter: GridFilter
  readonly controls: ReactNode
}

export function JobTable({ jobs, filter, controls }: JobTableProps) {
  const navigate = useNavigate()
  const nowMs = useClock()
  const { switching, onSwitch } = useSwitching()
  const { starting, onRun } = useStarting()
  const maySwitch = useMay('job_creator')
  const mayRun = useMay('job_operator')
  const columns = useMemo(
    () =>
      jobColumns({
        ...{ nowMs, switching, starting },
        onSwitch: maySwitch ? onSwitch : undefined,
        onRun: mayRun ? onRun : undefined,
      }),
    [nowMs, switching, starting, onSwitch, onRun, maySwitch, mayRun],
  )
  return (
    <DataGrid
      id="jobs"
      label="Jobs"
      rows={jobs}
      columns={columns}
      rowKey={nameOf}
      rowTestId="job-row"
      rowState={stateOf}
      onOpen={({ id }) => void navigate({ to: '/jobs/$id/$tab', params: { id, tab: 'overview' } })}
      noun="job"
      empty=""
      isAlone
      filter={filter}
      controls={controls}
      moreText={labelsOf}
      selection={SELECTION}
    />
  )
}

const nameOf = (job: JobInfo) => job.name
const labelsOf = (job: JobInfo) => job.labels.join(' ')
const stateOf = ({ activeRun, lastRun }: JobInfo) => (activeRun ?? lastRun)?.state ?? 'UNTESTED'
const SELECTION = {
  boxTestId: 'job-select',
  bar: (jobs: readonly JobInfo[], onDone: () => void) => <Bulk jobs={jobs} onDone={onDone} />,
}

/** One change at a time per job; the list is read again after each. */
function useSwitching() {
  const client = useQueryClient()
  const [switching, setSwitching] = useState<ReadonlyMap<string, boolean>>(new Map())
  const onSwitch = useCallback(
    async ({ id, name }: JobInfo, enabled: boolean) => {
      setSwitching(before => new Map(before).set(id, enabled))
      try {
        await patchJob(id, { enabled })
      } catch (error) {
        toastProblem(`${name} was not changed`, error as Error)
      }
      await client.invalidateQueries({ queryKey: jobsQuery.queryKey })
      setSwitching(before => new Map([...before].filter(([one]) => one !== id)))
    },
    [client],
  )
  return { switching, onSwitch: onSwitch as (job: JobInfo, enabled: boolean) => void }
}

function useStarting() {
  const navigate = useNavigate()
  const { mutateAsync } = useStartRun()
  const [starting, setStarting] = useState<ReadonlySet<string>>(new Set())
  const onRun = useCallback(
    (job: JobInfo) => {
      setStarting(before => new Set(before).add(job.id))
      // What fails is told by the hook.
      mutateAsync({ job, request: {} })
        .then(
          run => navigate({ to: '/jobs/$id/runs/$run', params: { id: job.id, run: run.id } }),
          () => undefined,
        )
        .finally(() => setStarting(before => new Set([...before].filter(one => one !== job.id))))
    },
    [mutateAsync, navigate],
  )
  return { starting, onRun }
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
