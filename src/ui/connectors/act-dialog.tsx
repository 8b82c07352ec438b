/**
 * Stop and delete ask first; the other acts do not. Used by the head of a connector, the row menu
 * and the bar of selected rows.
 * Invariant: the text says what goes and what stays.
 * Spec: ui 4.5.
 */
import { useState } from 'react'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { type Act, useAct } from './connector-queries.ts'

export interface Acting {
  /** Does it, or opens the dialog that asks. */
  readonly start: (act: Act) => void
  readonly busy: boolean
  readonly dialog: React.ReactNode
}

export function useActing(names: readonly string[], onDone: (act: Act) => void): Acting {
  const [asked, setAsked] = useState<'stop' | 'delete' | undefined>()
  const act = useAct()
  const run = (what: Act) =>
    act.mutate(
      { act: what, names },
      {
        onSettled: () => {
          setAsked(undefined)
          onDone(what)
        },
      },
    )
  const start = (what: Act) => {
    if (what === 'stop' || what === 'delete') setAsked(what)
    else run(what)
  }
  const dialog = (
    <ConfirmDialog
      opened={asked !== undefined}
      {...wording(asked ?? 'stop', names)}
      dangerous={asked === 'delete'}
      busy={act.isPending}
      onConfirm={() => asked !== undefined && run(asked)}
      onClose={() => setAsked(undefined)}
    />
  )
  return { start, busy: act.isPending, dialog }
}

function wording(act: 'stop' | 'delete', names: readonly string[]) {
  const what = names.length === 1 ? (names[0] ?? '') : `${names.length} connectors`
  if (act === 'stop') {
    const text = 'Tasks end. Offsets stay. Resume starts it again.'
    return { title: `Stop ${what}?`, text, verb: 'Stop' }
  }
  const text = 'Its configuration and its tasks go. Topics, tables and committed offsets stay.'
  return {
    title: `Delete ${what}?`,
    text,
    verb: names.length === 1 ? 'Delete connector' : 'Delete',
  }
}
