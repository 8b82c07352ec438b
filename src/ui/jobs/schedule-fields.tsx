/**
 * The fields of a schedule by its kind. Part of the dialog of schedules.
 * Invariant: what the server refuses stands at its field.
 * Spec: ui 5.3, 8 (flow 6); backlog-replication 2.10.
 */
import { MultiSelect, Select, Switch, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { JobInfo } from '../../api-v1.ts'
import { jobsQuery } from './job-queries.ts'
import {
  DAYS,
  INTERVALS,
  type Interval,
  MINUTES,
  MINUTES_ADVANCED,
  type ScheduleForm,
} from './schedule-model.ts'

interface FieldsProps {
  readonly job: JobInfo
  readonly form: ScheduleForm
  readonly errors: ReadonlyMap<string, string>
  readonly onChange: (part: Partial<ScheduleForm>) => void
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone
const ZONES = [...new Set(['UTC', ZONE, ...Intl.supportedValuesOf('timeZone')])]

export function ScheduleFields({ job, form, errors, onChange }: FieldsProps) {
  const { interval } = form
  const text = (key: 'minute' | 'time' | 'day' | 'cron', label: string, help: string) => (
    <TextInput
      label={label}
      description={help}
      value={form[key]}
      onChange={event => onChange({ [key]: event.currentTarget.value })}
      data-testid={`field-${key}`}
      error={errorAt(errors, key)}
    />
  )
  const isTimed = ['daily', 'weekly', 'monthly'].includes(interval)
  return (
    <div className="sc-form-fields">
      <Choice
        label="Interval"
        value={interval}
        of={INTERVALS}
        onChange={next => onChange({ interval: next as Interval })}
        testId="field-interval"
      />
      {interval === 'minute' && <Minutes form={form} onChange={onChange} />}
      {interval === 'hourly' && text('minute', 'Minute', 'past the hour, 0 to 59')}
      {interval === 'weekly' && (
        <MultiSelect
          label="Days"
          value={[...form.days]}
          onChange={days => onChange({ days })}
          data={DAYS.map((label, value) => ({ value: String(value), label }))}
          searchable
          renderOption={({ option }) => <Option value={option.value} text={option.label} />}
          data-testid="field-days"
          error={errorAt(errors, 'days')}
        />
      )}
      {interval === 'monthly' && text('day', 'Day', '1 to 31, or last')}
      {isTimed && text('time', 'Time', 'hours and minutes, such as 02:00')}
      {interval === 'custom' &&
        text(
          'cron',
          'Cron',
          'minute, hour, day, month, day of the week; L is last, 1#2 the second Monday',
        )}
      {interval === 'after_job' && (
        <AfterJob job={job} form={form} errors={errors} onChange={onChange} />
      )}
      {interval !== 'none' && interval !== 'after_job' && (
        <Select
          label="Time zone"
          value={form.timeZone}
          onChange={next => next !== null && onChange({ timeZone: next })}
          data={ZONES}
          limit={50}
          searchable
          allowDeselect={false}
          renderOption={({ option }) => <Option value={option.value} text={option.label} />}
          data-testid="field-time-zone"
          error={errorAt(errors, 'timeZone', 'time-zone')}
        />
      )}
    </div>
  )
}

function Minutes({ form, onChange }: Pick<FieldsProps, 'form' | 'onChange'>) {
  const [isAdvanced, setAdvanced] = useState(!MINUTES.includes(form.every))
  const every = isAdvanced ? MINUTES_ADVANCED : MINUTES
  const change = (next: boolean) => {
    setAdvanced(next)
    if (!next && !MINUTES.includes(form.every)) onChange({ every: '10' })
  }
  return (
    <>
      <Choice
        label="Every"
        value={form.every}
        of={every.map(one => [one, `${one} min`] as const)}
        onChange={next => onChange({ every: next })}
        testId="field-every"
      />
      <Switch
        label="Advanced: every 1 or 5 min"
        description="Each run asks Backlog, also when nothing changed: mind its rate limit."
        checked={isAdvanced}
        onChange={event => change(event.currentTarget.checked)}
        data-testid="schedule-advanced"
      />
    </>
  )
}

const AFTER_ON = [
  ['success', 'when it succeeded, also with warnings'],
  ['always', 'always, unless it was stopped'],
] as const

function AfterJob({ job, form, errors, onChange }: FieldsProps) {
  const jobs = useQuery(jobsQuery).data ?? []
  return (
    <>
      <Select
        label="After job"
        value={form.afterJob === '' ? null : form.afterJob}
        onChange={next => next !== null && onChange({ afterJob: next })}
        data={jobs
          .filter(one => one.id !== job.id)
          .map(({ id, name }) => ({ value: id, label: name }))}
        searchable
        allowDeselect={false}
        renderOption={({ option }) => <Option value={option.label} text={option.label} />}
        data-testid="field-after-job"
        error={errorAt(errors, 'afterJob', 'after-job')}
      />
      <Choice
        label="Runs"
        value={form.afterOn}
        of={AFTER_ON}
        onChange={next => onChange({ afterOn: next })}
        testId="field-runs"
      />
    </>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly of: readonly (readonly [value: string, label: string])[]
  readonly onChange: (next: string) => void
  readonly testId: string
}

function Choice({ label, value, of, onChange, testId }: ChoiceProps) {
  return (
    <Select
      label={label}
      value={value}
      onChange={next => next !== null && onChange(next)}
      data={of.map(([key, text]) => ({ value: key, label: text }))}
      allowDeselect={false}
      renderOption={({ option }) => <Option value={option.value} text={option.label} />}
      data-testid={testId}
    />
  )
}

function Option({ value, text }: { readonly value: string; readonly text: string }) {
  return (
    <span data-testid="option" data-value={value}>
      {text}
    </span>
  )
}

/** `id`: where the field is named otherwise on the page. */
export function errorAt(errors: ReadonlyMap<string, string>, key: string, id = key) {
  const message = errors.get(key)
  return message === undefined ? undefined : (
    <span data-testid={`field-${id}-error`}>{message}</span>
  )
}
