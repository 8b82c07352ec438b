/**
 * What can be done with the selected connectors, at the bottom of the list.
 * Used by the table while something is selected.
 * Spec: ui 4.1 (bulk bar), 5.4.
 */
import { Button } from '@mantine/core'
import { useMay } from '../parts/session.ts'
import { useActing } from './act-dialog.tsx'
import type { Act } from './connector-queries.ts'

const ACTS: readonly (readonly [Act, string])[] = [
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['restart-all', 'Restart'],
  ['restart-failed', 'Restart failed'],
  ['stop', 'Stop'],
  ['delete', 'Delete'],
]

interface BulkBarProps {
  readonly names: readonly string[]
  readonly onDone: () => void
}

export function BulkBar({ names, onDone }: BulkBarProps) {
  const { start, busy, dialog } = useActing(names, onDone)
  const mayOperate = useMay('job_operator')
  const mayDelete = useMay('standard')
  return (
    <section className="sc-bulk" data-testid="bulk-bar" aria-label="Selected connectors">
      <strong>{names.length} selected</strong>
      {ACTS.filter(([act]) => (act === 'delete' ? mayDelete : mayOperate)).map(([act, title]) => (
        <Button key={act} disabled={busy} onClick={() => start(act)} data-testid={`bulk-${act}`}>
          {title}
        </Button>
      ))}
      {dialog}
    </section>
  )
}
