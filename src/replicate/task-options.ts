/**
 * How a task writes: its mode and options, checked. Pure; drafts and changes of tasks and the options of
 * queries come through here.
 * Invariants: a wrong field is refused by its name; `truncate` and `dropTable` are kept as the mode that
 * they stand for; of two modes none is guessed.
 * Spec: backlog-replication 2.6, 2.8, 2.9.
 */
import type { IntervalUnit, TaskMode, TaskOptions } from '../api-v1.ts'
import { type FieldCheck, FLAG, oneOf, pick, TEXT } from './named-fields.ts'
import { fieldError } from './task-target.ts'

export const TASK_MODES = ['incremental', 'full', 'truncate', 'recreate', 'append'] as const

/** Twenty years: what Cassandra takes. */
const TTL_SECONDS_MAX = 630_720_000
const BATCH_ROWS_MAX = 10_000
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$/

const OPTIONS: Readonly<Record<keyof TaskOptions, FieldCheck>> = {
  deletes: oneOf('ignore', 'soft', 'hard', 'keep'),
  checkColumn: TEXT,
  start: {
    expected: 'a date such as 2026-01-31, or with a time in UTC',
    fits: one => typeof one === 'string' && DATE.test(one) && !Number.isNaN(Date.parse(one)),
  },
  interval: wholeUpTo(1_000_000),
  intervalUnit: oneOf('minutes', 'hours', 'days', 'weeks', 'months', 'years'),
  batchRows: wholeUpTo(BATCH_ROWS_MAX),
  ttlSeconds: wholeUpTo(TTL_SECONDS_MAX),
  customFields: FLAG,
  alterSchema: FLAG,
  dropTable: FLAG,
  truncate: FLAG,
}

export interface WriteFields {
  readonly mode?: TaskMode
  readonly options?: TaskOptions
}

/** What a draft or a change says of mode and options; what it does not say is left out. */
export function writeFields(given: {
  readonly mode?: TaskMode | undefined
  readonly options?: TaskOptions | undefined
}): WriteFields {
  const own = given.mode === undefined ? {} : { mode: given.mode }
  if (given.options === undefined) return own
  const { dropTable, truncate, ...options } = pick(given.options, OPTIONS, 'options.')
  if ((options.interval === undefined) !== (options.intervalUnit === undefined))
    throw fieldError(
      options.interval === undefined ? 'options.interval' : 'options.intervalUnit',
      'options: interval and intervalUnit come together',
    )
  const mode = modeOf({ mode: given.mode, dropTable, truncate })
  return { ...(mode === undefined ? {} : { mode }), options }
}

function modeOf(of: {
  readonly mode: TaskMode | undefined
  readonly dropTable: boolean | undefined
  readonly truncate: boolean | undefined
}): TaskMode | undefined {
  const named: [field: string, mode: TaskMode][] = []
  if (of.dropTable === true) named.push(['options.dropTable', 'recreate'])
  if (of.truncate === true) named.push(['options.truncate', 'truncate'])
  const [first, second] = named
  if (second !== undefined)
    throw fieldError(second[0], 'options: dropTable and truncate exclude each other')
  if (first === undefined) return of.mode
  const [field, mode] = first
  if (of.mode !== undefined && of.mode !== mode && of.mode !== 'full')
    throw fieldError(field, `${field}: is the mode ${mode}, the task has the mode ${of.mode}`)
  return mode
}

const DAY_MS = 86_400_000
const UNIT_MS: Readonly<Record<IntervalUnit, number>> = {
  ...{ minutes: 60_000, hours: 3_600_000, days: DAY_MS, weeks: 7 * DAY_MS },
  ...{ months: 30 * DAY_MS, years: 365 * DAY_MS },
}

/** How much of the past a first load asks for at a time, of tasks that read together: the least. */
export function windowOf(tasks: readonly { readonly options?: TaskOptions }[]): number | undefined {
  const windows = tasks.flatMap(({ options: { interval, intervalUnit } = {} }) =>
    interval === undefined || intervalUnit === undefined ? [] : [interval * UNIT_MS[intervalUnit]],
  )
  return windows.length === 0 ? undefined : Math.min(...windows)
}

/** Each run reads every row. */
export function isWhole(mode: TaskMode): boolean {
  return mode === 'full' || isLosing(mode)
}

/** Rows of the table are lost at the beginning of each run. */
export function isLosing(mode: TaskMode): boolean {
  return mode === 'truncate' || mode === 'recreate'
}

function wholeUpTo(max: number): FieldCheck {
  return {
    expected: `a whole number from 1 to ${max}`,
    fits: one => Number.isSafeInteger(one) && Number(one) >= 1 && Number(one) <= max,
  }
}
