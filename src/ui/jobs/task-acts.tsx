/**
 * What can be done with tasks: run, reset, switch on and off, move, delete. Used by the tab Task.
 * Invariant: reset and delete ask first and say what stays.
 * Spec: ui 4.5, 5.3; backlog-replication 2.4.
 */
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { JobInfo, TaskInfoV1 } from '../../api-v1.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toCounted } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { useDropConsent } from './drop-consent.tsx'
import {
  deleteTask,
  patchTask,
  reorderTasks,
  resetTask,
  useJobChange,
  useStartRun,
} from './job-queries.ts'

interface TaskActsProps {
  readonly job: JobInfo
  readonly tasks: readonly TaskInfoV1[]
}

function useRunTasks({ job, tasks }: TaskActsProps) {
  const navigate = useNavigate()
  const start = useStartRun()
  const consent = useDropConsent(job)
  const run = () =>
    consent.ask({ tasks: tasks.map(one => one.id) }, request =>
      start.mutate(
        { job, request },
        {
          onSuccess: ({ id }) =>
            void navigate({ to: '/jobs/$id/runs/$run', params: { id: job.id, run: id } }),
        },
      ),
    )
  return { run, dialog: consent.dialog, isBusy: start.isPending || job.activeRun !== undefined }
}

export function TaskRunButton(props: TaskActsProps) {
  const { run, isBusy, dialog } = useRunTasks(props)
  return (
    <>
      {dialog}
      <Tooltip label="Run this task">
        <ActionIcon
          aria-label={`Run ${props.tasks[0]?.title}`}
          disabled={isBusy}
          onClick={run}
          data-testid="task-run"
        >
          <IconPlayerPlay size={16} stroke={1.5} />
        </ActionIcon>
      </Tooltip>
    </>
  )
}

export function TaskBulkBar(props: TaskActsProps & { readonly onDone: () => void }) {
  const { job, tasks, onDone } = props
  const [asked, setAsked] = useState<'reset' | 'delete' | undefined>()
  const { run, isBusy, dialog } = useRunTasks(props)
  const act = useTaskActs(job)
  const names = tasks.length === 1 ? (tasks[0]?.title ?? '') : toCounted(tasks.length, 'task')
  const confirm = async () => {
    await (asked === 'reset' ? act.reset(tasks) : act.remove(tasks))
    setAsked(undefined)
    onDone()
  }
  return (
    <section className="sc-bulk" data-testid="bulk-bar" aria-label="Selected tasks">
      {dialog}
      <strong>{tasks.length} selected</strong>
      <Button disabled={isBusy} onClick={run} data-testid="bulk-run">
        Run
      </Button>
      <May least="job_creator">
        <Button onClick={() => setAsked('reset')} data-testid="bulk-reset">
          Reset…
        </Button>
        <Button onClick={() => void act.enable(tasks, true)} data-testid="bulk-enable">
          Enable
        </Button>
        <Button onClick={() => void act.enable(tasks, false)} data-testid="bulk-disable">
          Disable
        </Button>
        <Button onClick={() => void act.move(tasks, -1)} data-testid="bulk-up">
          Move up
        </Button>
        <Button onClick={() => void act.move(tasks, 1)} data-testid="bulk-down">
          Move down
        </Button>
        <Button color="error" onClick={() => setAsked('delete')} data-testid="bulk-delete">
          Delete
        </Button>
      </May>
      <span className="sc-spacer" />
      <Button variant="subtle" onClick={onDone}>
        Clear
      </Button>
      <ConfirmDialog
        opened={asked !== undefined}
        title={asked === 'reset' ? `Reset ${names}?` : `Delete ${names}?`}
        text={
          asked === 'reset'
            ? 'The next run reads every row again; none is skipped. Truncating the table alone does not do that.'
            : 'The tables in Cassandra stay as they are.'
        }
        verb={asked === 'reset' ? 'Reset' : 'Delete'}
        dangerous={asked === 'delete'}
        busy={act.isBusy}
        onConfirm={() => void confirm()}
        onClose={() => setAsked(undefined)}
      />
    </section>
  )
}

/** Each ends with a toast when it did not work. */
function useTaskActs(job: JobInfo) {
  const change = useJobChange((send: () => Promise<JobInfo>) => send())
  const one = async (send: () => Promise<JobInfo>) => {
    try {
      await change.mutateAsync(send)
    } catch (error) {
      toastProblem(`${job.name} was not changed`, error as Error)
    }
  }
  return {
    isBusy: change.isPending,
    async enable(tasks: readonly TaskInfoV1[], enabled: boolean) {
      for (const { id } of tasks) await one(() => patchTask(job.id, id, { enabled }))
    },
    async remove(tasks: readonly TaskInfoV1[]) {
      for (const { id } of tasks) await one(() => deleteTask(job.id, id))
    },
    async reset(tasks: readonly TaskInfoV1[]) {
      try {
        for (const { id } of tasks) await resetTask(job.id, id)
        toastDone('The next run reads every row again.')
      } catch (error) {
        toastProblem('The task was not reset', error as Error)
      }
    },
    async move(tasks: readonly TaskInfoV1[], by: -1 | 1) {
      const ids = moved(
        job.tasks.map(task => task.id),
        new Set(tasks.map(task => task.id)),
        by,
      )
      await one(() => reorderTasks(job.id, ids))
    },
  }
}

/** The chosen ones a place up or down, in their order; at the end they stay. */
export function moved(ids: readonly string[], chosen: ReadonlySet<string>, by: -1 | 1): string[] {
  const all = by === -1 ? [...ids] : ids.toReversed()
  for (let at = 1; at < all.length; at++) {
    const [before, here] = [all[at - 1] ?? '', all[at] ?? '']
    if (!chosen.has(here) || chosen.has(before)) continue
    all[at - 1] = here
    all[at] = before
  }
  return by === -1 ? all : all.toReversed()
}
