/**
 * What a data grid shows and how: the searched and sorted rows, the columns that are not hidden, density. Used by
 * the grid alone.
 * Invariant: density, hidden columns and widths are kept per list in this browser; one column is always shown.
 * Spec: ui 4.1.
 */
import { useLocalStorage } from '@mantine/hooks'
import { useMemo, useState } from 'react'
import type { Widths } from './column-places.ts'
import {
  type Chip,
  dataColumns,
  type GridColumn,
  type Sorting,
  searchTexts,
  toChip,
  viewRows,
} from './grid-model.ts'
import { type HeldText, useHeldText } from './held-text.ts'

/** Filters that the page keeps in its address; the rows come filtered by all but the text. */
export interface GridFilter extends HeldText {
  /** Rows without any filter. */
  readonly total: number
  /** Behind "Nothing matches": " with state Failed". */
  readonly others: string
  readonly onClear: () => void
}

export interface GridInput<T extends object> {
  readonly id: string
  readonly rows: readonly T[]
  readonly columns: readonly GridColumn<T>[]
  /** Searched as well, though no column shows it. */
  readonly moreText?: (row: T) => string
  readonly filter?: GridFilter
}

export interface Kept {
  readonly density: 'normal' | 'compact'
  readonly hidden: readonly string[]
  /** By id; columns without one are as wide as the list says. */
  readonly widths: Widths
}

export type GridState<T extends object> = ReturnType<typeof useGridView<T>>

const NO_COLUMNS: readonly string[] = []
/** Lists of more rows are compact unless somebody chose. */
const NORMAL_ROWS_MAX = 50
const NO_WIDTHS: Widths = {}
const NO_KEPT: Partial<Kept> = {}

export function useGridView<T extends object>({
  id,
  rows,
  columns,
  moreText,
  filter,
}: GridInput<T>) {
  const [search, setSearch] = useHeldText(filter)
  const [chips, setChips] = useState<readonly Chip[]>([])
  const [sorting, setSorting] = useState<Sorting | undefined>(undefined)
  const [chosen, setChosen] = useLocalStorage({
    ...{ key: `scamander-grid-${id}`, defaultValue: NO_KEPT },
  })
  const data = useMemo(() => dataColumns(columns), [columns])
  const texts = useMemo(() => searchTexts(data, moreText), [data, moreText])
  const shown = useMemo(
    () => viewRows(rows, data, { search, chips, sorting }, texts),
    [rows, data, search, chips, sorting, texts],
  )
  const hidden = chosen.hidden ?? NO_COLUMNS
  const kept: Kept = {
    density: chosen.density ?? (rows.length > NORMAL_ROWS_MAX ? 'compact' : 'normal'),
    hidden,
    widths: chosen.widths ?? NO_WIDTHS,
  }
  const shownColumns = useMemo(() => visibleColumns(columns, hidden), [columns, hidden])
  const addChip = () => {
    const chip = toChip(search, data)
    if (chip === undefined) return
    setChips([...chips, chip])
    setSearch('')
  }
  const clear = () => {
    setSearch('')
    setChips([])
    filter?.onClear()
  }
  const chipText = ({ column, text }: Chip) => {
    const title = data.find(one => one.id === column)?.title
    return title === undefined ? text : `${title}: ${text}`
  }
  const words = [...chips.map(one => one.text), search].join(' ').trim()
  return {
    ...{ search, setSearch, chips, setChips, chipText, addChip, clear, sorting, setSorting },
    ...{ kept, keep: (next: Partial<Kept>) => setChosen({ ...chosen, ...next }) },
    ...{ shown, shownColumns, dataColumns: data, total: filter?.total ?? rows.length },
    noMatch: `Nothing matches${words === '' ? '' : ` “${words}”`}${filter?.others ?? ''}.`,
  }
}

function visibleColumns<T>(
  columns: readonly GridColumn<T>[],
  hidden: readonly string[],
): readonly GridColumn<T>[] {
  const shown = columns.filter(one => !hidden.includes(one.id))
  return shown.some(one => one.isAct !== true) ? shown : columns.slice(0, 1)
}
