/**
 * Filters of the history of a job: a state, days, a task. Used by the tab History.
 * Invariant: what is asked of the server is all of its history, not only what is shown.
 * Spec: ui 5.3; backlog-replication 2.13.
 */
import { Select, TextInput } from '@mantine/core'
import { stateWord } from '../parts/status-chip.tsx'
import { shownZone, typedZone } from '../parts/zone.ts'
import type { RunsFilter } from './job-queries.ts'

export interface RunsFilterText {
  /** `2026-11-22`, of the shown zone. */
  readonly day: string
  readonly until: string
  readonly task: string
  readonly state: string
}

const STATES = ['SUCCESS', 'WARNING', 'PARTIAL', 'FAILED', 'CANCELLED', 'SKIPPED']
const DAY = /^\d{4}-\d{2}-\d{2}$/

interface FiltersProps {
  readonly tasks: readonly string[]
  readonly value: RunsFilterText
  readonly onChange: (part: Partial<RunsFilterText>) => void
}

export function HistoryFilters({ tasks, value, onChange }: FiltersProps) {
  const day = (key: 'day' | 'until', label: string) => (
    <TextInput
      type="date"
      aria-label={label}
      title={label}
      value={value[key]}
      onChange={event => onChange({ [key]: event.currentTarget.value })}
      data-testid={`history-${key}`}
    />
  )
  const choice = (
    key: 'task' | 'state',
    label: string,
    of: readonly (readonly [string, string])[],
  ) => (
    <Select
      aria-label={label}
      placeholder={label}
      value={value[key] === '' ? null : value[key]}
      onChange={next => onChange({ [key]: next ?? '' })}
      data={of.map(([one, text]) => ({ value: one, label: text }))}
      clearable
      w={160}
      renderOption={({ option }) => (
        <span data-testid="option" data-value={option.value}>
          {option.label}
        </span>
      )}
      data-testid={`history-${key}`}
    />
  )
  return (
    <>
      {day('day', 'From day')}
      {day('until', 'To day')}
      {choice(
        'state',
        'Exact state',
        STATES.map(one => [one, stateWord(one)] as const),
      )}
      {choice(
        'task',
        'Task',
        tasks.map(one => [one, one] as const),
      )}
    </>
  )
}

export function isFiltered(filter: RunsFilterText): boolean {
  return Object.values(toFilter(filter)).some(one => one !== '')
}

export function toFilter({ day, until, task, state }: RunsFilterText): RunsFilter {
  const last = DAY.test(until) ? startOf(until) : undefined
  if (shownZone() === 'utc') last?.setUTCDate(last.getUTCDate() + 1)
  else last?.setDate(last.getDate() + 1)
  return {
    ...{ task, states: state },
    since: DAY.test(day) ? startOf(day).toISOString() : '',
    before: last === undefined ? '' : last.toISOString(),
  }
}

function startOf(day: string): Date {
  return new Date(`${day}T00:00:00${typedZone()}`)
}
