/**
 * The fields of a schedule by its kind. Pure; the server tells the next times and what is wrong.
 * Invariant: only the fields of the kind are sent.
 * Spec: ui 8 (flow 6); backlog-replication 2.10.
 */
import type { ScheduleSpec } from '../../api-v1.ts'

export const INTERVALS = [
  ['none', 'None'],
  ['minute', 'Minute'],
  ['hourly', 'Hourly'],
  ['daily', 'Daily'],
  ['weekly', 'Weekly'],
  ['monthly', 'Monthly'],
  ['custom', 'Custom'],
  ['after_job', 'After a job'],
] as const

export type Interval = ScheduleSpec['interval']

/** Those behind the advanced switch are for the few that need them. */
export const MINUTES = ['10', '15', '20', '30']
export const MINUTES_ADVANCED = ['1', '5', ...MINUTES]

export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** Everything as the form holds it: texts. */
export interface ScheduleForm {
  readonly on: boolean
  readonly interval: Interval
  readonly every: string
  readonly minute: string
  readonly time: string
  readonly days: readonly string[]
  readonly day: string
  readonly cron: string
  readonly afterJob: string
  readonly afterOn: string
  readonly spread: string
  readonly catchUp: boolean
  readonly timeZone: string
}

export function toForm(spec: ScheduleSpec, zone: string): ScheduleForm {
  const isNew = spec.interval === 'none'
  return {
    on: isNew || spec.on,
    interval: isNew ? 'daily' : spec.interval,
    every: String(spec.every ?? 10),
    minute: String(spec.minute ?? 0),
    time: spec.time ?? '02:00',
    days: (spec.days ?? [1]).map(String),
    day: String(spec.day ?? 1),
    cron: spec.cron ?? '0 2 * * 1-5',
    afterJob: spec.afterJob ?? '',
    afterOn: spec.afterOn ?? 'success',
    spread: String(spec.spreadSeconds ?? 0),
    catchUp: spec.catchUp !== false,
    timeZone: isNew ? zone : spec.timeZone,
  }
}

/** Only the fields of the kind. */
export function toSpec(form: ScheduleForm): ScheduleSpec {
  const { on, interval, timeZone, catchUp } = form
  const plain = { on, interval, timeZone }
  if (interval === 'none') return plain
  if (interval === 'after_job') {
    const afterOn = form.afterOn === 'always' ? 'always' : 'success'
    return { ...plain, catchUp, afterJob: form.afterJob, afterOn }
  }
  const base = { ...plain, catchUp, spreadSeconds: toNumber(form.spread) }
  const timed = { ...base, time: form.time.trim() }
  if (interval === 'minute') return { ...base, every: Number(form.every) }
  if (interval === 'hourly') return { ...base, minute: toNumber(form.minute) }
  if (interval === 'daily') return timed
  if (interval === 'weekly') return { ...timed, days: form.days.map(Number).sort() }
  if (interval === 'monthly')
    return { ...timed, day: form.day.trim() === 'last' ? 'last' : toNumber(form.day) }
  return { ...base, cron: form.cron.trim() }
}

/** An empty field is no 0. */
function toNumber(text: string): number {
  return text.trim() === '' ? -1 : Number(text)
}
