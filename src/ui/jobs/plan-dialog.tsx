/**
 * What a change of a task means for its table, asked before it is saved: nothing, columns that are added
 * online, or another table because keys and types of this one cannot change.
 * Used by the tabs Columns and Query.
 * Invariants: the statements are shown before they run; nothing is ever dropped.
 * Spec: ui 5.3 (plan dialog), 8 (`plan-dialog`); backlog-replication 2.5.
 */
import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { JobInfo, TaskInfoV1, TaskPatch, TaskPlan } from '../../api-v1.ts'
import { toastDone } from '../parts/toast.ts'
import { patchTask, planTask, useJobChange } from './job-queries.ts'

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
      if (isPlain(found)) await save.mutateAsync(patch)
      else setAsked({ plan: found, patch })
    },
  })
  const dialog = asked !== undefined && (
    <PlanDialog
      plan={asked.plan}
      canRename={task.query === null}
      onApply={destination =>
        store(destination === undefined ? asked.patch : { ...asked.patch, destination })
      }
      onClose={() => setAsked(undefined)}
    />
  )
  return {
    start: patch => {
      save.reset()
      plan.mutate(patch)
    },
    tryAll: patch => {
      save.reset()
      return plan.mutateAsync(patch).then(isPlain, () => false)
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

function isPlain({ action }: TaskPlan): boolean {
  return action === 'none' || action === 'create'
}

interface PlanDialogProps {
  readonly plan: TaskPlan
  readonly canRename: boolean
  /** With another table name. */
  readonly onApply: (destination?: string) => void
  readonly onClose: () => void
}

function PlanDialog({ plan, canRename, onApply, onClose }: PlanDialogProps) {
  const next = nextName(plan.table)
  const isOnline = plan.action === 'add_columns'
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Change ${plan.keyspace}.${plan.table}`}
      size={720}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="plan-dialog"
    >
      <Stack gap="lg">
        <p className="sc-lead" data-testid="plan-option" data-key={plan.action}>
          {isOnline
            ? 'Add columns, online. The next run adds them and reads all rows again; nothing is dropped.'
            : `The table cannot be changed like this. ${plan.problems.join(' ')}`}
        </p>
        {plan.ddl.length > 0 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys
          <pre className="sc-trace" tabIndex={0}>
            {plan.ddl.join(';\n')}
          </pre>
        )}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose} data-autofocus>
            Cancel
          </Button>
          {!isOnline && canRename && (
            <Button
              variant="filled"
              onClick={() => onApply(next)}
              data-testid="plan-apply"
              data-key="rename"
            >
              Keep the old table, write to {next}
            </Button>
          )}
          {isOnline && (
            <Button
              variant="filled"
              onClick={() => onApply()}
              data-testid="plan-apply"
              data-key="add_columns"
            >
              Add columns
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

/** `issues` is followed by `issues_v2`, that by `issues_v3`. */
function nextName(table: string): string {
  const [, base = table, version] = /^(.*)_v(\d+)$/.exec(table) ?? []
  return `${base}_v${version === undefined ? 2 : Number(version) + 1}`
}
