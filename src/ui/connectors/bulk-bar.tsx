/**
 * What can be done with the selected connectors, at the bottom of the list.
 * Used by the table while something is selected.
 * Spec: ui 4.1 (bulk bar), 5.4.
 */
import { Button } from '@mantine/core'
import { saveText } from '../parts/save-text.ts'
import { useMay } from '../parts/session.ts'
import { useActing } from './act-dialog.tsx'
import type { Act } from './connector-queries.ts'
import { withoutSecrets } from './copy-text.ts'
import type { ListedConnector } from './listed-connectors.ts'

const ACTS: readonly (readonly [Act, string])[] = [
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['restart-all', 'Restart'],
  ['restart-failed', 'Restart failed'],
  ['stop', 'Stop'],
  ['delete', 'Delete'],
]

interface BulkBarProps {
  readonly rows: readonly ListedConnector[]
  readonly onDone: () => void
}

export function BulkBar({ rows, onDone }: BulkBarProps) {
  const names = rows.map(row => row.name)
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
      <Button
        onClick={() => saveText('connectors.json', exported(rows), 'application/json')}
        data-testid="bulk-export"
      >
        Export
      </Button>
      {dialog}
    </section>
  )
}

/** As the paste page reads it; `${secret:…}` stands for secrets. */
function exported(rows: readonly ListedConnector[]): string {
  const bodies = rows.map(({ name, config }) => ({ name, config: withoutSecrets(config) }))
  return `${JSON.stringify(bodies, undefined, 2)}\n`
}
