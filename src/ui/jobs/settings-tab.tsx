/**
 * Settings of a job: name, labels, deletion, limits, system columns, tables that Sync all leaves out.
 * Used by the job page.
 * Spec: ui 4.4, 5.3; backlog-replication 2.3, 2.8, 2.9.
 */
import {
  Button,
  Group,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { DeleteMode, JobInfo, JobPatch, NewColumns } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toCounted } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { PanelError } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { toastDone } from '../parts/toast.ts'
import { UnsavedGuard } from '../parts/unsaved-guard.tsx'
import { useJobEdit } from './job-edit.tsx'
import { saveJob, useDeleteJob } from './job-queries.ts'
import { toWords } from './job-words.ts'
import { LogLevelField } from './log-level-field.tsx'

const DELETIONS = [
  ['ignore', 'Ignore'],
  ['soft', 'Soft: mark the row'],
  ['hard', 'Hard: delete the row'],
] as const

type NumberKey = 'rejectedMax' | 'waitMaxSeconds' | 'parallelTasks'

const PARALLEL_HELP =
  '1 to 16; requests to Backlog still go one after the other. Each may hold two pages and what is being written.'

export function SettingsTab({ job }: { readonly job: JobInfo }) {
  const { form, save, submit, saveAll } = useSettings(job)
  const mayChange = useMay('job_creator')
  const number = (key: NumberKey, label: string, help: string) => (
    <TextInput
      label={label}
      description={help}
      inputMode="numeric"
      {...form.getInputProps(key)}
      data-testid={`field-${key}`}
      error={
        form.errors[key] === undefined ? undefined : (
          <span data-testid={`field-${key}-error`}>{form.errors[key]}</span>
        )
      }
    />
  )
  const error = save.error instanceof ApiError && save.error.errors.length === 0 ? save.error : null
  return (
    <form noValidate onSubmit={submit} className="sc-form">
      <UnsavedGuard isDirty={form.isDirty()} onSave={mayChange ? saveAll : undefined} />
      <div className="sc-card sc-card-body">
        <Stack gap="lg">
          <TextInput
            label="Name"
            {...form.getInputProps('name')}
            data-testid="field-name"
            error={
              form.errors['name'] === undefined ? undefined : (
                <span data-testid="field-name-error">{form.errors['name']}</span>
              )
            }
          />
          <TagsInput label="Labels" acceptValueOnBlur {...form.getInputProps('labels')} />
          <div>
            <span className="sc-label" id="deletion">
              Deletion
            </span>
            <SegmentedControl
              aria-labelledby="deletion"
              value={form.values.deletion}
              onChange={value => form.setFieldValue('deletion', value as DeleteMode)}
              data={DELETIONS.map(([value, label]) => ({ value, label }))}
              data-testid="field-deletion"
            />
          </div>
          <Select
            label="Schema changes of the source"
            description="New columns, and types that got wider"
            allowDeselect={false}
            data={NEW_COLUMNS.map(([value, label]) => ({ value, label }))}
            {...form.getInputProps('newColumns')}
            data-testid="field-new-columns"
          />
          {number('rejectedMax', 'Rejected rows', 'of a task, above which it fails')}
          {number('parallelTasks', 'Parallel tasks', PARALLEL_HELP)}
          {number('waitMaxSeconds', 'Longest wait, s', 'for the rate limit, in all; 0: no limit')}
          <LogLevelField job={job} {...form.getInputProps('logLevel')} />
          <Switch
            label="Stop on the first error"
            {...form.getInputProps('stopOnFirstError', { type: 'checkbox' })}
          />
          <Switch
            label="System columns"
            description="_sc_synced_at and _sc_run_id in every table"
            {...form.getInputProps('systemColumns', { type: 'checkbox' })}
          />
          {job.type === 'sync_all' && (
            <TagsInput
              label="Tables left out"
              acceptValueOnBlur
              {...form.getInputProps('exclude')}
            />
          )}
          {save.dialog}
          {error !== null && (
            <PanelError error={error} what="the answer" title="The change was not saved." />
          )}
          <Group justify="space-between" gap="sm">
            <May least="job_creator">
              <Delete job={job} />
            </May>
            <May least="job_creator">
              <Button
                variant="filled"
                type="submit"
                loading={save.isPending}
                disabled={!form.isDirty()}
                data-testid="save-changes"
              >
                Save Changes
              </Button>
            </May>
          </Group>
        </Stack>
      </div>
    </form>
  )
}

const NEW_COLUMNS: readonly (readonly [NewColumns, string])[] = [
  ['ask', 'Ask: they wait on Overview'],
  ['add', 'Add automatically'],
  ['ignore', 'Ignore'],
]

function useSettings(job: JobInfo) {
  const check = (value: string) =>
    /^\d{1,9}$/.test(value) ? null : 'Expected a number of 0 or more.'
  const form = useForm({
    initialValues: valuesOf(job),
    validate: { rejectedMax: check, waitMaxSeconds: check, parallelTasks: check },
  })
  const onTake = (one: JobInfo) => {
    form.setInitialValues(valuesOf(one))
    form.setValues(valuesOf(one))
    form.resetDirty(valuesOf(one))
    form.clearErrors()
  }
  const save = useJobEdit({
    ...{ job, onTake, isDirty: form.isDirty(), mine: toWords({ ...form.values }, LABELS) },
    wordsOf: one => toWords({ ...valuesOf(one) }, LABELS),
    send: (values: Values, version) => saveJob(job.id, patchOf(values), version),
    onDone: done => {
      onTake(done)
      toastDone(`${done.name} was saved.`)
    },
    onError: error => {
      for (const one of error instanceof ApiError ? error.errors : [])
        form.setFieldError(one.field.replace(/^settings\./, ''), one.message)
    },
  })
  const submit = form.onSubmit(save.start)
  const saveAll = async () => !form.validate().hasErrors && (await save.tryAll(form.values))
  return { form, save, submit, saveAll }
}

type Values = ReturnType<typeof valuesOf>

function valuesOf({ name, labels, type, settings }: JobInfo) {
  return {
    ...{ name, labels: [...labels], deletion: settings.deletion },
    newColumns: settings.newColumns ?? (type === 'sync_all' ? 'add' : 'ask'),
    rejectedMax: String(settings.rejectedMax),
    waitMaxSeconds: String(settings.waitMaxSeconds),
    parallelTasks: String(settings.parallelTasks),
    logLevel: settings.logLevel,
    stopOnFirstError: settings.stopOnFirstError,
    systemColumns: settings.systemColumns,
    exclude: [...settings.exclude],
  }
}

function patchOf({ name, labels, ...values }: Values): JobPatch {
  const { rejectedMax, waitMaxSeconds, parallelTasks, ...rest } = values
  const numbers = {
    ...{ rejectedMax: Number(rejectedMax), waitMaxSeconds: Number(waitMaxSeconds) },
    parallelTasks: Number(parallelTasks),
  }
  return { name, labels, settings: { ...rest, ...numbers } }
}

const LABELS = {
  ...{ name: 'Name', labels: 'Labels', deletion: 'Deletion', rejectedMax: 'Rejected rows' },
  ...{ newColumns: 'Schema changes of the source', parallelTasks: 'Parallel tasks' },
  ...{ waitMaxSeconds: 'Longest wait, s', stopOnFirstError: 'Stop on the first error' },
  ...{ logLevel: 'Logging', systemColumns: 'System columns', exclude: 'Tables left out' },
} as const

function Delete({ job }: { readonly job: JobInfo }) {
  const [isAsked, setIsAsked] = useState(false)
  const remove = useDeleteJob()
  const navigate = useNavigate()
  return (
    <>
      <Button color="error" onClick={() => setIsAsked(true)} data-testid="job-delete">
        Delete
      </Button>
      <ConfirmDialog
        opened={isAsked}
        title={`Delete job ${job.name}?`}
        text={`${toCounted(job.tasks.length, 'task')}, its schedule, events and runs go. The tables in Cassandra stay.`}
        verb="Delete job"
        dangerous
        busy={remove.isPending}
        onConfirm={() =>
          remove.mutate(job, {
            onSuccess: () => void navigate({ to: '/jobs', ignoreBlocker: true }),
          })
        }
        onClose={() => setIsAsked(false)}
      />
    </>
  )
}
