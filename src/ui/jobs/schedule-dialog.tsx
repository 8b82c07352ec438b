/**
 * Configure schedule: kind, its fields, zone, switch, and the next five times as the server tells them.
 * Used by the overview of a job.
 * Invariant: what the server refuses is told at the field, and not saved.
 * Spec: ui 5.3, 8 (flow 6); backlog-replication 2.10.
 */
import { Button, Group, Modal, MultiSelect, Select, Stack, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { JobInfo } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { PanelError } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { previewSchedule, putSchedule, useJobChange } from './job-queries.ts'
import {
  DAYS,
  INTERVALS,
  type Interval,
  type ScheduleForm,
  toForm,
  toSpec,
} from './schedule-model.ts'

interface ScheduleDialogProps {
  readonly job: JobInfo
  readonly onClose: () => void
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone
const ZONES = [...new Set(['UTC', ZONE, ...Intl.supportedValuesOf('timeZone')])]

export function ScheduleDialog({ job, onClose }: ScheduleDialogProps) {
  const [form, setForm] = useState(() => toForm(job.schedule, ZONE))
  const save = useJobChange(() => putSchedule(job.id, toSpec(form)))
  const [asked] = useDebouncedValue(toSpec(form), 200)
  const next = useQuery({
    queryKey: ['schedule', asked],
    queryFn: () => previewSchedule(asked),
    enabled: asked.interval !== 'none',
    retry: false,
  })
  const error = save.error ?? (asked.interval === 'none' ? null : next.error)
  const errors = new Map(
    error instanceof ApiError ? error.errors.map(one => [one.field, one.message]) : [],
  )
  const submit = () =>
    save.mutate(undefined, {
      onSuccess: () => {
        toastDone(`The schedule of ${job.name} was saved.`)
        onClose()
      },
    })
  return (
    <Modal
      opened
      onClose={onClose}
      title="Configure schedule"
      size={720}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="dialog-schedule"
    >
      <Stack gap="lg">
        <Fields form={form} errors={errors} onChange={part => setForm({ ...form, ...part })} />
        <Switch
          label="Schedule is on"
          checked={form.on}
          onChange={event => setForm({ ...form, on: event.currentTarget.checked })}
          data-testid="schedule-on"
        />
        {form.interval !== 'none' && (
          <div>
            <span className="sc-label">Next runs</span>
            <ul className="sc-next">
              {(next.data?.items ?? []).map(iso => (
                <li key={iso} data-testid="schedule-next">
                  {inZone(iso, form.timeZone)}
                </li>
              ))}
            </ul>
          </div>
        )}
        <p className="sc-lead">If a run is still going, the next one is recorded as Skipped.</p>
        {save.error !== null && errors.size === 0 && (
          <PanelError error={save.error} what="the answer" title="The change was not saved." />
        )}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="filled"
            loading={save.isPending}
            onClick={submit}
            data-testid="schedule-save"
          >
            Save Changes
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

interface FieldsProps {
  readonly form: ScheduleForm
  readonly errors: ReadonlyMap<string, string>
  readonly onChange: (part: Partial<ScheduleForm>) => void
}

function Fields({ form, errors, onChange }: FieldsProps) {
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
      <Select
        label="Interval"
        value={interval}
        onChange={next => next !== null && onChange({ interval: next as Interval })}
        data={INTERVALS.map(([value, label]) => ({ value, label }))}
        allowDeselect={false}
        renderOption={({ option }) => <Option value={option.value} text={option.label} />}
        data-testid="field-interval"
      />
      {interval === 'minute' && (
        <Select
          label="Every"
          value={form.every}
          onChange={next => next !== null && onChange({ every: next })}
          data={['10', '15', '20', '30'].map(value => ({ value, label: `${value} min` }))}
          allowDeselect={false}
          renderOption={({ option }) => <Option value={option.value} text={option.label} />}
          data-testid="field-every"
        />
      )}
      {interval === 'hourly' && text('minute', 'Minute', 'past the hour, 0 to 59')}
      {interval === 'weekly' && (
        <MultiSelect
          label="Days"
          value={[...form.days]}
          onChange={days => onChange({ days })}
          data={DAYS.map((label, value) => ({ value: String(value), label }))}
          renderOption={({ option }) => <Option value={option.value} text={option.label} />}
          data-testid="field-days"
          error={errorAt(errors, 'days')}
        />
      )}
      {interval === 'monthly' && text('day', 'Day', '1 to 31, or last')}
      {isTimed && text('time', 'Time', 'hours and minutes, such as 02:00')}
      {interval === 'custom' && text('cron', 'Cron', 'minute, hour, day, month, day of the week')}
      {interval !== 'none' && (
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
          error={errorAt(errors, 'timeZone')}
        />
      )}
    </div>
  )
}

function Option({ value, text }: { readonly value: string; readonly text: string }) {
  return (
    <span data-testid="option" data-value={value}>
      {text}
    </span>
  )
}

function errorAt(errors: ReadonlyMap<string, string>, key: string) {
  const message = errors.get(key)
  return message === undefined ? undefined : (
    <span data-testid={`field-${key}-error`}>{message}</span>
  )
}

function inZone(iso: string, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, weekday: 'short', month: 'short', day: 'numeric' },
      ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' },
    }).format(new Date(iso))
  } catch {
    return iso
  }
}
