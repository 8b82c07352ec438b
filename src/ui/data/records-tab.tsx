/**
 * Records of a topic: from its end, its start, an offset or a time, searched by the server, live if wanted.
 * Used by the tab Records.
 * Invariants: newest on top; a search that ended at its limit says so; live rows stay where they are while
 * somebody reads.
 * Spec: ui 4.3, 5.7, 8 (`record-row`, `records-live`).
 */
import { Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { RecordInfo, RecordPart, RecordsPage } from '../../api-v1-data.ts'
import { DataGrid } from '../parts/data-grid/data-grid.tsx'
import { CellText } from '../parts/data-grid/grid-cell.tsx'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { toCount, zoneName } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { Forbidden } from './data-head.tsx'
import { type RecordsPlace, recordsQuery } from './data-queries.ts'
import { toGrouped, toMilliseconds } from './data-text.ts'
import { RecordDrawer } from './record-drawer.tsx'
import { RecordsBar, type RecordsSearch } from './records-bar.tsx'
import { type LiveRecords, useLiveRecords } from './use-live-records.ts'

interface RecordsTabProps {
  readonly topic: string
  readonly partitions: number
}

export function RecordsTab(props: RecordsTabProps) {
  const mayLook = useMay('job_creator')
  return mayLook ? <Records {...props} /> : <Forbidden what="record contents" />
}

/** Scrolled so far down, somebody reads. */
const READING_PX = 40

function Records({ topic, partitions }: RecordsTabProps) {
  const search = useSearch({ strict: false }) as RecordsSearch
  const navigate = useNavigate()
  const go = (next: RecordsSearch) =>
    void navigate({
      to: '/data/kafka/topics/$topic/$tab',
      params: { topic, tab: 'records' },
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)),
    })
  const isLive = search.live === '1'
  const place: RecordsPlace = {
    ...{ topic, from: isLive ? 'newest' : (search.from ?? 'newest') },
    ...{ page: isLive ? undefined : search.page, partition: search.partition },
    ...{ q: search.q, decode: search.decode },
  }
  const query = useQuery(recordsQuery(place))
  const live = useLiveRecords(place, isLive ? query.data?.live : undefined)
  const [open, setOpen] = useState<RecordInfo | undefined>(undefined)
  return (
    <Stack gap="md">
      <RecordsBar
        search={search}
        partitions={partitions}
        isBusy={query.isFetching}
        onChange={next => go({ ...search, page: '', ...next })}
        onReload={() => void query.refetch()}
      />
      <Panel query={query} what="the records">
        {page => (
          <>
            {isLive && <LiveLine live={live} />}
            <RecordGrid
              topic={topic}
              records={isLive ? [...live.shown, ...page.records] : page.records}
              onOpen={setOpen}
              onScroll={isLive ? top => (top > READING_PX ? live.pause() : undefined) : undefined}
            />
            {!isLive && (
              <Pager
                page={page}
                isFiltered={(search.q ?? '') !== ''}
                onPage={next => go({ ...search, page: next })}
              />
            )}
          </>
        )}
      </Panel>
      <RecordDrawer topic={topic} record={open} onClose={() => setOpen(undefined)} />
    </Stack>
  )
}

function LiveLine({ live }: { readonly live: LiveRecords }) {
  const { isPaused, waiting, skipped, state } = live
  return (
    <Group gap="sm" data-testid="records-live-line" data-state={isPaused ? 'paused' : state}>
      {isPaused ? (
        <>
          <strong>Paused. {toCount(waiting.length)} new.</strong>
          <Button size="compact-sm" onClick={live.resume} data-testid="records-resume">
            Resume
          </Button>
        </>
      ) : (
        <>
          <strong>{state === 'live' ? 'Live' : 'Reconnecting…'}</strong>
          <Button size="compact-sm" onClick={live.pause} data-testid="records-pause">
            Pause
          </Button>
        </>
      )}
      {skipped > 0 && (
        <span className="sc-quiet" data-testid="records-skipped">
          {toCount(skipped)} not shown: at most 50 each second are drawn
        </span>
      )}
    </Group>
  )
}

interface RecordGridProps {
  readonly topic: string
  readonly records: readonly RecordInfo[]
  readonly onOpen: (record: RecordInfo) => void
  readonly onScroll: ((top: number) => void) | undefined
}

function RecordGrid({ topic, records, onOpen, onScroll }: RecordGridProps) {
  const columns = useMemo(() => recordColumns(), [])
  return (
    <DataGrid
      id="records"
      label={`Records of ${topic}`}
      rows={records}
      columns={columns}
      rowKey={one => `${one.partition}-${one.offset}`}
      rowTestId="record-row"
      noun="record"
      empty="No records here."
      canSearch={false}
      onOpen={onOpen}
      {...(onScroll === undefined ? {} : { onScroll })}
    />
  )
}

function recordColumns(): GridColumn<RecordInfo>[] {
  return [
    {
      ...{ id: 'time', title: `Time (${zoneName()})`, width: 200 },
      text: one => one.time,
      cell: ({ time }) => (time === null ? '–' : toMilliseconds(time)),
    },
    {
      ...{ id: 'partition', title: 'P', width: 64, isNumber: true },
      text: one => String(one.partition),
    },
    {
      ...{ id: 'offset', title: 'Offset', width: 112, isNumber: true },
      text: one => one.offset,
      cell: ({ offset }) => toGrouped(offset),
    },
    { ...partColumn('key', 'Key', 200), text: one => textOf(one.key) },
    { ...partColumn('value', 'Value', 480), text: one => textOf(one.value) },
  ]
}

function partColumn(id: 'key' | 'value', title: string, width: number) {
  return {
    ...{ id, title, width, isMono: true },
    cell: (one: RecordInfo) => (
      <>
        <CellText text={textOf(one[id])} />
        {FORMATS[one[id].format] !== undefined && (
          <span className="sc-dg-hint">{FORMATS[one[id].format]}</span>
        )}
      </>
    ),
  }
}

/** What the text does not show by itself. */
const FORMATS: Readonly<Partial<Record<RecordPart['format'], string>>> = {
  hex: 'hex',
  avro: 'Avro',
  protobuf: 'Protobuf',
  'json-schema': 'JSON Schema',
}

function textOf({ format, text }: RecordPart): string | null {
  return format === 'null' ? null : text
}

interface PagerProps {
  readonly page: RecordsPage
  readonly isFiltered: boolean
  readonly onPage: (page: string) => void
}

function Pager({ page, isFiltered, onPage }: PagerProps) {
  const { older, newer, scanned, isCutOff } = page
  return (
    <Group gap="sm" justify="space-between">
      <span className="sc-quiet" data-testid="records-scanned">
        {isFiltered && `Looked at ${toCount(scanned)} records. `}
        {isCutOff && 'The search ended at its limit: go on with Older or Newer.'}
      </span>
      <Group gap="sm">
        <Button
          disabled={newer === null}
          onClick={() => newer !== null && onPage(newer)}
          data-testid="records-newer"
        >
          Newer
        </Button>
        <Button
          disabled={older === null}
          onClick={() => older !== null && onPage(older)}
          data-testid="records-older"
        >
          Older
        </Button>
      </Group>
    </Group>
  )
}
