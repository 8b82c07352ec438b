/**
 * All migrations with their phase. Route /ui/migrations.
 * Invariant: a migration that the server works on says so.
 * Spec: ui 5.6, 4.2 (empty).
 */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { MigrationSummary } from '../../api-v1-migrations.ts'
import { DataGrid } from '../parts/data-grid/data-grid.tsx'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { useClock } from '../parts/use-clock.ts'
import { migrationColumns } from './migration-columns.tsx'
import { migrationsQuery } from './migration-queries.ts'

export function MigrationsPage() {
  const query = useQuery(migrationsQuery)
  const mayPlan = useMay('standard')
  const add = (
    <LinkButton to="/migrations/new" variant="filled" data-testid="migration-new">
      New migration
    </LinkButton>
  )
  const isEmpty = query.data?.length === 0
  return (
    <Page
      id="migrations"
      title="Migrations"
      loading={query.isPending}
      actions={mayPlan && !isEmpty && add}
    >
      <Panel query={query} what="the migrations">
        {all =>
          all.length === 0 ? (
            <div className="sc-card">
              <Empty text="Move a live cluster without downtime, in six checked phases.">
                {mayPlan && add}
              </Empty>
            </div>
          ) : (
            <MigrationTable rows={all} />
          )
        }
      </Panel>
    </Page>
  )
}

function MigrationTable({ rows }: { readonly rows: readonly MigrationSummary[] }) {
  const navigate = useNavigate()
  const nowMs = useClock()
  const columns = useMemo(() => migrationColumns(nowMs), [nowMs])
  const open = ({ name }: MigrationSummary) =>
    void navigate({ to: '/migrations/$name', params: { name } })
  return (
    <DataGrid
      id="migrations"
      label="Migrations"
      rows={rows}
      columns={columns}
      rowKey={nameOf}
      rowTestId="migration-row"
      onOpen={open}
      noun="migration"
      empty=""
      isAlone
    />
  )
}

const nameOf = ({ name }: MigrationSummary) => name
