/**
 * Schedules: from the fields of the dialog to a cron pattern, its words, and the next times.
 * Pure but for the clock that is passed in. Daylight saving follows the zone: a time that does not
 * exist runs at the next valid one, a doubled one runs once.
 * Spec: backlog-replication 2.10.
 */
import { Cron } from 'croner'
import type { ScheduleInfo, ScheduleSpec } from '../api-v1.ts'
import { messageOf } from '../base/scamander-error.ts'
import { fieldError } from './task-target.ts'

export const NO_SCHEDULE: ScheduleSpec = { on: false, interval: 'none', timeZone: 'UTC' }
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const SHOWN = 5

export function toScheduleInfo(spec: ScheduleSpec, from: Date): ScheduleInfo {
  const next = spec.interval === 'none' ? [] : nextRuns(spec, from, SHOWN)
  return { ...spec, text: textOf(spec), next: next.map(one => one.toISOString()) }
}

/** Undefined: never. */
export function nextRun(spec: ScheduleSpec, after: Date): Date | undefined {
  return spec.on && spec.interval !== 'none' ? nextRuns(spec, after, 1)[0] : undefined
}

/** Throws a field error when the fields are wrong. */
export function nextRuns(spec: ScheduleSpec, after: Date, count: number): Date[] {
  const pattern = cronOf(spec)
  try {
    return new Cron(pattern, { timezone: spec.timeZone, mode: '5-part', paused: true }).nextRuns(
      count,
      after,
    )
  } catch (cause) {
    throw fieldError(
      spec.interval === 'custom' ? 'cron' : 'timeZone',
      `schedule: ${messageOf(cause)}`,
    )
  }
}

export function cronOf(spec: ScheduleSpec): string {
  const { interval, every = 10, minute = 0, days = [1], day = 1, cron = '' } = spec
  if (interval === 'custom') return cron
  if (interval === 'minute') {
    if (![1, 5, 10, 15, 20, 30].includes(every))
      throw fieldError('every', 'every: expected 1, 5, 10, 15, 20 or 30 minutes')
    return `*/${every} * * * *`
  }
  if (interval === 'hourly') return `${within(minute, 'minute', [0, 59])} * * * *`
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(spec.time ?? '') ?? []
  if (hours === undefined)
    throw fieldError('time', 'time: expected hours and minutes such as 02:00')
  const at = `${Number(minutes)} ${Number(hours)}`
  if (interval === 'weekly') {
    if (days.length === 0) throw fieldError('days', 'days: expected at least one day of the week')
    return `${at} * * ${days.map(one => within(one, 'days', [0, 6])).join(',')}`
  }
  if (interval === 'monthly')
    return `${at} ${day === 'last' ? 'L' : within(day, 'day', [1, 31])} * *`
  return `${at} * * *`
}

function within(value: number, field: string, [min, max]: readonly [number, number]): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw fieldError(field, `${field}: expected ${min} to ${max}, found ${value}`)
}

function textOf(spec: ScheduleSpec): string {
  const { interval, every = 10, minute = 0, time = '', days = [1], day = 1, timeZone } = spec
  switch (interval) {
    case 'none':
      return 'No schedule'
    case 'minute':
      return `Every ${every} min`
    case 'hourly':
      return `Hourly at minute ${minute}`
    case 'daily':
      return `Daily ${time} ${timeZone}`
    case 'weekly':
      return `${days.map(one => DAYS[one]).join(', ')} ${time} ${timeZone}`
    case 'monthly':
      return `Monthly, day ${day}, ${time} ${timeZone}`
    default:
      return `Cron ${spec.cron} ${timeZone}`
  }
}
