/**
 * Columns of the list of migrations. Used by the list alone.
 * Invariant: a migration that the server works on says so.
 * Spec: ui 4.1, 5.6.
 */
import { Link } from '@tanstack/react-router'
import type { MigrationSummary } from '../../api-v1-migrations.ts'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { toAgo } from '../parts/format.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { WORKING } from './migration-words.ts'

export function migrationColumns(nowMs: number): GridColumn<MigrationSummary>[] {
  return [
    {
      ...{ id: 'name', title: 'Name', width: 200, isWide: true },
      text: one => one.name,
      cell: ({ name }) => (
        <Link
          className="sc-link"
          to="/migrations/$name"
          params={{ name }}
          tabIndex={-1}
          data-testid="migration-open"
        >
          <bdi>{name}</bdi>
        </Link>
      ),
    },
    {
      ...{ id: 'phase', title: 'Phase', width: 208 },
      text: phaseText,
      cell: one =>
        one.working === null ? (
          phaseText(one)
        ) : (
          <StatusChip state="WORKING" text={`${one.phase}: ${WORKING[one.working]}`} />
        ),
    },
    {
      ...{ id: 'clusters', title: 'From → to', width: 360, isMono: true },
      text: one => `${one.source.join(', ')} → ${one.target.join(', ')}`,
    },
    {
      ...{ id: 'keyspace', title: 'Keyspace', width: 160, isMono: true },
      text: one => one.keyspace,
    },
    {
      ...{ id: 'since', title: 'Since', width: 128 },
      text: one => one.since,
      cell: one => toAgo(one.since, nowMs),
    },
  ]
}

function phaseText({ phase, title }: MigrationSummary): string {
  return `${phase}: ${title}`
}
