/**
 * Schedules: from the fields of the dialog to a cron pattern, its words, and the next times.
 * Pure but for the clock that is passed in.
 * Invariants: a pattern of fixed hours follows the clock of its zone: a time that daylight saving skips
 * runs at the next valid minute, a doubled one once; a pattern of every hour follows real time.
 * Spec: backlog-replication 2.10.
 */
import { Cron } from 'croner'
import type { ScheduleInfo, ScheduleSpec } from '../api-v1.ts'
import { messageOf } from '../base/scamander-error.ts'
import { cronWords } from './cron-words.ts'
import { fieldError } from './task-target.ts'
import { changeBetween, momentsOf, offsetAt, wallTimeOf } from './zone-time.ts'

export const NO_SCHEDULE: ScheduleSpec = { on: false, interval: 'none', timeZone: 'UTC' }
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const SHOWN = 5
const STEPS_MAX = 10_000
const SPREAD_MAX_S = 3_600
/** What passed is looked for near the end first: a minute job may have missed a month. */
const LOOK_BACK_MS = [600_000, 7_200_000, 86_400_000, 8 * 86_400_000, 32 * 86_400_000]
const LOOK_STEPS_MAX = 150

/** The name of a job, by its id. */
export type NameOf = (jobId: string) => string | undefined

export function toScheduleInfo(spec: ScheduleSpec, from: Date, nameOf: NameOf): ScheduleInfo {
  const next = isTimed(spec) ? nextRuns(spec, from, SHOWN) : []
  return { ...spec, text: textOf(spec, nameOf), next: next.map(one => one.toISOString()) }
}

/** It has times of its own. */
export function isTimed({ interval }: ScheduleSpec): boolean {
  return interval !== 'none' && interval !== 'after_job'
}

/** Undefined: never. */
export function nextRun(spec: ScheduleSpec, after: Date): Date | undefined {
  return spec.on && isTimed(spec) ? nextRuns(spec, after, 1)[0] : undefined
}

/** In milliseconds; undefined: there is none in between. Of very many one near the end. */
export function lastRun(
  spec: ScheduleSpec,
  { afterMs, untilMs }: { readonly afterMs: number; readonly untilMs: number },
): number | undefined {
  const first = nextRun(spec, new Date(afterMs))?.getTime()
  if (first === undefined || first > untilMs) return undefined
  for (const spanMs of LOOK_BACK_MS) {
    let found: number | undefined
    let at = Math.max(afterMs, untilMs - spanMs)
    for (let step = 0; step < LOOK_STEPS_MAX; step++) {
      const next = nextRun(spec, new Date(at))?.getTime()
      if (next === undefined || next > untilMs) break
      found = next
      at = next
    }
    if (found !== undefined) return found
  }
  return first
}

/** Throws a field error when the fields are wrong. */
export function nextRuns(spec: ScheduleSpec, after: Date, count: number): Date[] {
  const pattern = cronOf(spec)
  try {
    const cron = new Cron(pattern, { timezone: 'UTC', mode: '5-part', paused: true })
    const hours = pattern.split(/\s+/)[1]
    const find = hours === '*' ? byRealTime : byClock
    return find(cron, spec.timeZone, { afterMs: after.getTime(), count })
  } catch (cause) {
    const field = spec.interval === 'custom' && isZone(spec.timeZone) ? 'cron' : 'timeZone'
    throw fieldError(field, `schedule: ${messageOf(cause)}`)
  }
}

/** Throws a field error for a schedule that cannot be kept. */
export function checkSchedule(spec: ScheduleSpec, from: Date): void {
  if (!isZone(spec.timeZone))
    throw fieldError('timeZone', `timeZone: expected the name of a zone, found ${spec.timeZone}`)
  const { spreadSeconds = 0 } = spec
  within(spreadSeconds, 'spreadSeconds', [0, SPREAD_MAX_S])
  if (!isTimed(spec)) return
  const times = nextRuns(spec, from, SHOWN).map(one => one.getTime())
  if (times.length === 0) throw fieldError('cron', 'cron: expected times that come, found none')
  const gapMs = Math.min(...times.slice(1).map((one, index) => one - (times[index] ?? 0)))
  if (spreadSeconds > 0 && spreadSeconds * 1000 >= gapMs)
    throw fieldError(
      'spreadSeconds',
      `spreadSeconds: expected less than the ${gapMs / 1000} s between two runs, found ${spreadSeconds}`,
    )
}

interface Search {
  readonly afterMs: number
  readonly count: number
}

/** `cron` runs over wall-clock times as if they were of UTC. */
function byClock(cron: Cron, zone: string, { afterMs, count }: Search): Date[] {
  const found: number[] = []
  let wallMs = wallTimeOf(afterMs, zone)
  for (let step = 0; step < STEPS_MAX && found.length < count; step++) {
    const next = cron.nextRun(new Date(wallMs))
    if (next === null) break
    wallMs = next.getTime()
    const { first } = momentsOf(wallMs, zone)
    if (first > Math.max(afterMs, found.at(-1) ?? 0)) found.push(first)
  }
  return found.map(one => new Date(one))
}

function byRealTime(cron: Cron, zone: string, { afterMs, count }: Search): Date[] {
  const found: number[] = []
  let fromMs = afterMs
  let offset = offsetAt(fromMs, zone)
  for (let step = 0; step < STEPS_MAX && found.length < count; step++) {
    const next = cron.nextRun(new Date(fromMs + offset))
    if (next === null) break
    const momentMs = next.getTime() - offset
    if (offsetAt(momentMs, zone) === offset) {
      found.push(momentMs)
      fromMs = momentMs
    } else {
      // From the change on the clock shows other times; the change itself may be one of them.
      const changeMs = changeBetween(fromMs, momentMs, zone)
      offset = offsetAt(changeMs, zone)
      fromMs = changeMs - 1
    }
  }
  return found.map(one => new Date(one))
}

export function cronOf(spec: ScheduleSpec): string {
  const { interval, every = 10, minute = 0, days = [1], day = 1 } = spec
  if (interval === 'custom') return customOf(spec)
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

function customOf({ cron = '' }: ScheduleSpec): string {
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== 5 || fields[0] === '')
    throw fieldError(
      'cron',
      `cron: expected five fields (minute, hour, day, month, day of the week), found ${fields[0] === '' ? 0 : fields.length}`,
    )
  return fields.join(' ')
}

function within(value: number, field: string, [min, max]: readonly [number, number]): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw fieldError(field, `${field}: expected ${min} to ${max}, found ${value}`)
}

function isZone(timeZone: string): boolean {
  try {
    wallTimeOf(0, timeZone)
    return true
  } catch {
    return false
  }
}

export function textOf(spec: ScheduleSpec, nameOf: NameOf): string {
  const { interval, every = 10, minute = 0, time = '', days = [1], day = 1, timeZone } = spec
  switch (interval) {
    case 'none':
      return 'No schedule'
    case 'minute':
      return every === 1 ? 'Every minute' : `Every ${every} min`
    case 'hourly':
      return `Hourly at minute ${minute}`
    case 'daily':
      return `Daily ${time} ${timeZone}`
    case 'weekly':
      return `${days.map(one => DAYS[one]).join(', ')} ${time} ${timeZone}`
    case 'monthly':
      return `Monthly, ${day === 'last' ? 'the last day' : `day ${day}`}, ${time} ${timeZone}`
    case 'after_job': {
      const name = nameOf(spec.afterJob ?? '') ?? 'a job that was deleted'
      return `After ${name}, ${spec.afterOn === 'always' ? 'always' : 'on success'}`
    }
    default:
      return `${cronWords(cronOf(spec))}, ${timeZone}`
  }
}
