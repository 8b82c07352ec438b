/**
 * The live tail: the last changes, newest first, as they are queued. Pause holds new ones and counts them.
 * Tab of Capture; table, operation and text are filters in the address.
 * Invariants: rows stay on screen; what came too fast to be shown is counted; contents are shown only to
 * those who may see rows.
 * Spec: ui 4.3, 5.5, 8 (flow 12).
 */
import { Button, Select, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'
import type { CaptureTailRow } from '../../api-v1-capture.ts'
import { useLiveItems } from '../live/use-live.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount, zoneName } from '../parts/format.ts'
import { Empty } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import type { CaptureView } from './capture-view.ts'
import { NoChannel, NoDestination } from './no-destination.tsx'
import { TailDetail } from './tail-detail.tsx'
import { changeText, clockOf, isShown, keyText, type TailSearch, unique } from './tail-model.ts'

const OPS = ['INSERT', 'UPDATE', 'DELETE']
const ROW_PX = 33
/** Elements that do something of their own with the space bar. */
const TAKING_SPACE = ['INPUT', 'TEXTAREA', 'SELECT', 'BUTTON', 'A', 'SUMMARY']

export function TailTab({ view }: { readonly view: CaptureView }) {
  const { destinations, channels } = view.overview
  const maySee = useMay('job_creator')
  if (destinations.length === 0) return <NoDestination view={view} />
  if (channels.length === 0) return <NoChannel view={view} />
  if (!maySee) {
    return (
      <div className="sc-card">
        <Empty text="Your role cannot see row contents. Ask an administrator." />
      </div>
    )
  }
  return <Tail view={view} />
}

function Tail({ view }: { readonly view: CaptureView }) {
  const [isPaused, setPaused] = useState(false)
  const [open, setOpen] = useState<CaptureTailRow>()
  const search = useSearch({ strict: false }) as TailSearch
  const { items, skipped, waiting, refused } = useLiveItems<CaptureTailRow>('tail:capture', {
    isPaused,
  })
  useHotkeys([['Space', () => setPaused(!isPaused)]], TAKING_SPACE)
  const rows = unique(items).filter(row => isShown(row, search))
  return (
    <>
      <Toolbar view={view} search={search}>
        <Button
          onClick={() => setPaused(!isPaused)}
          data-testid={isPaused ? 'tail-resume' : 'tail-pause'}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
        <span
          className="sc-quiet"
          data-testid="tail-state"
          data-state={isPaused ? 'paused' : 'live'}
        >
          {stateText({ isPaused, waiting, shown: rows.length, skipped })}
        </span>
      </Toolbar>
      {refused !== undefined && <p className="sc-problem">{refused}</p>}
      {rows.length === 0 ? (
        <div className="sc-card">
          <Empty
            text={items.length === 0 ? 'Waiting for the first change…' : 'No change matches.'}
          />
        </div>
      ) : (
        <Rows rows={rows} onOpen={setOpen} onScroll={() => setPaused(true)} />
      )}
      {open !== undefined && (
        <TailDetail row={open} view={view} onClose={() => setOpen(undefined)} />
      )}
    </>
  )
}

interface StateFacts {
  readonly isPaused: boolean
  readonly waiting: number
  readonly shown: number
  readonly skipped: number
}

function stateText({ isPaused, waiting, shown, skipped }: StateFacts): string {
  const passed = skipped === 0 ? '' : `; ${toCount(skipped)} came too fast to be shown`
  if (isPaused) return `Paused. ${toCount(waiting)} new.`
  return `${toCount(shown)} shown${passed}`
}

interface ToolbarProps {
  readonly view: CaptureView
  readonly search: TailSearch
  readonly children: React.ReactNode
}

function Toolbar({ view, search, children }: ToolbarProps) {
  const navigate = useNavigate()
  const change = (next: TailSearch) => {
    const all = Object.entries({ ...search, ...next }).filter(([, value]) => value !== '')
    void navigate({
      to: '/capture/$tab',
      params: { tab: 'tail' },
      search: Object.fromEntries(all),
      replace: true,
    })
  }
  const tables = view.overview.channels.map(one => `${one.sourceKeyspace}.${one.sourceTable}`)
  return (
    <div className="sc-toolbar">
      {children}
      <span className="sc-spacer" />
      <Select
        value={search.table ?? null}
        onChange={table => change({ table: table ?? '' })}
        data={[...new Set(tables)].sort()}
        placeholder="Table"
        aria-label="Table"
        clearable
        renderOption={renderOption}
        data-testid="tail-table"
      />
      <Select
        value={search.op ?? null}
        onChange={op => change({ op: op ?? '' })}
        data={OPS}
        placeholder="Op"
        aria-label="Operation"
        clearable
        w={128}
        renderOption={renderOption}
        data-testid="tail-op"
      />
      <TextInput
        value={search.q ?? ''}
        onChange={event => change({ q: event.currentTarget.value })}
        placeholder="Filter key or value"
        aria-label="Filter key or value"
        leftSection={<IconSearch size={16} stroke={1.5} />}
        data-testid="search"
      />
    </div>
  )
}

function renderOption({ option }: { readonly option: { readonly value: string } }) {
  return (
    <span data-testid="option" data-value={option.value}>
      {option.value}
    </span>
  )
}

interface RowsProps {
  readonly rows: readonly CaptureTailRow[]
  readonly onOpen: (row: CaptureTailRow) => void
  /** Away from the top: somebody reads. */
  readonly onScroll: () => void
}

function Rows({ rows, onOpen, onScroll }: RowsProps) {
  const scroll = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  })
  const items = virtual.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <section
      className="sc-card sc-grid-scroll"
      ref={scroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      aria-label="Changes"
      onScroll={event => event.currentTarget.scrollTop > ROW_PX && onScroll()}
    >
      <table className="sc-grid sc-tail" aria-rowcount={rows.length + 1}>
        <ColumnHeads
          columns={[`Time (${zoneName()})`, 'Op', 'Table', 'Key', 'Change', 'Queued after']}
          numbers={['Queued after']}
        />
        <tbody>
          {above > 0 && <tr style={{ height: above }} aria-hidden />}
          {items.map(item => {
            const row = rows[item.index]
            return row === undefined ? undefined : <Row key={row.id} row={row} onOpen={onOpen} />
          })}
          {below > 0 && <tr style={{ height: below }} aria-hidden />}
        </tbody>
      </table>
    </section>
  )
}

interface RowProps {
  readonly row: CaptureTailRow
  readonly onOpen: (row: CaptureTailRow) => void
}

function Row({ row, onOpen }: RowProps) {
  const table = `${row.keyspace}.${row.table}`
  return (
    <tr data-testid="tail-row" data-key={row.id} data-op={row.op} data-table={table}>
      <td data-column="time">
        <button
          type="button"
          className="sc-text-button"
          onClick={() => onOpen(row)}
          data-testid="tail-open"
        >
          {clockOf(row)}
        </button>
      </td>
      <td data-column="op">
        <span className="sc-op" data-op={row.op}>
          {row.op}
        </span>
      </td>
      <td data-column="table">
        <bdi>{table}</bdi>
      </td>
      <td data-column="key" className="sc-mono">
        <bdi>{keyText(row)}</bdi>
      </td>
      <td data-column="change" className="sc-mono">
        <bdi>{changeText(row)}</bdi>
      </td>
      <td data-column="after" className="sc-number">
        {row.afterMs === null ? '–' : `${row.afterMs} ms`}
      </td>
    </tr>
  )
}
