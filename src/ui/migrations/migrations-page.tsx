/**
 * All migrations with their phase. Route /ui/migrations.
 * Invariant: a migration that the server works on says so.
 * Spec: ui 5.6, 4.2 (empty).
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { MigrationSummary } from '../../api-v1-migrations.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toAgo } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { useMay } from '../parts/session.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { migrationsQuery } from './migration-queries.ts'
import { WORKING } from './migration-words.ts'

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
  return (
    <ScrollCard label="Migrations">
      <table className="sc-grid">
        <ColumnHeads columns={['Name', 'Phase', 'From → to', 'Keyspace', 'Since']} />
        <tbody>
          {rows.map(one => (
            <tr key={one.name} data-testid="migration-row" data-key={one.name}>
              <td data-column="name">
                <Link
                  className="sc-link"
                  to="/migrations/$name"
                  params={{ name: one.name }}
                  data-testid="migration-open"
                >
                  <bdi>{one.name}</bdi>
                </Link>
              </td>
              <td>
                {one.working === null ? (
                  `${one.phase}: ${one.title}`
                ) : (
                  <StatusChip state="WORKING" text={`${one.phase}: ${WORKING[one.working]}`} />
                )}
              </td>
              <td className="sc-mono">
                {one.source.join(', ')} → {one.target.join(', ')}
              </td>
              <td className="sc-mono">{one.keyspace}</td>
              <td>{toAgo(one.since)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollCard>
  )
}
