/**
 * Jobs, tasks and runs without their look: what counts as what, in which order, in which words. Pure.
 * Invariant: 100 percent is said of what ended, never of what goes on.
 * Spec: ui 4.1, 4.3, 5.3.
 */
import type { JobInfo, RunInfo, RunSummary, TaskInfoV1, TaskRun } from '../../api-v1.ts'
import { toAhead, toCount, toDuration } from '../parts/format.ts'

export const FILTERS = [
  ['', 'All'],
  ['failed', 'Failed'],
  ['warning', 'Warning'],
  ['running', 'Running'],
  ['off', 'Off'],
] as const

export type JobFilter = (typeof FILTERS)[number][0]

export function matches(
  job: JobInfo,
  { state, label }: { state: JobFilter; label: string | undefined },
): boolean {
  if (label !== undefined && !job.labels.includes(label)) return false
  return state === '' || isOf(job, state)
}

function isOf(job: JobInfo, state: JobFilter): boolean {
  const last = job.lastRun?.state
  if (state === 'failed') return last === 'FAILED'
  if (state === 'warning') return last === 'WARNING' || last === 'PARTIAL'
  if (state === 'running') return job.activeRun !== undefined
  return !job.enabled
}

const NAMES = new Intl.Collator('en', { numeric: true })

export function byAttention(one: JobInfo, other: JobInfo): number {
  return weight(one) - weight(other) || NAMES.compare(one.name, other.name)
}

function weight(job: JobInfo): number {
  return isOf(job, 'failed') ? 0 : isOf(job, 'warning') ? 1 : 2
}

export function writtenOf({ rows }: Pick<RunSummary, 'rows'> | TaskRun): number {
  return rows.inserted + rows.updated + rows.deleted
}

/** "Daily 02:00 Asia/Tokyo, in 11 h". */
export function scheduleText({ schedule, enabled }: JobInfo): string {
  if (schedule.interval === 'none') return 'No schedule'
  if (!schedule.on || !enabled) return `${schedule.text}, off`
  const [next] = schedule.next
  return next === undefined ? schedule.text : `${schedule.text}, ${toAhead(next)}`
}

export interface Progress {
  /** 0 to 100; undefined: unknown. */
  readonly percent: number | undefined
  readonly text: string
}

/** Of a run or one of its tasks: "1,204 of about 4,800 rows · 25 % · 312/s · about 12 s left". */
export function progressOf(run: RunInfo): Progress {
  const { read } = run.rows
  const isEnded = run.finishedAt !== null
  const totals = run.tasks.map(one => (isEnded ? one.rows.read : one.rowsTotal))
  const isKnown = totals.length > 0 && !totals.includes(null)
  const total = totals.reduce<number>((sum, one) => sum + (one ?? 0), 0)
  const seconds = Math.max(1, run.elapsedMs / 1000)
  const rate = Math.round(read / seconds)
  const rateText = read > 0 ? ` · ${toCount(rate)}/s` : ''
  if (isEnded) {
    const isDone = run.state !== 'FAILED' && run.state !== 'CANCELLED'
    const expected = run.tasks.reduce((sum, one) => sum + (one.rowsTotal ?? 0), 0)
    const reached = expected === 0 ? 0 : Math.min(99, Math.floor((read * 100) / expected))
    return { percent: isDone ? 100 : reached, text: `${toCount(read)} rows read${rateText}` }
  }
  if (!isKnown || total === 0)
    return { percent: undefined, text: `${toCount(read)} rows${rateText}` }
  const percent = Math.min(99, Math.floor((read * 100) / total))
  const leftMs = rate > 0 ? ((total - read) / rate) * 1000 : 0
  const left = seconds >= 10 && leftMs > 0 ? ` · about ${toDuration(leftMs)} left` : ''
  return {
    percent,
    text: `${toCount(read)} of about ${toCount(total)} rows · ${percent} %${rateText}${left}`,
  }
}

/** "3 tables, 255 rows replicated (212 new, 40 changed, 3 deleted)"; zero parts are left out. */
export function taskTitle(task: Pick<TaskInfoV1, 'table' | 'destination'>): string {
  return task.table === null ? `Query → ${task.destination}` : `${task.table} → ${task.destination}`
}
