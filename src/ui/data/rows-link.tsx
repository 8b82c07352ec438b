/**
 * The name of a table as a way to its rows in Data. Used by jobs and their runs.
 * Invariant: no way is offered where this server serves no data, or the connection or keyspace is not known.
 * Spec: ui 5.3, 5.7.
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { JobInfo } from '../../api-v1.ts'
import { connectionsQuery } from '../connections/connection-queries.ts'
import { SERVES_DATA } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'

interface RowsLinkProps {
  readonly job: JobInfo | undefined
  /** `table` or `keyspace.table` */
  readonly table: string
}

export function RowsLink({ job, table }: RowsLinkProps) {
  const mayLook = useMay('job_creator')
  const { data: connections } = useQuery(connectionsQuery)
  const to = connections?.find(one => one.id === job?.destination)
  const [name = '', keyspace = job?.settings.keyspace ?? to?.properties['database']] = table
    .split('.')
    .toReversed()
  if (!SERVES_DATA || !mayLook || to?.connector !== 'cassandra' || typeof keyspace !== 'string')
    return <bdi>{table}</bdi>
  return (
    <Link
      className="sc-link"
      to="/data/cassandra/$connection/$keyspace/$table/$tab"
      params={{ connection: to.id, keyspace, table: name, tab: 'rows' }}
      title={`Browse rows of ${table}`}
      data-testid="rows-link"
      data-key={table}
    >
      <bdi>{table}</bdi>
    </Link>
  )
}
