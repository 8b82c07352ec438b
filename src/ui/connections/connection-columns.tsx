/**
 * Columns of the list of connections. Used by the list alone.
 * Invariant: what was never tested has no time.
 * Spec: ui 4.1, 5.2, 8 (`connection-open`, `connection-tested`).
 */
import { Link } from '@tanstack/react-router'
import type { ConnectionInfo } from '../../api-v1.ts'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { toAgo, toCounted, UNKNOWN } from '../parts/format.ts'
import { LabelTag } from '../parts/label-tag.tsx'
import { StatusChip } from '../parts/status-chip.tsx'

export const CONNECTOR_TITLES: Readonly<Record<string, string>> = {
  cassandra: 'Cassandra',
  backlog: 'Backlog',
}

export function connectionColumns(nowMs: number): GridColumn<ConnectionInfo>[] {
  return [
    {
      ...{ id: 'name', title: 'Name', width: 200, isWide: true },
      text: one => one.name,
      cell: ({ id, name }) => (
        <Link
          className="sc-link"
          to="/connections/$id"
          params={{ id }}
          tabIndex={-1}
          data-testid="connection-open"
        >
          <bdi>{name}</bdi>
        </Link>
      ),
    },
    {
      ...{ id: 'connector', title: 'Connector', width: 128 },
      text: one => CONNECTOR_TITLES[one.connector] ?? one.connector,
    },
    { ...{ id: 'direction', title: 'Direction', width: 128 }, text: one => one.direction },
    {
      ...{ id: 'labels', title: 'Label', width: 144 },
      text: one => one.labels.join(', '),
      cell: ({ labels }) => labels.map(one => <LabelTag key={one} label={one} />),
    },
    {
      ...{ id: 'status', title: 'Status', width: 168 },
      text: one => one.statusText,
      cell: ({ status }) => <StatusChip state={status} />,
    },
    {
      ...{ id: 'tested', title: 'Tested', width: 128, order: byTest },
      text: one => one.testedAt,
      cell: ({ testedAt }) => <span data-testid="connection-tested">{toAgo(testedAt, nowMs)}</span>,
    },
    {
      ...{ id: 'used', title: 'Used by', width: 112 },
      text: one => one.usedBy.join(', '),
      cell: ({ usedBy }) => (usedBy.length === 0 ? UNKNOWN : toCounted(usedBy.length, 'job')),
    },
  ]
}

/** Newest first; those that were never tested stand last. */
function byTest(one: ConnectionInfo, other: ConnectionInfo): number {
  const [a, b] = [one.testedAt ?? '', other.testedAt ?? '']
  return a < b ? 1 : a > b ? -1 : 0
}
