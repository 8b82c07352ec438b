/**
 * Configure schedule: kind, its fields, zone, switches, and its words and next five times as the server
 * tells them.
 * Used by the overview of a job.
 * Invariant: what the server refuses is told at the field, and not saved.
 * Spec: ui 5.3, 8 (flow 6); backlog-replication 2.10.
 */
import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { JobInfo, ScheduleSpec } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { PanelError } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { useDirty } from '../parts/unsaved-guard.tsx'
import { useJobEdit } from './job-edit.tsx'
import { previewSchedule, putSchedule } from './job-queries.ts'
import { scheduleWords } from './job-words.ts'
import { errorAt, ScheduleFields } from './schedule-fields.tsx'
import { type ScheduleForm, toForm, toSpec } from './schedule-model.ts'

interface ScheduleDialogProps {
  readonly job: JobInfo
  readonly onClose: () => void
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

export function ScheduleDialog({ job, onClose }: ScheduleDialogProps) {
  const [form, setForm] = useState(() => toForm(job.schedule, ZONE))
  const [isDirty, keep] = useDirty(toSpec(form))
  const take = (schedule: ScheduleSpec) => {
    const taken = toForm(schedule, ZONE)
    setForm(taken)
    keep(toSpec(taken))
  }
  const save = useJobEdit({
    ...{ job, isDirty, mine: scheduleWords(toSpec(form)), wordsOf },
    send: (spec: ScheduleSpec, version) => putSchedule(job.id, spec, version),
    onTake: one => take(one.schedule),
    onDone: () => {
      toastDone(`The schedule of ${job.name} was saved.`)
      onClose()
    },
  })
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
  return (
    <Modal
      opened
      onClose={onClose}
      title="Configure schedule"
      size={720}
      closeOnEscape={save.dialog === false}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="dialog-schedule"
    >
      <Stack gap="lg">
        <ScheduleFields
          job={job}
          form={form}
          errors={errors}
          onChange={part => setForm({ ...form, ...part })}
        />
        <Extras form={form} errors={errors} onChange={part => setForm({ ...form, ...part })} />
        <Switch
          label="Schedule is on"
          checked={form.on}
          onChange={event => setForm({ ...form, on: event.currentTarget.checked })}
          data-testid="schedule-on"
        />
        {form.interval !== 'none' && (
          <div>
            {next.data !== undefined && (
              <p className="sc-lead" data-testid="schedule-words">
                {next.data.text}
              </p>
            )}
            {form.interval !== 'after_job' && <span className="sc-label">Next runs</span>}
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
        {save.dialog}
        {save.error !== null && errors.size === 0 && (
          <PanelError error={save.error} what="the answer" title="The change was not saved." />
        )}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="filled"
            loading={save.isPending}
            onClick={() => save.start(toSpec(form))}
            data-testid="schedule-save"
          >
            Save Changes
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** As the form would save it again. */
function wordsOf({ schedule }: JobInfo) {
  const isNone = schedule.interval === 'none'
  return scheduleWords(isNone ? schedule : toSpec(toForm(schedule, ZONE)))
}

interface ExtrasProps {
  readonly form: ScheduleForm
  readonly errors: ReadonlyMap<string, string>
  readonly onChange: (part: Partial<ScheduleForm>) => void
}

function Extras({ form, errors, onChange }: ExtrasProps) {
  if (form.interval === 'none') return null
  return (
    <div className="sc-form-fields">
      {form.interval !== 'after_job' && (
        <TextInput
          label="Start spread"
          description="starts up to so many seconds later; 0: at the minute"
          inputMode="numeric"
          value={form.spread}
          onChange={event => onChange({ spread: event.currentTarget.value })}
          data-testid="field-start-spread"
          error={errorAt(errors, 'spreadSeconds', 'start-spread')}
        />
      )}
      <Switch
        label="Catch up one missed run"
        description="when the server was down at its time"
        checked={form.catchUp}
        onChange={event => onChange({ catchUp: event.currentTarget.checked })}
        data-testid="schedule-catch-up"
      />
    </div>
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
