/**
 * The fields of a job that a draft or a change may set, checked. Pure; the replicator checks names and
 * connections and stores the result.
 * Invariant: a schedule that is let through has a next time or none, never an error.
 * Spec: backlog-replication 2.3, 2.10.
 */
import type { JobPatch, JobSettings, ScheduleSpec } from '../api-v1.ts'
import {
  COUNT,
  type FieldCheck,
  FLAG,
  listOf,
  NUMBER,
  OBJECT,
  oneOf,
  pick,
  TEXT,
  TEXTS,
} from './named-fields.ts'
import { checkSchedule, NO_SCHEDULE } from './schedule.ts'
import { fieldError } from './task-target.ts'

const JOB: Readonly<Record<keyof JobPatch, FieldCheck>> = {
  name: TEXT,
  labels: TEXTS,
  settings: OBJECT,
  schedule: OBJECT,
  enabled: FLAG,
  destination: TEXT,
}

const PARALLEL_TASKS_MAX = 16

/** When the last level of the log turns itself off is not for the caller to say. */
type OwnSettings = Omit<JobSettings, 'verboseUntil'>

const SETTINGS: Readonly<Record<keyof OwnSettings, FieldCheck>> = {
  deletion: oneOf('ignore', 'soft', 'hard'),
  keyspace: TEXT,
  stopOnFirstError: FLAG,
  parallelTasks: {
    expected: `a whole number of 1 to ${PARALLEL_TASKS_MAX}`,
    fits: one => Number.isInteger(one) && Number(one) >= 1 && Number(one) <= PARALLEL_TASKS_MAX,
  },
  logLevel: oneOf('error', 'info', 'transfer', 'verbose'),
  rejectedMax: COUNT,
  systemColumns: FLAG,
  waitMaxSeconds: COUNT,
  newColumns: oneOf('add', 'ask', 'ignore'),
  exclude: TEXTS,
}

const SCHEDULE: Readonly<Record<keyof ScheduleSpec, FieldCheck>> = {
  on: FLAG,
  interval: oneOf('none', 'minute', 'hourly', 'daily', 'weekly', 'monthly', 'custom', 'after_job'),
  every: NUMBER,
  minute: NUMBER,
  time: TEXT,
  days: listOf(NUMBER, 'a list of numbers'),
  day: { expected: 'a number or last', fits: one => one === 'last' || NUMBER.fits(one) },
  cron: TEXT,
  afterJob: TEXT,
  afterOn: oneOf('success', 'always'),
  catchUp: FLAG,
  spreadSeconds: COUNT,
  timeZone: TEXT,
}

export function jobFields(given: JobPatch): JobPatch {
  const { settings, schedule, ...rest } = pick(given, JOB)
  return {
    ...rest,
    ...(settings === undefined
      ? {}
      : { settings: pick<Partial<OwnSettings>>(settings, SETTINGS, 'settings.') }),
    ...(schedule === undefined ? {} : { schedule: toSchedule(schedule) }),
  }
}

export function toSchedule(given: ScheduleSpec): ScheduleSpec {
  // The dialog of schedules knows its fields by these names.
  const picked = pick(given, SCHEDULE)
  if (picked.interval === undefined)
    throw fieldError('interval', 'interval: expected the kind of the schedule')
  const schedule = { ...NO_SCHEDULE, ...picked }
  checkSchedule(schedule, new Date())
  return schedule
}
