/**
 * What stands above the rows of the data grid: search, chips, the count, columns and density, CSV. Used by the
 * grid alone.
 * Invariant: the count names all rows, also while only some are shown.
 * Spec: ui 4.1.
 */
import { Button, Checkbox, Menu, TextInput } from '@mantine/core'
import { IconColumns3, IconDownload, IconSearch, IconX } from '@tabler/icons-react'
import type { KeyboardEvent, ReactNode } from 'react'
import { toCounted } from '../format.ts'
import { saveText } from '../save-text.ts'
import { type Widths, widthOfColumn, withWidth } from './column-places.ts'
import { dataColumns, type GridColumn, toCsv } from './grid-model.ts'
import type { GridState, Kept } from './use-grid-view.ts'

const WIDTH_STEPS: Readonly<Record<string, number>> = { ArrowLeft: -16, ArrowRight: 16 }

interface GridToolbarProps<T extends object> {
  readonly id: string
  readonly noun: string
  readonly canSearch: boolean
  readonly controls: ReactNode
  readonly actions: ReactNode
  readonly view: GridState<T>
}

export function GridToolbar<T extends object>(props: GridToolbarProps<T>) {
  const { id, noun, view } = props
  const { shown, total, chips } = view
  return (
    <div className="sc-toolbar">
      {props.controls}
      {props.canSearch && (
        <Search noun={noun} text={view.search} onChange={view.setSearch} onEnter={view.addChip} />
      )}
      {chips.map((chip, index) => (
        <ChipButton
          // biome-ignore lint/suspicious/noArrayIndexKey: two chips may be equal
          key={index}
          text={view.chipText(chip)}
          onRemove={() => view.setChips(chips.filter((_, at) => at !== index))}
        />
      ))}
      <span className="sc-quiet" role="status" data-testid="grid-count">
        {shown.length === total
          ? toCounted(total, noun)
          : `${toCounted(shown.length, noun)} of ${total}`}
      </span>
      <span className="sc-spacer" />
      <ColumnsMenu columns={view.dataColumns} kept={view.kept} onChange={view.keep} />
      <CsvButton name={id} rows={shown} columns={dataColumns(view.shownColumns)} />
      {props.actions}
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
      placeholder="Search, or column:text"
      aria-label={`Search the ${noun}s`}
      data-testid="search"
      leftSection={<IconSearch size={16} stroke={1.5} />}
      w={260}
    />
  )
}

interface ChipButtonProps {
  readonly text: string
  readonly onRemove: () => void
}

function ChipButton({ text, onRemove }: ChipButtonProps) {
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
  const { hidden, density, widths } = kept
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
        {columns.map(column => (
          <ColumnItem
            key={column.id}
            title={column.title}
            id={column.id}
            isShown={!hidden.includes(column.id)}
            onToggle={() => toggle(column.id)}
            onStep={step => onChange({ widths: stepped(widths, column, step) })}
          />
        ))}
        <Menu.Label>← → change the width of a column</Menu.Label>
        <Menu.Divider />
        <Menu.Item
          onClick={() => onChange({ widths: {} })}
          disabled={Object.keys(widths).length === 0}
          data-testid="menu-item"
          data-key="widths"
        >
          Widths as they were
        </Menu.Item>
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

interface ColumnItemProps {
  readonly id: string
  readonly title: string
  readonly isShown: boolean
  readonly onToggle: () => void
  readonly onStep: (pixels: number) => void
}

function ColumnItem({ id, title, isShown, onToggle, onStep }: ColumnItemProps) {
  const widen = (event: KeyboardEvent) => {
    const step = WIDTH_STEPS[event.key]
    if (step === undefined) return
    event.preventDefault()
    onStep(step)
  }
  return (
    <Menu.Item
      onClick={onToggle}
      onKeyDown={widen}
      data-testid="menu-item"
      data-key={id}
      role="menuitemcheckbox"
      aria-checked={isShown}
      leftSection={<Checkbox.Indicator checked={isShown} size="xs" aria-hidden />}
    >
      <bdi>{title}</bdi>
    </Menu.Item>
  )
}

function stepped<T>(widths: Widths, column: GridColumn<T>, step: number): Widths {
  return withWidth(widths, column.id, widthOfColumn(column, widths) + step)
}

interface CsvButtonProps<T> {
  readonly name: string
  readonly rows: readonly T[]
  readonly columns: readonly GridColumn<T>[]
}

/** The file is made when it is asked for. */
function CsvButton<T>({ name, rows, columns }: CsvButtonProps<T>) {
  const save = () => saveText(`${name}.csv`, toCsv(rows, columns), 'text/csv')
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
