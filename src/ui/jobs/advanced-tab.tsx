/**
 * How a task writes: mode, table, and what differs from the job. Used by the task page.
 * Invariants: the table of a query is named in the query alone; a mode that empties or drops the table is
 * saved after its name was typed.
 * Spec: ui 4.5, 5.3; backlog-replication 2.6, 2.8, 2.9.
 */
import { Button, Group, Select, Stack, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { JobInfo, TaskInfoV1, TaskMode, TaskOptions, TaskPatch } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { May } from '../parts/may.tsx'
import { PanelError } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { UnsavedGuard, useDirty } from '../parts/unsaved-guard.tsx'
import { toWords } from './job-words.ts'
import { useSaveTask } from './plan-dialog.tsx'

interface AdvancedTabProps {
  readonly job: JobInfo
  readonly task: TaskInfoV1
}

const MODES: readonly (readonly [TaskMode, string])[] = [
  ['incremental', 'Incremental: what changed'],
  ['full', 'Full: every row is read each time'],
  ['truncate', 'Truncate and load: readers see an empty table meanwhile'],
  ['recreate', 'Drop and create: the table is made anew each time'],
  ['append', 'Append: each change is a row of its own, nothing is deleted'],
]
const DELETES = [
  ['', 'As in the job'],
  ['ignore', 'Ignore'],
  ['soft', 'Soft: mark the row'],
  ['hard', 'Hard: delete the row'],
  ['keep', 'Keep: rows that leave the source are no deletes'],
] as const

interface Fields {
  readonly destination: string
  readonly mode: TaskMode
  readonly deletes: string
  readonly start: string
  readonly checkColumn: string
  readonly ttlSeconds: string
  readonly customFields: boolean
}

function fieldsOf({ destination, mode, options }: TaskInfoV1): Fields {
  const { deletes = '', start = '', checkColumn = '', ttlSeconds, customFields = false } = options
  const ttl = ttlSeconds === undefined ? '' : String(ttlSeconds)
  return { destination, mode, deletes, start, checkColumn, ttlSeconds: ttl, customFields }
}

/** What the form does not show stays. */
function patchOf(task: TaskInfoV1, fields: Fields): TaskPatch {
  const { deletes: _d, start: _s, checkColumn: _c, ttlSeconds: _t, ...more } = task.options
  const { customFields: _f, ...others } = more
  const { destination, mode, deletes, start, checkColumn, ttlSeconds } = fields
  const given = Object.entries({ deletes, start, checkColumn }).filter(([, value]) => value !== '')
  const options = {
    ...others,
    ...Object.fromEntries(given),
    ...(ttlSeconds === '' ? {} : { ttlSeconds: Number(ttlSeconds) }),
    ...(fields.customFields ? { customFields: true } : {}),
  } as TaskOptions
  return { mode, options, ...(destination === task.destination ? {} : { destination }) }
}

export function AdvancedTab({ job, task }: AdvancedTabProps) {
  const [fields, setFields] = useState(() => fieldsOf(task))
  const [isDirty, keep] = useDirty(fields)
  const mayChange = useMay('job_creator')
  const take = (next: Fields) => {
    setFields(next)
    keep(next)
  }
  const change = useSaveTask(job, task, {
    ...{ isDirty, mine: toWords({ ...fields }, LABELS) },
    wordsOf: one => toWords({ ...fieldsOf(one) }, LABELS),
    onTake: one => take(fieldsOf(one)),
    onSaved: ({ destination = fields.destination }) => take({ ...fields, destination }),
  })
  const errors = change.error instanceof ApiError ? change.error.errors : []
  const patch = patchOf(task, fields)
  const isQuery = task.query !== null
  const text = (key: 'destination' | 'start' | 'checkColumn' | 'ttlSeconds', help: string) => {
    const found = errors.find(one => keyOf(one.field) === key)
    const name = key === 'destination' ? 'destination-table' : key
    return (
      <TextInput
        label={LABELS[key]}
        description={help}
        value={fields[key]}
        disabled={key === 'destination' && isQuery}
        onChange={event => setFields({ ...fields, [key]: event.currentTarget.value })}
        data-testid={`field-${name}`}
        error={
          found === undefined ? undefined : (
            <span data-testid={`field-${name}-error`}>{found.message}</span>
          )
        }
      />
    )
  }
  return (
    <div className="sc-card sc-card-body sc-form">
      <UnsavedGuard isDirty={isDirty} onSave={mayChange ? () => change.tryAll(patch) : undefined} />
      <Stack gap="lg">
        {text('destination', isQuery ? 'stands in the query, behind REPLICATE' : TABLE_HELP)}
        <Select
          label="Mode"
          allowDeselect={false}
          value={fields.mode}
          onChange={mode => setFields({ ...fields, mode: (mode ?? 'incremental') as TaskMode })}
          data={MODES.map(([value, label]) => ({ value, label }))}
          data-testid="field-mode"
        />
        <Select
          label="Deletes"
          allowDeselect={false}
          value={fields.deletes}
          disabled={fields.mode === 'append'}
          onChange={deletes => setFields({ ...fields, deletes: deletes ?? '' })}
          data={DELETES.map(([value, label]) => ({ value, label }))}
          data-testid="field-deletes"
        />
        {text('start', '2026-01-31; rows before it are neither written nor deleted')}
        {text(
          'checkColumn',
          `says when a row changed; ${task.checkColumn ?? 'the table has none'}`,
        )}
        {text('ttlSeconds', 'rows vanish so long after they were written; empty: never')}
        {job.sourceConnector === 'backlog' && task.table === 'Issues' && (
          <Switch
            label="Custom fields as columns"
            description={task.columns.length === 0 ? FIELDS_HELP : OWN_COLUMNS_HELP}
            checked={fields.customFields}
            disabled={task.columns.length > 0}
            onChange={event => setFields({ ...fields, customFields: event.currentTarget.checked })}
            data-testid="field-customFields"
          />
        )}
        {change.error !== null && !errors.some(one => AT_FIELD.has(keyOf(one.field))) && (
          <PanelError error={change.error} what="the answer" title="The change was not saved." />
        )}
        <Group justify="flex-end">
          <May least="job_creator">
            <Button
              variant="filled"
              disabled={!isDirty}
              loading={change.isPending}
              onClick={() => change.start(patch)}
              data-testid="save-changes"
            >
              Save Changes
            </Button>
          </May>
        </Group>
      </Stack>
      {change.dialog}
    </div>
  )
}

/** The server names options by their place. */
function keyOf(field: string): string {
  return field.replace(/^options\./, '')
}

/** Those that tell what is wrong themselves. */
const AT_FIELD = new Set(['destination', 'start', 'checkColumn', 'ttlSeconds'])
const FIELDS_HELP = 'each field of the projects is a column, those that come later too'
const OWN_COLUMNS_HELP = 'the task has columns of its own: choose fields in the tab Columns'
const TABLE_HELP = 'letters, digits and _'
const LABELS = {
  ...{ destination: 'Destination table', start: 'Start' },
  ...{ checkColumn: 'Check column', ttlSeconds: 'Time to live, s' },
  ...{ mode: 'Mode', deletes: 'Deletes', customFields: 'Custom fields as columns' },
} as const
