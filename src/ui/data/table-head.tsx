/**
 * What a table is, in one line: its key, about how many partitions, and the connectors and jobs that write it.
 * Used above the tabs of a table.
 * Spec: ui 5.7.
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { JobInfo } from '../../api-v1.ts'
import type { DataTableInfo } from '../../api-v1-data.ts'
import { connectionsQuery } from '../connections/connection-queries.ts'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { tablesOf } from '../home/home-model.ts'
import { jobsQuery } from '../jobs/job-queries.ts'
import { SERVES_JOBS } from '../parts/served.ts'
import { type TablePlace, tableQuery } from './data-queries.ts'
import { toGrouped } from './data-text.ts'

const SHOWN = 3

export function TableHead({ place }: { readonly place: TablePlace }) {
  const { data } = useQuery(tableQuery(place))
  const { data: connectors } = useQuery(connectorsQuery)
  const jobs = useFeedingJobs(place)
  if (data === undefined) return null
  const name = `${place.keyspace}.${place.table}`
  const feeds = connectors === undefined ? [] : toRows(connectors)
  const sinks = feeds.filter(one => one.type === 'sink' && tablesOf(one.config).includes(name))
  const links = [
    ...sinks.map(({ name: sink }) => (
      <Link
        key={sink}
        className="sc-link"
        to="/connectors/$name/$tab"
        params={{ name: sink, tab: 'overview' }}
      >
        <bdi>{sink}</bdi>
      </Link>
    )),
    ...jobs.map(job => (
      <Link
        key={job.id}
        className="sc-link"
        to="/jobs/$id/$tab"
        params={{ id: job.id, tab: 'overview' }}
        data-testid="table-job"
      >
        <bdi>{job.name}</bdi>
      </Link>
    )),
  ]
  return (
    <p className="sc-lead sc-data-facts" data-testid="table-facts">
      <span className="sc-mono">PRIMARY KEY {keyText(data)}</span>
      <span>
        {data.partitions === null || data.partitions === '0'
          ? 'no estimate of its size yet'
          : `about ${toGrouped(data.partitions)} partitions`}
      </span>
      {data.isReadOnly && <span>the connection is read-only</span>}
      {links.length > 0 && (
        <span>
          fed by{' '}
          {links.slice(0, SHOWN).map((link, index) => (
            <span key={link.key}>
              {index > 0 && ', '}
              {link}
            </span>
          ))}
          {links.length > SHOWN && `, ${links.length - SHOWN} more`}
        </span>
      )}
    </p>
  )
}

/** Those that write the table through this connection. */
function useFeedingJobs({ connection, keyspace, table }: TablePlace): readonly JobInfo[] {
  const { data: jobs = [] } = useQuery(jobsQuery)
  const { data: connections } = useQuery({ ...connectionsQuery, enabled: SERVES_JOBS })
  const database = connections?.find(one => one.id === connection)?.properties['database']
  return jobs.filter(
    ({ destination, settings, tasks }) =>
      destination === connection &&
      tasks.some(one => {
        const [name, at = settings.keyspace ?? database] = one.destination.split('.').toReversed()
        return name === table && at === keyspace
      }),
  )
}

/** `((a, b), c DESC)` */
export function keyText({ columns }: DataTableInfo): string {
  const partition = columns.filter(one => one.kind === 'partition_key').map(one => one.name)
  const clustering = columns
    .filter(one => one.kind === 'clustering')
    .map(one => (one.order === 'desc' ? `${one.name} DESC` : one.name))
  return `(${[`(${partition.join(', ')})`, ...clustering].join(', ')})`
}
