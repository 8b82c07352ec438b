/**
 * Mode and name of the destination table of a task. Used by the task page.
 * Invariant: the table of a query is named in the query alone.
 * Spec: ui 5.3; backlog-replication 2.8.
 */
import { Button, Group, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { JobInfo, TaskInfoV1, TaskPatch } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { May } from '../parts/may.tsx'
import { PanelError } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { toastDone } from '../parts/toast.ts'
import { UnsavedGuard, useDirty } from '../parts/unsaved-guard.tsx'
import { patchTask, useJobChange } from './job-queries.ts'

interface AdvancedTabProps {
  readonly job: JobInfo
  readonly task: TaskInfoV1
}

export function AdvancedTab({ job, task }: AdvancedTabProps) {
  const [mode, setMode] = useState(task.mode)
  const [destination, setDestination] = useState(task.destination)
  const [isDirty, keep] = useDirty({ mode, destination })
  const mayChange = useMay('job_creator')
  const save = useJobChange((patch: TaskPatch) => patchTask(job.id, task.id, patch))
  const message = save.error instanceof ApiError ? save.error.errors[0]?.message : undefined
  const isQuery = task.query !== null
  const patch = { mode, ...(destination === task.destination ? {} : { destination }) }
  const done = () => {
    keep({ mode, destination })
    toastDone('The task was saved.')
  }
  const submit = () => save.mutate(patch, { onSuccess: done })
  const saveAll = () =>
    save.mutateAsync(patch).then(
      () => {
        done()
        return true
      },
      () => false,
    )
  return (
    <div className="sc-card sc-card-body sc-form">
      <UnsavedGuard isDirty={isDirty} onSave={mayChange ? saveAll : undefined} />
      <Stack gap="lg">
        <TextInput
          label="Destination table"
          description={isQuery ? 'stands in the query, behind REPLICATE' : 'letters, digits and _'}
          value={destination}
          disabled={isQuery}
          onChange={event => setDestination(event.currentTarget.value)}
          data-testid="field-destination-table"
          error={
            message === undefined ? undefined : (
              <span data-testid="field-destination-table-error">{message}</span>
            )
          }
        />
        <div>
          <span className="sc-label" id="mode">
            Mode
          </span>
          <SegmentedControl
            aria-labelledby="mode"
            value={mode}
            onChange={next => setMode(next as TaskInfoV1['mode'])}
            data={[
              { value: 'incremental', label: 'Incremental: what changed' },
              { value: 'full', label: 'Full: every row, each time' },
            ]}
          />
        </div>
        {save.error !== null && message === undefined && (
          <PanelError error={save.error} what="the answer" title="The change was not saved." />
        )}
        <Group justify="flex-end">
          <May least="job_creator">
            <Button
              variant="filled"
              disabled={mode === task.mode && destination === task.destination}
              loading={save.isPending}
              onClick={submit}
              data-testid="save-changes"
            >
              Save Changes
            </Button>
          </May>
        </Group>
      </Stack>
    </div>
  )
}
