/**
 * What a change of a task means for its table, asked before it is saved: nothing, columns that are added
 * online, or another table because keys and types of this one cannot change.
 * Used by the tabs Columns and Query.
 * Invariant: what is asked shows the statements before they run; the dialog comes when it is needed.
 * Spec: ui 5.3 (plan dialog), 8 (`plan-dialog`); backlog-replication 2.5.
 */
import { useMutation } from '@tanstack/react-query'
import { Suspense, useState } from 'react'
import type { JobInfo, TaskInfoV1, TaskPatch, TaskPlan } from '../../api-v1.ts'
import { lazyPart } from '../parts/lazy-part.tsx'
import { toastDone } from '../parts/toast.ts'
import { patchTask, planTask, useJobChange } from './job-queries.ts'

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

/** `onSaved`: with what the server accepted. */
export function useSaveTask(
  job: JobInfo,
  task: TaskInfoV1,
  onSaved: (patch: TaskPatch) => void,
): SaveTask {
  const [asked, setAsked] = useState<Asked | undefined>()
  const save = useJobChange(
    async (patch: TaskPatch) => {
      const changed = await patchTask(job.id, task.id, patch)
      onSaved(patch)
      return changed
    },
    () => toastDone('The task was saved.'),
  )
  const store = (patch: TaskPatch) => {
    setAsked(undefined)
    save.mutate(patch)
  }
  const plan = useMutation({
    mutationFn: (patch: TaskPatch) => planTask(job.id, task.id, patch),
    onSuccess: async (found, patch) => {
      if (isPlain(found, patch)) await save.mutateAsync(patch)
      else setAsked({ plan: found, patch })
    },
  })
  const dialog = asked !== undefined && (
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
    start: patch => {
      save.reset()
      plan.mutate(patch)
    },
    tryAll: patch => {
      save.reset()
      return plan.mutateAsync(patch).then(
        found => isPlain(found, patch),
        () => false,
      )
    },
    reset: () => {
      save.reset()
      plan.reset()
    },
    isPending: plan.isPending || save.isPending,
    error: save.error ?? plan.error,
    dialog,
  }
}

/** Nothing has to be asked. */
function isPlain({ action, confirm }: TaskPlan, patch: TaskPatch): boolean {
  const isSaid = confirm === undefined || patch.confirm === confirm
  return isSaid && (action === 'none' || action === 'create')
}
