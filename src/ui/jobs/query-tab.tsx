/**
 * The statement of a query task: editor, problems, what kind of query it is, and the first rows of its
 * result. Used by the task page, also for a query that is not saved yet.
 * Invariants: what is refused is not saved; the message stands below the editor, with its line where
 * the engine names one.
 * Spec: ui 5.3, 8 (flow 5); backlog-replication 2.6.
 */
import { Button, Stack } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { JobInfo, TaskDraft, TaskInfoV1 } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { May } from '../parts/may.tsx'
import { adviceOf } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { toastDone } from '../parts/toast.ts'
import { TypeConfirmDialog } from '../parts/type-confirm-dialog.tsx'
import { UnsavedGuard, useDirty } from '../parts/unsaved-guard.tsx'
import { addTasks, previewTask, tablesQuery, useJobChange } from './job-queries.ts'
import { SqlEditor } from './lazy-sql-editor.tsx'
import { useSaveTask } from './plan-dialog.tsx'
import { QueryKind, QueryResult } from './query-result.tsx'

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
  const take = (next: string) => {
    setText(next)
    keep(next)
  }
  const save = useSaveQuery(job, task, { text, isDirty, keep, take })
  const error = consentOf(save.error) === undefined ? (save.error ?? preview.error) : null
  const known = preview.data ?? task
  const kind = known?.queryKind
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
      {kind !== undefined && <QueryKind kind={kind} reason={known?.queryReason} />}
      {preview.data !== undefined && <QueryResult preview={preview.data} onText={setText} />}
      {save.dialog}
      <LosesRows error={save.error} onConfirm={save.start} onClose={save.reset} />
    </Stack>
  )
}

interface SaveOf {
  readonly text: string
  readonly isDirty: boolean
  readonly keep: (text: string) => void
  /** The editor begins anew with this text. */
  readonly take: (text: string) => void
}

function useSaveQuery(job: JobInfo, task: TaskInfoV1 | undefined, of: SaveOf) {
  const { text, isDirty, keep, take } = of
  const navigate = useNavigate()
  const add = useJobChange((draft: TaskDraft) => addTasks(job.id, [draft]))
  // A hook may not be left out: for a new query it is never started.
  const change = useSaveTask(job, task ?? NO_TASK, {
    ...{ isDirty, mine: { Query: text } },
    wordsOf: ({ query }) => ({ Query: query ?? '' }),
    onTake: ({ query }) => take(query ?? ''),
    onSaved: ({ query }) => keep(query ?? text),
  })
  if (task !== undefined) {
    const patch = { query: text }
    const start = (confirm?: string) => change.start(withConsent(patch, confirm))
    return { ...change, start, tryAll: () => change.tryAll(patch) }
  }
  const start = (confirm?: string) =>
    add.mutate(withConsent({ query: text }, confirm), {
      onSuccess: changed => {
        const made = changed.tasks.at(-1)
        if (made === undefined) return
        toastDone('The query was saved.')
        const params = { id: job.id, task: made.id, tab: 'query' }
        void navigate({ to: '/jobs/$id/task/$task/$tab', params, ignoreBlocker: true })
      },
    })
  const tryAll = () =>
    add.mutateAsync({ query: text }).then(
      () => true,
      () => false,
    )
  const { isPending, error, reset } = add
  return { start, tryAll, isPending, error, reset, dialog: undefined }
}

const NO_TASK = { id: 'new', query: '' } as TaskInfoV1

/** `confirm`: the name of a table whose rows are lost. */
function withConsent(draft: TaskDraft, confirm: string | undefined): TaskDraft {
  return confirm === undefined ? draft : { ...draft, confirm }
}

/** The table whose rows each run would lose; undefined: nothing has to be said yes to. */
function consentOf(error: Error | null): string | undefined {
  const all = error instanceof ApiError ? error.errors : []
  const message = all.find(one => one.field === 'confirm')?.message
  return message === undefined ? undefined : /(\w+)$/.exec(message)?.[1]
}

interface LosesRowsProps {
  readonly error: Error | null
  readonly onConfirm: (table: string) => void
  readonly onClose: () => void
}

function LosesRows({ error, onConfirm, onClose }: LosesRowsProps) {
  const table = consentOf(error)
  if (table === undefined) return null
  return (
    <TypeConfirmDialog
      {...{ opened: true, busy: false, name: table, onClose }}
      title={`Lose the rows of ${table}`}
      text={error?.message}
      verb="Save"
      onConfirm={() => onConfirm(table)}
    />
  )
}

function Problem({ error }: { readonly error: Error }) {
  const line = /line (\d+)/i.exec(error.message)?.[1]
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
