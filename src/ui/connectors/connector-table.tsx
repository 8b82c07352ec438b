/**
 * Rows of connectors with sortable columns, selection and the bar of acts on what is selected.
 * Used by the list. Long lists keep only the rows near the window in the document.
 * Invariant: the order of the list (attention first) holds until a column is chosen.
 * Spec: ui 4.1, 5.4.
 */
import { Button, Checkbox } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'
import { StatusChip } from '../parts/status-chip.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { byAttention, type ConnectorRow } from './connector-state.ts'
import { RowMenu } from './row-menu.tsx'

type Column = 'name' | 'type' | 'state' | 'tasks' | 'plugin' | 'topics'

const COLUMNS: readonly (readonly [Column, string])[] = [
  ['name', 'Name'],
  ['type', 'Type'],
  ['state', 'State'],
  ['tasks', 'Tasks'],
  ['topics', 'Topics'],
  ['plugin', 'Plugin'],
]

const TEXTS: Readonly<Record<Column, (row: ConnectorRow) => string>> = {
  name: row => row.name,
  type: row => row.type,
  state: row => row.state,
  tasks: row => `${row.tasksRunning} ${row.tasksTotal}`,
  plugin: row => row.plugin,
  topics: row => row.topics.join(', '),
}

interface Sorting {
  readonly column: Column
  readonly down: boolean
}

export function ConnectorTable({ rows }: { readonly rows: readonly ConnectorRow[] }) {
  const [sorting, setSorting] = useState<Sorting>({ column: 'state', down: false })
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const scroll = useRef<HTMLDivElement>(null)
  const sorted = rows.toSorted((one, other) => compare(one, other, sorting))
  const chosen = sorted.filter(row => selected.has(row.name)).map(row => row.name)
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => 41,
    overscan: 20,
  })
  const items = virtual.getVirtualItems()
  const toggle = (name: string) =>
    setSelected(before => {
      const without = [...before].filter(one => one !== name)
      return new Set(before.has(name) ? without : [...without, name])
    })
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <>
      <div className="sc-card sc-grid-scroll" ref={scroll}>
        <table className="sc-grid" aria-rowcount={sorted.length + 1}>
          <thead>
            <tr>
              <th>
                <Checkbox
                  aria-label="Select all"
                  checked={chosen.length === rows.length}
                  indeterminate={chosen.length > 0 && chosen.length < rows.length}
                  onChange={event =>
                    setSelected(
                      new Set(event.currentTarget.checked ? rows.map(row => row.name) : []),
                    )
                  }
                />
              </th>
              {COLUMNS.map(([column, title]) => (
                <Head
                  key={column}
                  column={column}
                  title={title}
                  sorting={sorting}
                  onSort={setSorting}
                />
              ))}
              <th>
                <span className="sc-hidden">Acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            <Gap height={above} />
            {items.map(item => {
              const row = sorted[item.index]
              return row === undefined ? undefined : (
                <Row
                  key={row.name}
                  row={row}
                  index={item.index}
                  selected={selected.has(row.name)}
                  onToggle={() => toggle(row.name)}
                />
              )
            })}
            <Gap height={below} />
          </tbody>
        </table>
      </div>
      {chosen.length > 0 && <BulkBar names={chosen} onDone={() => setSelected(new Set())} />}
    </>
  )
}

function Gap({ height }: { readonly height: number }) {
  return height <= 0 ? undefined : <tr style={{ height }} aria-hidden />
}

interface HeadProps {
  readonly column: Column
  readonly title: string
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
}

function Head({ column, title, sorting, onSort }: HeadProps) {
  const isOn = sorting.column === column
  const Arrow = sorting.down ? IconArrowDown : IconArrowUp
  return (
    <th aria-sort={isOn ? (sorting.down ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        className="sc-sort"
        onClick={() => onSort({ column, down: isOn && !sorting.down })}
      >
        {title}
        {isOn && <Arrow size={14} stroke={1.5} aria-hidden />}
      </button>
    </th>
  )
}

interface RowProps {
  readonly row: ConnectorRow
  readonly index: number
  readonly selected: boolean
  readonly onToggle: () => void
}

function Row({ row, index, selected, onToggle }: RowProps) {
  return (
    <tr
      aria-selected={selected}
      aria-rowindex={index + 2}
      data-testid="connector-row"
      data-key={row.name}
      data-state={row.state}
    >
      <td width={40}>
        <Checkbox
          aria-label={`Select ${row.name}`}
          checked={selected}
          onChange={onToggle}
          data-testid="connector-select"
        />
      </td>
      <td data-column="name">
        <Link
          className="sc-link"
          to="/connectors/$name/$tab"
          params={{ name: row.name, tab: 'overview' }}
          data-testid="connector-open"
        >
          <bdi>{row.name}</bdi>
        </Link>
      </td>
      <td data-column="type">{row.type}</td>
      <td data-column="state">
        <StatusChip state={row.state} text={row.text} />
      </td>
      <td data-column="tasks">
        {row.tasksRunning}/{row.tasksTotal}
      </td>
      <td data-column="topics" className="sc-mono">
        <Topics topics={row.topics} />
      </td>
      <td data-column="plugin">{row.plugin}</td>
      <td width={48}>
        <RowMenu row={row} />
      </td>
    </tr>
  )
}

function Topics({ topics }: { readonly topics: readonly string[] }) {
  const [open, setOpen] = useState(false)
  if (topics.length === 0) return <>–</>
  const shown = open ? topics : topics.slice(0, 3)
  const more = topics.length - shown.length
  return (
    <>
      {shown.join(', ')}
      {more > 0 && (
        <Button size="compact-xs" variant="subtle" onClick={() => setOpen(true)}>
          {more} more
        </Button>
      )}
    </>
  )
}

function compare(one: ConnectorRow, other: ConnectorRow, { column, down }: Sorting): number {
  const text = TEXTS[column]
  const order =
    column === 'state'
      ? byAttention(one, other)
      : text(one).localeCompare(text(other), 'en', { numeric: true })
  return down ? -order : order
}
