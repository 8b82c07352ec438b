/**
 * The part of a job that a form edits, in words: to see whether somebody else changed it, and to show in what
 * it differs. Pure.
 * Invariant: two parts with the same words are saved as the same.
 * Spec: ui 4.4 (changed meanwhile).
 */
import type { ColumnSpec, ScheduleSpec } from '../../api-v1.ts'

/** By what it is called on the form. */
export type Words = Readonly<Record<string, string>>

export function toWords(
  values: Readonly<Record<string, unknown>>,
  labels: Readonly<Record<string, string>> = {},
): Words {
  const said = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [labels[key] ?? key, said(value)]),
  )
}

/** By the column of the source; their order is a part of its own. */
export function columnWords(columns: readonly ColumnSpec[]): Words {
  const words: Record<string, string> = {}
  for (const { on, source, expression, name, type, key, onError } of columns) {
    const keyRole = key === 'none' ? null : `${key} key`
    const parts = [on ? 'on' : 'off', expression, `as ${name}`, type, keyRole, onError ?? null]
    const place = source === null || source in words ? name : source
    words[place] = parts.filter(one => one !== null).join(', ')
  }
  return { ...words, Order: columns.map(one => one.name).join(', ') }
}

export function scheduleWords(spec: ScheduleSpec): Words {
  return toWords(spec.interval === 'none' ? { interval: 'none' } : { ...spec }, SCHEDULE_LABELS)
}

const SCHEDULE_LABELS = {
  ...{ on: 'Schedule is on', interval: 'Interval', every: 'Every', minute: 'Minute' },
  ...{ time: 'Time', days: 'Days', day: 'Day', cron: 'Cron', timeZone: 'Time zone' },
  ...{ afterJob: 'After job', afterOn: 'Runs', spreadSeconds: 'Start spread' },
  catchUp: 'Catch up one missed run',
} as const

/** Of `mine` what differs; null: it has no such thing. */
export function differences(theirs: Words, mine: Words): Readonly<Record<string, string | null>> {
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])]
  const other = keys.filter(key => theirs[key] !== mine[key])
  return Object.fromEntries(other.map(key => [key, mine[key] ?? null]))
}
