/**
 * Step 3: what both clusters say to the plan: can they be reached, and does each table fit.
 * Used by the wizard. Invariant: red does not keep one from planning; the phase does not end with it.
 * Spec: ui 5.6 (wizard); live-migration 5 (phase 0).
 */
import { useQuery } from '@tanstack/react-query'
import type { MigrationSide } from '../../api-v1-migrations.ts'
import { Panel } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import type { StepProps } from './migration-new-page.tsx'
import { scan } from './migration-queries.ts'
import { ScanTable } from './plan-panel.tsx'
import { draftOf } from './wizard-model.ts'

export function WizardScan({ state }: StepProps) {
  const { name: _name, ...draft } = draftOf(state)
  const query = useQuery({
    queryKey: ['migrations', 'scan', draft],
    queryFn: () => scan(draft),
    staleTime: 0,
    retry: false,
  })
  return (
    <Panel query={query} what="what the clusters say">
      {({ source, target, tables, problem }) => (
        <div className="sc-stack">
          <div className="sc-card sc-card-body sc-stack">
            <Side title="Source" side={source} />
            <Side title="Target" side={target} />
            {problem !== null && <p className="sc-problem">{problem}</p>}
          </div>
          {tables.length > 0 && <ScanTable tables={tables} />}
          {tables.some(one => one.state === 'red') && (
            <p className="sc-quiet">
              Phase 0 offers to make the tables on the target as they are on the source.
            </p>
          )}
        </div>
      )}
    </Panel>
  )
}

function Side({ title, side }: { readonly title: string; readonly side: MigrationSide }) {
  const isReached = side.problem === null
  return (
    <div data-testid="scan-side" data-key={title.toLowerCase()}>
      <StatusChip
        state={isReached ? 'passed' : 'failed'}
        text={isReached ? `${title} answers` : `${title} does not answer`}
      />{' '}
      <span className="sc-wrap">{side.problem ?? side.text}</span>
    </div>
  )
}
