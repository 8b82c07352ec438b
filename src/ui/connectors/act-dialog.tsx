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
  /** The same on others than were given. */
  readonly startOn: (act: Act, names: readonly string[]) => void
  readonly busy: boolean
  readonly dialog: React.ReactNode
}

export function useActing(names: readonly string[], onDone: (act: Act) => void): Acting {
  const [asked, setAsked] = useState<Asked | undefined>()
  const act = useAct()
  const run = (what: Act, on: readonly string[]) =>
    act.mutate(
      { act: what, names: on },
      {
        onSettled: () => {
          setAsked(undefined)
          onDone(what)
        },
      },
    )
  const startOn = (what: Act, on: readonly string[]) => {
    if (what === 'stop' || what === 'delete') setAsked({ act: what, names: on })
    else run(what, on)
  }
  const dialog = (
    <ConfirmDialog
      opened={asked !== undefined}
      {...wording(asked?.act ?? 'stop', asked?.names ?? names)}
      dangerous={asked?.act === 'delete'}
      busy={act.isPending}
      onConfirm={() => asked !== undefined && run(asked.act, asked.names)}
      onClose={() => setAsked(undefined)}
    />
  )
  return { start: what => startOn(what, names), startOn, busy: act.isPending, dialog }
}

interface Asked {
  readonly act: 'stop' | 'delete'
  readonly names: readonly string[]
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
