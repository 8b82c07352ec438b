/**
 * What a table is, in one line: its key, about how many partitions, and the connectors that write it.
 * Used above the tabs of a table.
 * Spec: ui 5.7.
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { DataTableInfo } from '../../api-v1-data.ts'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { tablesOf } from '../home/home-model.ts'
import { type TablePlace, tableQuery } from './data-queries.ts'
import { toGrouped } from './data-text.ts'

const SHOWN = 3

export function TableHead({ place }: { readonly place: TablePlace }) {
  const { data } = useQuery(tableQuery(place))
  const { data: connectors } = useQuery(connectorsQuery)
  if (data === undefined) return null
  const name = `${place.keyspace}.${place.table}`
  const feeds = connectors === undefined ? [] : toRows(connectors)
  const sinks = feeds.filter(one => one.type === 'sink' && tablesOf(one.config).includes(name))
  return (
    <p className="sc-lead sc-data-facts" data-testid="table-facts">
      <span className="sc-mono">PRIMARY KEY {keyText(data)}</span>
      <span>
        {data.partitions === null || data.partitions === '0'
          ? 'no estimate of its size yet'
          : `about ${toGrouped(data.partitions)} partitions`}
      </span>
      {data.isReadOnly && <span>the connection is read-only</span>}
      {sinks.length > 0 && (
        <span>
          fed by{' '}
          {sinks.slice(0, SHOWN).map(({ name: sink }, index) => (
            <span key={sink}>
              {index > 0 && ', '}
              <Link
                className="sc-link"
                to="/connectors/$name/$tab"
                params={{ name: sink, tab: 'overview' }}
              >
                <bdi>{sink}</bdi>
              </Link>
            </span>
          ))}
          {sinks.length > SHOWN && `, ${sinks.length - SHOWN} more`}
        </span>
      )}
    </p>
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
