/**
 * The statement of a query task: editor, problems, what kind of query it is, and the first rows of its
 * result. Used by the task page, also for a query that is not saved yet.
 * Invariants: what is refused is not saved; the message stands below the editor, with its line where
 * the engine names one.
 * Spec: ui 5.3, 8 (flow 5); backlog-replication 2.6.
 */
import { Button, Group, Stack } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { JobInfo, TaskInfoV1, TaskPreview } from '../../api-v1.ts'
import { toCounted, toDuration } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { adviceOf } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { toastDone } from '../parts/toast.ts'
import { UnsavedGuard, useDirty } from '../parts/unsaved-guard.tsx'
import { addTasks, previewTask, tablesQuery, useJobChange } from './job-queries.ts'
import { SqlEditor } from './lazy-sql-editor.tsx'
import { useSaveTask } from './plan-dialog.tsx'
import { PreviewGrid, Problems } from './preview-grid.tsx'

interface QueryTabProps {
  readonly job: JobInfo
  /** Undefined: a new one. */
  readonly task: TaskInfoV1 | undefined
}

const EXAMPLE = `REPLICATE open_issues (PRIMARY KEY ((id)))
SELECT Id AS id, Summary AS title
FROM Issues
WHERE StatusId < 4
`

export function QueryTab({ job, task }: QueryTabProps) {
  const [text, setText] = useState(task?.query ?? EXAMPLE)
  const tables = useQuery(tablesQuery(job.source))
  const [isDirty, keep] = useDirty(text)
  const mayPreview = useMay('job_creator')
  const preview = useMutation({ mutationFn: () => previewTask(job.id, { query: text }) })
  const save = useSaveQuery(job, task, { text, keep })
  const error = save.error ?? preview.error
  return (
    <Stack gap="lg">
      <UnsavedGuard isDirty={isDirty} onSave={mayPreview ? save.tryAll : undefined} />
      <div className="sc-toolbar">
        <span className="sc-quiet">
          REPLICATE table (PRIMARY KEY (…)) and one SELECT over the tables of {job.sourceName}
        </span>
        <span className="sc-spacer" />
        <May least="job_creator">
          <Button
            loading={preview.isPending}
            onClick={() => {
              save.reset()
              preview.mutate()
            }}
            data-testid="query-preview"
          >
            Preview
          </Button>
        </May>
        <May least="job_creator">
          <Button
            variant="filled"
            loading={save.isPending}
            onClick={() => {
              preview.reset()
              save.start()
            }}
            data-testid="save-changes"
          >
            Save Changes
          </Button>
        </May>
      </div>
      <SqlEditor
        value={text}
        onChange={setText}
        label="Query"
        testId="query-editor"
        tables={(tables.data ?? []).map(one => one.name)}
        onRun={() => mayPreview && preview.mutate()}
      />
      {error !== null && <Problem error={error} />}
      {preview.data !== undefined && <Result preview={preview.data} />}
      {save.dialog}
    </Stack>
  )
}

interface SaveOf {
  readonly text: string
  readonly keep: (text: string) => void
}

function useSaveQuery(job: JobInfo, task: TaskInfoV1 | undefined, { text, keep }: SaveOf) {
  const navigate = useNavigate()
  const add = useJobChange((query: string) => addTasks(job.id, [{ query }]))
  // A hook may not be left out: for a new query it is never started.
  const change = useSaveTask(job, task ?? NO_TASK, ({ query }) => keep(query ?? text))
  if (task !== undefined) {
    const patch = { query: text }
    return { ...change, start: () => change.start(patch), tryAll: () => change.tryAll(patch) }
  }
  const start = () =>
    add.mutate(text, {
      onSuccess: changed => {
        const made = changed.tasks.at(-1)
        if (made === undefined) return
        toastDone('The query was saved.')
        const params = { id: job.id, task: made.id, tab: 'query' }
        void navigate({ to: '/jobs/$id/task/$task/$tab', params, ignoreBlocker: true })
      },
    })
  const tryAll = () =>
    add.mutateAsync(text).then(
      () => true,
      () => false,
    )
  const { isPending, error, reset } = add
  return { start, tryAll, isPending, error, reset, dialog: undefined }
}

const NO_TASK = { id: 'new', query: '' } as TaskInfoV1

function Problem({ error }: { readonly error: Error }) {
  const line = /LINE (\d+)/.exec(error.message)?.[1]
  return (
    <div
      className="sc-banner"
      data-role="error"
      data-testid="query-problem"
      data-line={line}
      role="alert"
    >
      <div>
        <pre className="sc-message">{error.message}</pre>
        <p className="sc-quiet">{adviceOf(error)}</p>
      </div>
    </div>
  )
}

function Result({ preview }: { readonly preview: TaskPreview }) {
  const { after, problems, requests, tookMs, queryKind, queryReason } = preview
  return (
    <Stack gap="md">
      <Group gap="lg">
        <strong data-testid="query-kind" data-state={queryKind ?? 'full'}>
          {queryKind === 'incremental' ? 'Incremental' : 'Full'} query
        </strong>
        <span className="sc-quiet" data-testid="preview-stats">
          {toCounted(after.rows.length, 'row')} in {toDuration(tookMs)},{' '}
          {toCounted(requests, 'request')}
        </span>
      </Group>
      {queryReason !== undefined && <p className="sc-lead">{queryReason}</p>}
      <Problems problems={problems} />
      <PreviewGrid grid={after} testId="preview-grid" problems={problems} />
    </Stack>
  )
}
