/**
 * A job at one glance: source and destination, schedule, the last runs as bars, tasks and how fresh they
 * are. Used by the job page.
 * Spec: ui 5.3; backlog-replication 2.3.
 */
import { Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { JobInfo, RunInfo } from '../../api-v1.ts'
import { RowsLink } from '../data/rows-link.tsx'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toAge, toAgo, toCount, toDuration, UNKNOWN } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { May } from '../parts/may.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { StatusChip, stateWord } from '../parts/status-chip.tsx'
import { useClock } from '../parts/use-clock.ts'
import { scheduleText, writtenOf } from './job-model.ts'
import { runsQuery } from './job-queries.ts'
import { RowsPerDay } from './rows-per-day.tsx'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { SchemaPanel } from './schema-panel.tsx'

export function OverviewTab({ job }: { readonly job: JobInfo }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <Stack gap="lg">
      <div className="sc-card sc-card-body">
        <dl className="sc-facts">
          <dt>Source</dt>
          <dd>
            <Link className="sc-link" to="/connections/$id" params={{ id: job.source }}>
              {job.sourceName}
            </Link>
          </dd>
          <dt>Destination</dt>
          <dd>
            <Link className="sc-link" to="/connections/$id" params={{ id: job.destination }}>
              {job.destinationName}
            </Link>
            {job.settings.keyspace === undefined ? '' : `, keyspace ${job.settings.keyspace}`}
          </dd>
          <dt>Schedule</dt>
          <dd>
            <Group gap="sm">
              <span data-testid="schedule-text">{scheduleText(job)}</span>
              <May least="job_creator">
                <Button
                  size="compact-sm"
                  onClick={() => setIsOpen(true)}
                  data-testid="schedule-configure"
                >
                  Configure
                </Button>
              </May>
            </Group>
          </dd>
          <dt>Last 30 runs</dt>
          <dd>
            <LastRuns job={job} />
          </dd>
          <dt>Rows per day</dt>
          <dd>
            <RowsPerDay job={job} />
          </dd>
        </dl>
      </div>
      <SchemaPanel job={job} />
      <Tasks job={job} />
      {isOpen && <ScheduleDialog job={job} onClose={() => setIsOpen(false)} />}
    </Stack>
  )
}

const BARS = 30

function LastRuns({ job }: { readonly job: JobInfo }) {
  const query = useQuery(runsQuery(job.id))
  const navigate = useNavigate()
  const open = (run: string) =>
    void navigate({ to: '/jobs/$id/runs/$run', params: { id: job.id, run } })
  return (
    <Panel query={query} what="the runs">
      {runs =>
        runs.length === 0 ? (
          <span className="sc-quiet">{UNKNOWN}</span>
        ) : (
          <Bars runs={runs.slice(0, BARS).toReversed()} onOpen={open} />
        )
      }
    </Panel>
  )
}

interface BarsProps {
  readonly runs: readonly RunInfo[]
  readonly onOpen: (run: string) => void
}

/** Height by rows, colour by result; each is a button. */
function Bars({ runs, onOpen }: BarsProps) {
  const most = Math.max(1, ...runs.map(writtenOf))
  return (
    <div className="sc-bars">
      {runs.map(run => {
        const share = Math.round((Math.log1p(writtenOf(run)) / Math.log1p(most)) * 100)
        const text = `${toAgo(run.startedAt)}: ${stateWord(run.state)}, ${toCount(writtenOf(run))} rows`
        return (
          <button
            key={run.id}
            type="button"
            title={text}
            aria-label={text}
            onClick={() => onOpen(run.id)}
            data-testid="run-bar"
          >
            <span
              className="sc-bar"
              data-state={run.state}
              style={{ height: `${Math.max(8, share)}%` }}
            />
          </button>
        )
      })}
    </div>
  )
}

function Tasks({ job }: { readonly job: JobInfo }) {
  const nowMs = useClock()
  if (job.tasks.length === 0) {
    return (
      <div className="sc-card">
        <Empty text="This job has no tables yet.">
          <LinkButton to="/jobs/$id/$tab" params={{ id: job.id, tab: 'task' }} variant="filled">
            Open Task
          </LinkButton>
        </Empty>
      </div>
    )
  }
  return (
    <div className="sc-card sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads
          columns={['Task', 'Last run', 'Rows', 'Took', 'Data is']}
          numbers={['Rows', 'Took']}
        />
        <tbody>
          {job.tasks.map(({ id, lastRun, freshAt, ...task }) => (
            <tr key={id}>
              <td>
                {task.table ?? 'Query'} → <RowsLink job={job} table={task.destination} />
              </td>
              <td>
                {lastRun === null ? (
                  UNKNOWN
                ) : (
                  <StatusChip state={lastRun.state} isRun testId="task-state" />
                )}
              </td>
              <td className="sc-number">
                {lastRun === null ? UNKNOWN : toCount(writtenOf(lastRun))}
              </td>
              <td className="sc-number">
                {lastRun === null ? UNKNOWN : toDuration(lastRun.elapsedMs)}
              </td>
              <td data-testid="task-fresh">{toAge(freshAt, nowMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
