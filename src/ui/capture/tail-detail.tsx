/**
 * One change in full: columns, times, where it stands in the log, where it goes; and the row as JSON.
 * Opened by the tail.
 * Spec: ui 5.5 (drawer).
 */
import { Button, Group, Modal } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { CaptureTailRow } from '../../api-v1-capture.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { toLocal } from '../parts/format.ts'
import { SERVES_DATA } from '../parts/served.ts'
import { readerOf, topicsOf } from './capture-model.ts'
import type { CaptureView } from './capture-view.ts'
import { valueText } from './tail-model.ts'

interface TailDetailProps {
  readonly row: CaptureTailRow
  readonly view: CaptureView
  readonly onClose: () => void
}

export function TailDetail({ row, view, onClose }: TailDetailProps) {
  const copy = () => void toClipboard(JSON.stringify(row, undefined, 2))
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${row.op} in ${row.keyspace}.${row.table}`}
      size={720}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="tail-detail"
    >
      <dl className="sc-facts">
        {factsOf(row, view).map(([title, value]) => (
          <div key={title} className="sc-fact">
            <dt>{title}</dt>
            <dd className="sc-mono">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <Group justify="flex-end" gap="sm" mt="lg">
        <Records row={row} view={view} />
        <Readers row={row} view={view} />
        <Button onClick={copy} data-testid="tail-copy">
          Copy as JSON
        </Button>
      </Group>
    </Modal>
  )
}

type Facts = readonly (readonly [title: string, value: string])[]

function factsOf(row: CaptureTailRow, view: CaptureView): Facts {
  const { key, columns, time, ttlSeconds, range, node, segment, position, replicas } = row
  const topics = topicNames(row, view)
  return [
    ['Key', key.map(valueText).join('\n')],
    ...(columns.length === 0 ? [] : [['Columns', columns.map(valueText).join('\n')] as const]),
    ...(row.op === 'DELETE' ? [['Deleted', row.scope] as const] : []),
    ...(range === null ? [] : [['Range', range] as const]),
    ['Write time', `${time === null ? '–' : toLocal(time)} (${row.writeTime} µs)`],
    ...(ttlSeconds === null ? [] : [['TTL', `${ttlSeconds} s`] as const]),
    ['Queued', toLocal(row.queuedAt)],
    ['Destinations', row.destinations.join(', ')],
    ...(topics.length === 0 ? [] : [['Topics', topics.join(', ')] as const]),
    ['Node', node],
    ['Segment and position', `${segment}:${position}`],
    ['Replicas seen', String(replicas)],
  ]
}

function topicNames(row: CaptureTailRow, { readers }: CaptureView): string[] {
  const all = row.destinations.flatMap(name => {
    const reader = readerOf(name, readers)
    return reader === undefined ? [] : topicsOf(reader.config, row.keyspace, row.table)
  })
  return [...new Set(all)]
}

/** The records of its topics from its write time on. */
function Records({ row, view }: Pick<TailDetailProps, 'row' | 'view'>) {
  if (!SERVES_DATA) return undefined
  return topicNames(row, view).map(topic => (
    <Link
      key={topic}
      className="sc-link"
      to="/data/kafka/topics/$topic/$tab"
      params={{ topic, tab: 'records' }}
      search={row.time === null ? {} : { from: `time:${row.time}` }}
      data-testid="tail-records"
    >
      Records of {topic}
    </Link>
  ))
}

function Readers({ row, view }: Pick<TailDetailProps, 'row' | 'view'>) {
  const readers = row.destinations.flatMap(name => readerOf(name, view.readers) ?? [])
  return readers.map(({ name }) => (
    <Link
      key={name}
      className="sc-link"
      to="/connectors/$name/$tab"
      params={{ name, tab: 'overview' }}
    >
      Open {name}
    </Link>
  ))
}
