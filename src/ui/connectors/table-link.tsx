/**
 * A way to the rows of a table, through the connection that leads to the connector's cluster. Used by the
 * tabs Overview and Topics.
 * Invariant: no way is offered where no connection leads to a Cassandra, nor to those who may not see
 * rows.
 * Spec: ui 5.4 (Browse rows, links to Data).
 */
import { useQuery } from '@tanstack/react-query'
import type { ConnectionInfo } from '../../api-v1.ts'
import { connectionsQuery } from '../connections/connection-queries.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { SERVES_DATA, SERVES_JOBS } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'
import { connectionOf } from './connection-of.ts'
import type { Config } from './connector-queries.ts'

interface TableLinkProps {
  readonly config: Config
  /** `keyspace.table` */
  readonly table: string
  readonly text: string
  readonly testId: string
  readonly isSmall?: boolean
}

export function TableLink({ config, table, text, testId, isSmall = false }: TableLinkProps) {
  const mayLook = useMay('job_creator')
  const { data } = useQuery({ ...connectionsQuery, enabled: SERVES_JOBS && SERVES_DATA })
  const connection = connectionOf(config, data ?? NO_CONNECTIONS)
  const [keyspace = '', name = ''] = table.split('.')
  if (!mayLook || connection === undefined || name === '') return undefined
  return (
    <LinkButton
      {...(isSmall ? { size: 'xs' } : {})}
      to="/data/cassandra/$connection/$keyspace/$table/$tab"
      params={{ connection: connection.id, keyspace, table: name, tab: 'rows' }}
      aria-label={`${text} of ${table}`}
      data-testid={testId}
    >
      {text}
    </LinkButton>
  )
}

const NO_CONNECTIONS: readonly ConnectionInfo[] = []
