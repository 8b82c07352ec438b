/**
 * What a change of a task means for its table, asked before it is saved: nothing, columns that are added
 * online, or another table because keys and types of this one cannot change.
 * Used by the tabs Columns, Query and Advanced.
 * Invariant: what is asked shows the statements before they run; the dialog comes when it is needed.
 * Spec: ui 5.3 (plan dialog), 8 (`plan-dialog`); backlog-replication 2.5.
 */
import { useMutation } from '@tanstack/react-query'
import { Suspense, useState } from 'react'
import type { JobInfo, TaskInfoV1, TaskPatch, TaskPlan } from '../../api-v1.ts'
import { lazyPart } from '../parts/lazy-part.tsx'
import { toastDone } from '../parts/toast.ts'
import { useJobEdit } from './job-edit.tsx'
import { planTask, saveTask } from './job-queries.ts'
import type { Words } from './job-words.ts'

const PlanChoice = lazyPart(async () => (await import('./plan-choice.tsx')).PlanChoice)

interface Asked {
  readonly plan: TaskPlan
  readonly patch: TaskPatch
}

export interface SaveTask {
  readonly start: (patch: TaskPatch) => void
  /** False: it was refused, or what it means for the table is asked first. */
  readonly tryAll: (patch: TaskPatch) => Promise<boolean>
  readonly reset: () => void
  readonly isPending: boolean
  readonly error: Error | null
  readonly dialog: React.ReactNode
}

interface TaskEdit {
  /** The part of a task that the form edits. */
  readonly wordsOf: (task: TaskInfoV1) => Words
  readonly mine: Words
  readonly isDirty: boolean
  /** The form begins anew with this task. */
  readonly onTake: (task: TaskInfoV1) => void
  /** With what the server accepted. */
  readonly onSaved: (patch: TaskPatch) => void
}

export function useSaveTask(job: JobInfo, task: TaskInfoV1, edit: TaskEdit): SaveTask {
  const { wordsOf, mine, isDirty, onTake, onSaved } = edit
  const [asked, setAsked] = useState<Asked | undefined>()
  const find = (one: JobInfo) => one.tasks.find(({ id }) => id === task.id)
  const save = useJobEdit({
    ...{ job, mine, isDirty },
    wordsOf: one => {
      const found = find(one)
      return found === undefined ? {} : wordsOf(found)
    },
    send: async (patch: TaskPatch, version) => {
      const changed = await saveTask([job.id, task.id], patch, version)
      onSaved(patch)
      return changed
    },
    onTake: one => {
      const found = find(one)
      if (found !== undefined) onTake(found)
    },
    onDone: () => toastDone('The task was saved.'),
  })
  const store = (patch: TaskPatch) => {
    setAsked(undefined)
    save.start(patch)
  }
  const plan = useMutation({
    mutationFn: (patch: TaskPatch) => planTask(job.id, task.id, patch),
  })
  const tryAll = async (patch: TaskPatch) => {
    save.reset()
    const found = await plan.mutateAsync(patch).catch(() => undefined)
    if (found === undefined) return false
    if (isPlain(found, patch)) return await save.tryAll(patch)
    setAsked({ plan: found, patch })
    return false
  }
  const choice = asked !== undefined && (
    <Suspense fallback={null}>
      <PlanChoice
        plan={asked.plan}
        canRename={task.query === null}
        onApply={more => store({ ...asked.patch, ...more })}
        onClose={() => setAsked(undefined)}
      />
    </Suspense>
  )
  return {
    start: patch => void tryAll(patch),
    tryAll,
    reset: () => {
      save.reset()
      plan.reset()
    },
    isPending: plan.isPending || save.isPending,
    error: save.error ?? plan.error,
    dialog: (
      <>
        {save.dialog}
        {choice}
      </>
    ),
  }
}

/** Nothing has to be asked. */
function isPlain({ action, confirm }: TaskPlan, patch: TaskPatch): boolean {
  const isSaid = confirm === undefined || patch.confirm === confirm
  return isSaid && (action === 'none' || action === 'create')
}
