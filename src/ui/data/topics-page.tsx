/**
 * The topics of the worker's Kafka: how many records, how fast they come, who writes and reads them.
 * Route /ui/data/kafka/topics.
 * Invariant: a rate needs two readings; until then it is unknown.
 * Spec: ui 4.2 (not set up), 5.7, 8 (`topic-row`).
 */
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import type { TopicInfo } from '../../api-v1-data.ts'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { rateText } from '../home/home-model.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { DataGrid } from '../parts/data-grid/data-grid.tsx'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import './data.css'
import { DataSwitch } from './data-head.tsx'
import { kafkaQuery, topicsQuery } from './data-queries.ts'
import { toGrouped } from './data-text.ts'
import { TopicDialog } from './topic-dialog.tsx'

interface TopicRow extends TopicInfo {
  readonly rate: number | undefined
  readonly readBy: readonly string[]
}

export function DataTopicsPage() {
  const [isAdding, setIsAdding] = useState(false)
  const kafka = useQuery(kafkaQuery)
  const isSetUp = kafka.data?.isSetUp === true
  const topics = useQuery({ ...topicsQuery, enabled: isSetUp })
  const mayAdd = useMay('standard')
  return (
    <Page
      id="data-kafka"
      title="Data: Kafka"
      section="Data"
      loading={kafka.isPending || (isSetUp && topics.isPending)}
      actions={
        <>
          {isSetUp && mayAdd && (
            <Button
              variant="filled"
              leftSection={<IconPlus size={16} stroke={1.5} />}
              onClick={() => setIsAdding(true)}
              data-testid="topic-add"
            >
              Add a Topic
            </Button>
          )}
          <DataSwitch />
        </>
      }
    >
      <Panel query={kafka} what="Kafka">
        {info =>
          info.isSetUp ? (
            <Panel query={topics} what="the topics">
              {all => <Topics all={all} readAt={topics.dataUpdatedAt} />}
            </Panel>
          ) : (
            <NotSetUp />
          )
        }
      </Panel>
      <TopicDialog opened={isAdding} onClose={() => setIsAdding(false)} />
    </Page>
  )
}

const SETTING = 'bootstrap.servers=localhost:9092'

export function NotSetUp() {
  return (
    <div className="sc-card">
      <Empty text="This worker has no Kafka. Set bootstrap.servers in its properties and start it again.">
        <Button onClick={() => void toClipboard(SETTING)}>Copy the setting</Button>
      </Empty>
    </div>
  )
}

function Topics({ all, readAt }: { readonly all: readonly TopicInfo[]; readonly readAt: number }) {
  const navigate = useNavigate()
  const { data: connectors } = useQuery(connectorsQuery)
  const rates = useRates(all, readAt)
  const rows = useMemo(() => {
    const sinks =
      connectors === undefined ? [] : toRows(connectors).filter(one => one.type === 'sink')
    return all.map((one): TopicRow => {
      const readBy = sinks.filter(sink => sink.topics.includes(one.name)).map(sink => sink.name)
      return { ...one, readBy, rate: rates.get(one.name) }
    })
  }, [all, connectors, rates])
  return (
    <DataGrid
      id="topics"
      label="Topics"
      rows={rows}
      columns={COLUMNS}
      rowKey={one => one.name}
      rowTestId="topic-row"
      noun="topic"
      empty="There are no topics yet. Make one, or start what writes them."
      isAlone
      onOpen={({ name }) =>
        void navigate({
          to: '/data/kafka/topics/$topic/$tab',
          params: { topic: name, tab: 'records' },
        })
      }
    />
  )
}

const COLUMNS: readonly GridColumn<TopicRow>[] = [
  {
    ...{ id: 'name', title: 'Topic', width: 320 },
    text: one => one.name,
    cell: ({ name }) => (
      <Link
        className="sc-link"
        to="/data/kafka/topics/$topic/$tab"
        params={{ topic: name, tab: 'records' }}
        onClick={event => event.stopPropagation()}
        tabIndex={-1}
        data-testid="topic-open"
      >
        <bdi>{name}</bdi>
      </Link>
    ),
  },
  {
    ...{ id: 'partitions', title: 'Partitions', width: 112, isNumber: true },
    text: one => String(one.partitions),
  },
  {
    ...{ id: 'replicas', title: 'Replicas', width: 104, isNumber: true },
    text: one => String(one.replicas),
  },
  {
    ...{ id: 'records', title: 'Records', width: 128, isNumber: true },
    text: one => one.records,
    cell: ({ records }) => (records === null ? '–' : toGrouped(records)),
  },
  {
    ...{ id: 'rate', title: 'Rate', width: 104, isNumber: true },
    text: one => (one.rate === undefined ? null : String(one.rate)),
    cell: ({ rate }) => rateText(rate),
  },
  {
    ...{ id: 'read-by', title: 'Read by', width: 240 },
    text: one => one.readBy.join(', '),
    cell: ({ readBy }) => (readBy.length === 0 ? '–' : readBy.join(', ')),
  },
]

interface Reading {
  readonly atMs: number
  readonly ends: ReadonlyMap<string, bigint>
}

/** Per second, between the last two answers. */
function useRates(all: readonly TopicInfo[], readAt: number): ReadonlyMap<string, number> {
  const readings = useRef<readonly [Reading | undefined, Reading | undefined]>([
    undefined,
    undefined,
  ])
  const [, last] = readings.current
  if (last?.atMs !== readAt) {
    const known = all.filter(one => one.end !== null)
    const ends = new Map(known.map(one => [one.name, BigInt(one.end ?? '0')]))
    readings.current = [last, { atMs: readAt, ends }]
  }
  const [before, now] = readings.current
  return useMemo(() => ratesOf(before, now), [before, now])
}

function ratesOf(before: Reading | undefined, now: Reading | undefined): Map<string, number> {
  const rates = new Map<string, number>()
  if (before === undefined || now === undefined) return rates
  const seconds = (now.atMs - before.atMs) / 1000
  for (const [name, end] of now.ends) {
    const known = before.ends.get(name)
    if (known !== undefined && seconds > 0 && end >= known)
      rates.set(name, Number(end - known) / seconds)
  }
  return rates
}
