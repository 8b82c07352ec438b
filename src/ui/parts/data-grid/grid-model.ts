/**
 * What a list of many rows shows, without its look: order, search, chips, columns, CSV. Pure.
 * Used by the data grid.
 * Invariants: a sort keeps equal rows in their order; whole numbers are compared by all their digits; the
 * rows that were given are never changed.
 * Spec: ui 4.1.
 */
import type { ReactNode } from 'react'

export interface GridColumn<T> {
  readonly id: string
  readonly title: string
  /** Pixels; the last column takes what is left. */
  readonly width: number
  /** What is searched, sorted and written to CSV; null: there is no value. */
  readonly text: (row: T) => string | null
  /** @default the text */
  readonly cell?: (row: T) => ReactNode
  /** Sorted by value and aligned to the right. @default false */
  readonly isNumber?: boolean
  readonly isMono?: boolean
  /** Beside the title: a type. */
  readonly hint?: string
  /** Cannot be sorted: the order has a meaning of its own. @default true */
  readonly canSort?: boolean
  /** Sorted by it instead of the text. */
  readonly order?: (one: T, other: T) => number
  /** Takes what is left of the width. @default the last column that is no act */
  readonly isWide?: boolean
  /** Buttons: not searched, sorted, hidden or written. @default false */
  readonly isAct?: boolean
}

/** Columns with a text of their own. */
export function dataColumns<T>(columns: readonly GridColumn<T>[]): readonly GridColumn<T>[] {
  return columns.filter(one => one.isAct !== true)
}

export interface Sorting {
  readonly column: string
  readonly down: boolean
}

/** `text` in one column, or anywhere without one. */
export interface Chip {
  readonly column: string | undefined
  readonly text: string
}

export interface GridView {
  readonly search: string
  readonly chips: readonly Chip[]
  readonly sorting: Sorting | undefined
}

/** All that is searched in a row, in small letters; kept while the row and its columns are the same. */
export type SearchTexts<T> = (row: T) => string

export function searchTexts<T extends object>(
  columns: readonly GridColumn<T>[],
  more: (row: T) => string = () => '',
): SearchTexts<T> {
  const known = new WeakMap<T, string>()
  return row => {
    const kept = known.get(row)
    if (kept !== undefined) return kept
    const texts = columns.map(one => one.text(row) ?? '')
    const text = [...texts, more(row)].join('\n').toLowerCase()
    known.set(row, text)
    return text
  }
}

const COLLATOR = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
const INTEGER = /^-?\d+$/

export function viewRows<T extends object>(
  rows: readonly T[],
  columns: readonly GridColumn<T>[],
  view: GridView,
  texts: SearchTexts<T> = searchTexts(columns),
): readonly T[] {
  const filtered = filterRows(rows, columns, { ...view, texts })
  const column = columns.find(one => one.id === view.sorting?.column)
  if (column === undefined || view.sorting === undefined) return filtered
  const sign = view.sorting.down ? -1 : 1
  const { order } = column
  if (order !== undefined) return filtered.toSorted((a, b) => order(a, b) * sign)
  const keyed = filtered.map(row => ({ row, text: column.text(row) }))
  keyed.sort(
    (a, b) =>
      compare(a.text, b.text, column.isNumber === true) * (isEnd(a.text, b.text) ? 1 : sign),
  )
  return keyed.map(one => one.row)
}

/** What has no value stands last, whichever way the rest is sorted. */
function isEnd(a: string | null, b: string | null): boolean {
  return a === null || b === null
}

export function compare(a: string | null, b: string | null, isNumber: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (!isNumber) return COLLATOR.compare(a, b)
  if (INTEGER.test(a) && INTEGER.test(b)) {
    const [one, other] = [BigInt(a), BigInt(b)]
    return one < other ? -1 : one > other ? 1 : 0
  }
  return Number(a) - Number(b) || COLLATOR.compare(a, b)
}

function filterRows<T>(
  rows: readonly T[],
  columns: readonly GridColumn<T>[],
  { search, chips, texts }: Pick<GridView, 'search' | 'chips'> & { texts: SearchTexts<T> },
): readonly T[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 && chips.length === 0) return rows
  const tests = chips.map(({ column, text }) => ({
    columns: column === undefined ? columns : columns.filter(one => one.id === column),
    text: text.toLowerCase(),
  }))
  return rows.filter(row => {
    const isChipped = tests.every(test =>
      test.columns.some(one => one.text(row)?.toLowerCase().includes(test.text) === true),
    )
    if (!isChipped || words.length === 0) return isChipped
    const all = texts(row)
    return words.every(word => all.includes(word))
  })
}

/** `symbol:AAPL` is a chip of that column; anything else is one of all. */
export function toChip<T>(text: string, columns: readonly GridColumn<T>[]): Chip | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const at = trimmed.indexOf(':')
  const named = trimmed.slice(0, at).trim().toLowerCase()
  const column = at <= 0 ? undefined : columns.find(one => one.title.toLowerCase() === named)
  const value = trimmed.slice(at + 1).trim()
  if (column === undefined || value === '') return { column: undefined, text: trimmed }
  return { column: column.id, text: value }
}

export function toCsv<T>(rows: readonly T[], columns: readonly GridColumn<T>[]): string {
  const line = (cells: readonly (string | null)[]) => cells.map(csvCell).join(',')
  const lines = rows.map(row => line(columns.map(one => one.text(row))))
  return `${[line(columns.map(one => one.title)), ...lines].join('\r\n')}\r\n`
}

/** Programs for sheets take such a text for a formula; an apostrophe keeps it a text. */
const FORMULA = /^[=+\-@\t\r]/
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

/** Quoted where it has to be; null is empty. */
export function csvCell(text: string | null): string {
  if (text === null) return ''
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Of what the first rows hold, within bounds. */
export function widthOf(title: string, texts: readonly (string | null)[]): number {
  const longest = texts.reduce((most, text) => Math.max(most, text?.length ?? 4), title.length + 4)
  return Math.round(Math.min(360, Math.max(88, longest * 8.4 + 28)))
}
