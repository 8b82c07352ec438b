/**
 * When each task of a run began and how long it took, as bars; and the runs of all jobs of a day. Used by
 * the page of a run and by Monitoring.
 * Invariant: what goes on has a bar up to now.
 * Spec: ui 5.3, 5.7; backlog-replication 2.13.
 */
import type { RunInfo, RunSummary, TaskRun } from '../../api-v1.ts'
import { toCounted, toDuration, toLocal } from '../parts/format.ts'
import { stateWord } from '../parts/status-chip.tsx'
import { Gantt, type GanttBar, type GanttRow } from './gantt.tsx'
import { writtenOf } from './job-model.ts'

const CLOCK_AT = 11

export function RunGantt({ run }: { readonly run: RunInfo }) {
  const fromMs = Date.parse(run.startedAt)
  const toMs = fromMs + Math.max(1, run.elapsedMs)
  const rows = run.tasks
    .filter(one => one.startedAt !== null)
    .map(
      (one): GanttRow => ({
        ...{ key: one.taskId, name: one.table, note: toDuration(one.elapsedMs) },
        bars: [barOf(one, one.taskId, [one.startedAt ?? '', endOf(one)])],
      }),
    )
  if (rows.length === 0) return null
  return (
    <Gantt
      label="When each task ran"
      noun="Task"
      {...{ fromMs, toMs, rows }}
      ticks={['0 s', toDuration(toMs - fromMs)]}
      testId="run-gantt"
    />
  )
}

interface DayGanttProps {
  readonly runs: readonly RunSummary[]
  /** The first moment of the day. */
  readonly fromMs: number
  readonly toMs: number
}

const HOURS = ['00', '04', '08', '12', '16', '20', '24']

/** One row per name of a job, in their order: a job that was made anew stands with the one before. */
export function DayGantt({ runs, fromMs, toMs }: DayGanttProps) {
  const jobs = new Map<string, RunSummary[]>()
  for (const one of runs) jobs.set(one.jobName, [...(jobs.get(one.jobName) ?? []), one])
  const rows = [...jobs]
    .map(([jobName, of]): GanttRow => {
      const tookMs = of.reduce((sum, one) => sum + one.elapsedMs, 0)
      return {
        ...{ key: jobName, name: <bdi>{jobName}</bdi> },
        note: `${toCounted(of.length, 'run')}, ${toDuration(tookMs)}`,
        bars: of.map(one => barOf(one, one.id, [one.startedAt, endOf(one)])),
      }
    })
    .sort((a, b) => a.key.localeCompare(b.key))
  return (
    <Gantt
      label="When jobs ran"
      noun="Job"
      {...{ fromMs, toMs, rows }}
      ticks={HOURS}
      testId="day-gantt"
    />
  )
}

/** Of older versions, tasks have no end of their own. */
function endOf({ startedAt, finishedAt, elapsedMs }: RunSummary | TaskRun): string {
  return finishedAt ?? new Date(Date.parse(startedAt ?? '') + elapsedMs).toISOString()
}

function barOf(
  of: RunSummary | TaskRun,
  key: string,
  [from, to]: readonly [string, string],
): GanttBar {
  const clock = (iso: string) => toLocal(iso).slice(CLOCK_AT)
  const rows = toCounted(writtenOf(of), 'row')
  return {
    ...{ key, state: of.state, fromMs: Date.parse(from), toMs: Date.parse(to) },
    text: `${stateWord(of.state)}, ${clock(from)} to ${clock(to)}, ${rows}`,
  }
}
