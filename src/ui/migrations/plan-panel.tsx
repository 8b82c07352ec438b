/**
 * Phase 0: every table green, amber or red, with the reasons, and the tables made on the target.
 * Used by the page of a migration. Spec: ui 5.6; live-migration 5 (phase 0).
 * Invariant: what the clusters did not tell reads so; nothing is green by default.
 */
import { Button } from '@mantine/core'
import type { MigrationInfo, MigrationTable } from '../../api-v1-migrations.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { useChange } from './migration-queries.ts'

const WORDS: Readonly<Record<MigrationTable['state'], readonly [string, string]>> = {
  green: ['passed', 'Ready'],
  amber: ['warning', 'Look at it'],
  red: ['failed', 'Does not fit'],
}

interface PlanPanelProps {
  readonly info: MigrationInfo
  readonly mayAct: boolean
}

export function PlanPanel({ info, mayAct }: PlanPanelProps) {
  const change = useChange(info.name)
  const isMissing = info.tables.some(one => one.state === 'red')
  const mayMake = mayAct && isMissing && info.phase.number <= 1
  return (
    <section className="sc-stack" aria-label="Tables">
      <ScanTable tables={info.tables} />
      {mayMake && (
        <div className="sc-toolbar">
          <Button
            loading={change.isPending}
            onClick={() => change.mutate({ do: 'schema' })}
            data-testid="migration-schema"
          >
            Make the tables on the target
          </Button>
          <span className="sc-quiet">
            Keyspace, types and tables as on the source. What is there is left as it is.
          </span>
        </div>
      )}
    </section>
  )
}

export function ScanTable({ tables }: { readonly tables: readonly MigrationTable[] }) {
  if (tables.length === 0) {
    return <p className="sc-quiet">The clusters told no tables: see the checks.</p>
  }
  return (
    <ScrollCard label="Tables">
      <table className="sc-grid">
        <ColumnHeads columns={['Table', 'State', 'Why']} />
        <tbody>
          {tables.map(({ table, state, reasons }) => {
            const [chip, word] = WORDS[state]
            return (
              <tr key={table} data-testid="scan-row" data-key={table} data-state={state}>
                <td className="sc-mono">{table}</td>
                <td>
                  <StatusChip state={chip} text={word} />
                </td>
                <td className="sc-wrap">{reasons.length === 0 ? '–' : reasons.join('; ')}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </ScrollCard>
  )
}
