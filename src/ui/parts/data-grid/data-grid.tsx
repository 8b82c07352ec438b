/**
 * The one list of many rows: search with chips, sorting, columns, density, CSV, rows drawn only near the
 * window. Used for rows of tables, records of topics and other long lists.
 * Invariants: one tab stop, then arrow keys; Enter opens a row; the count of all rows is told; density and
 * hidden columns are kept per list.
 * Spec: ui 4.1, 4.9, 7.
 */
import './data-grid.css'
import { Button, Checkbox, Menu, TextInput } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconColumns3, IconDownload, IconSearch, IconX } from '@tabler/icons-react'
import { type ReactNode, useMemo, useState } from 'react'
import { toCounted } from '../format.ts'
import { Empty } from '../panel.tsx'
import { GridBody } from './grid-body.tsx'
import { type Chip, type GridColumn, type Sorting, toChip, toCsv, viewRows } from './grid-model.ts'

export interface DataGridProps<T> {
  /** What is remembered is kept under it. */
  readonly id: string
  /** For those who do not see it: "Rows of demo.stocks". */
  readonly label: string
  readonly rows: readonly T[]
  readonly columns: readonly GridColumn<T>[]
  readonly rowKey: (row: T) => string
  readonly rowTestId: string
  readonly onOpen?: (row: T) => void
  /** "row", "record" */
  readonly noun: string
  readonly empty: string
  /** Before the search. */
  readonly controls?: ReactNode
  /** Behind everything. */
  readonly actions?: ReactNode
  /** False: the server searches. @default true */
  readonly canSearch?: boolean
  readonly onScroll?: (top: number) => void
}

interface Kept {
  readonly density: 'normal' | 'compact'
  readonly hidden: readonly string[]
}

const KEPT: Kept = { density: 'normal', hidden: [] }
/** Lists of more rows are compact unless somebody chose. */
const NORMAL_ROWS_MAX = 50
const NO_KEPT: Partial<Kept> = {}

export function DataGrid<T>(props: DataGridProps<T>) {
  const { id, rows, columns, noun, canSearch = true } = props
  const [search, setSearch] = useState('')
  const [chips, setChips] = useState<readonly Chip[]>([])
  const [sorting, setSorting] = useState<Sorting | undefined>(undefined)
  const [kept, setKept] = useLocalStorage({ key: `scamander-grid-${id}`, defaultValue: NO_KEPT })
  const hidden = kept.hidden ?? KEPT.hidden
  const density = kept.density ?? (rows.length > NORMAL_ROWS_MAX ? 'compact' : 'normal')
  const shownColumns = useMemo(() => {
    const shown = columns.filter(one => !hidden.includes(one.id))
    return shown.length === 0 ? columns.slice(0, 1) : shown
  }, [columns, hidden])
  const shown = useMemo(
    () => viewRows(rows, columns, { search, chips, sorting }),
    [rows, columns, search, chips, sorting],
  )
  const clear = () => {
    setSearch('')
    setChips([])
  }
  const addChip = () => {
    const chip = toChip(search, columns)
    if (chip === undefined) return
    setChips([...chips, chip])
    setSearch('')
  }
  return (
    <div className="sc-dg-frame" data-testid={`grid-${id}`} data-rows={shown.length}>
      <div className="sc-toolbar">
        {props.controls}
        {canSearch && <Search noun={noun} text={search} onChange={setSearch} onEnter={addChip} />}
        {chips.map((chip, index) => (
          <ChipButton
            // biome-ignore lint/suspicious/noArrayIndexKey: two chips may be equal
            key={index}
            chip={chip}
            title={columns.find(one => one.id === chip.column)?.title}
            onRemove={() => setChips(chips.filter((_, at) => at !== index))}
          />
        ))}
        <span className="sc-quiet" role="status" data-testid="grid-count">
          {shown.length === rows.length
            ? toCounted(rows.length, noun)
            : `${toCounted(shown.length, noun)} of ${rows.length}`}
        </span>
        <span className="sc-spacer" />
        <ColumnsMenu
          columns={columns}
          kept={{ density, hidden }}
          onChange={next => setKept({ ...kept, ...next })}
        />
        <CsvButton name={id} rows={shown} columns={shownColumns} />
        {props.actions}
      </div>
      {shown.length === 0 ? (
        <div className="sc-card">
          {rows.length === 0 ? (
            <Empty text={props.empty} />
          ) : (
            <Empty
              text={`Nothing matches “${[...chips.map(one => one.text), search].join(' ').trim()}”.`}
            >
              <Button onClick={clear}>Clear filters</Button>
            </Empty>
          )}
        </div>
      ) : (
        <GridBody
          label={props.label}
          rows={shown}
          columns={shownColumns}
          rowKey={props.rowKey}
          rowTestId={props.rowTestId}
          rowHeight={density === 'compact' ? 32 : 40}
          sorting={sorting}
          onSort={setSorting}
          onOpen={props.onOpen}
          onScroll={props.onScroll}
        />
      )}
    </div>
  )
}

interface SearchProps {
  readonly noun: string
  readonly text: string
  readonly onChange: (text: string) => void
  readonly onEnter: () => void
}

function Search({ noun, text, onChange, onEnter }: SearchProps) {
  return (
    <TextInput
      value={text}
      onChange={event => onChange(event.currentTarget.value)}
      onKeyDown={event => event.key === 'Enter' && onEnter()}
      placeholder="Search, or column:text and Enter"
      aria-label={`Search the ${noun}s`}
      data-testid="search"
      leftSection={<IconSearch size={16} stroke={1.5} />}
      w={260}
    />
  )
}

interface ChipButtonProps {
  readonly chip: Chip
  readonly title: string | undefined
  readonly onRemove: () => void
}

function ChipButton({ chip, title, onRemove }: ChipButtonProps) {
  const text = title === undefined ? chip.text : `${title}: ${chip.text}`
  return (
    <Button
      size="compact-sm"
      rightSection={<IconX size={14} stroke={1.5} aria-hidden />}
      onClick={onRemove}
      aria-label={`Remove the filter ${text}`}
      data-testid="grid-chip"
    >
      <bdi>{text}</bdi>
    </Button>
  )
}

interface ColumnsMenuProps<T> {
  readonly columns: readonly GridColumn<T>[]
  readonly kept: Kept
  readonly onChange: (next: Partial<Kept>) => void
}

function ColumnsMenu<T>({ columns, kept, onChange }: ColumnsMenuProps<T>) {
  const { hidden, density } = kept
  const toggle = (id: string) =>
    onChange({ hidden: hidden.includes(id) ? hidden.filter(one => one !== id) : [...hidden, id] })
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Button leftSection={<IconColumns3 size={16} stroke={1.5} />} data-testid="grid-columns">
          Columns
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={400} style={{ overflowY: 'auto' }}>
        {columns.map(({ id, title }) => (
          <Menu.Item
            key={id}
            onClick={() => toggle(id)}
            data-testid="menu-item"
            data-key={id}
            role="menuitemcheckbox"
            aria-checked={!hidden.includes(id)}
            leftSection={
              <Checkbox.Indicator checked={!hidden.includes(id)} size="xs" aria-hidden />
            }
          >
            <bdi>{title}</bdi>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          onClick={() => onChange({ density: density === 'compact' ? 'normal' : 'compact' })}
          data-testid="menu-item"
          data-key="compact"
          role="menuitemcheckbox"
          aria-checked={density === 'compact'}
          leftSection={<Checkbox.Indicator checked={density === 'compact'} size="xs" aria-hidden />}
        >
          Compact rows
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

interface CsvButtonProps<T> {
  readonly name: string
  readonly rows: readonly T[]
  readonly columns: readonly GridColumn<T>[]
}

/** The file is made when it is asked for. */
function CsvButton<T>({ name, rows, columns }: CsvButtonProps<T>) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([toCsv(rows, columns)], { type: 'text/csv' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${name.replaceAll(/[^\w.-]+/g, '-')}.csv`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }
  return (
    <Button
      leftSection={<IconDownload size={16} stroke={1.5} />}
      onClick={save}
      data-testid="grid-csv"
    >
      CSV
    </Button>
  )
}
