/**
 * Head and rows of the data grid: only the rows near the window are in the document. Used by it alone.
 * Invariants: rows have one height; a row that scrolls out gives its element to one that scrolls in, so
 * that scrolling makes and throws away nothing; a row is drawn again only when it shows something else.
 * Spec: ui 4.1, 4.9 (grids), 7 (lists of 10,000 rows).
 */
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useCallback,
  useId,
  useRef,
  useState,
} from 'react'
import type { GridColumn, Sorting } from './grid-model.ts'

interface GridBodyProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  readonly columns: readonly GridColumn<T>[]
  readonly rowKey: (row: T) => string
  readonly rowTestId: string
  readonly rowHeight: number
  readonly sorting: Sorting | undefined
  readonly onSort: (sorting: Sorting | undefined) => void
  readonly onOpen: ((row: T) => void) | undefined
  readonly onScroll: ((top: number) => void) | undefined
}

const OVERSCAN = 6
const HEAD_PX = 36
const SHOWN_CHARACTERS = 200

export function GridBody<T>(props: GridBodyProps<T>) {
  const { label, rows, columns, rowHeight, onOpen } = props
  const scroll = useRef<HTMLDivElement>(null)
  const id = useId()
  const [active, setActive] = useState(-1)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollPaddingStart: HEAD_PX,
  })
  const items = virtual.getVirtualItems()
  const slots = useSlots(items.map(one => one.index))
  const latest = useRef(props)
  latest.current = props
  const open = useCallback((index: number) => {
    setActive(index)
    const row = latest.current.rows[index]
    if (row !== undefined) latest.current.onOpen?.(row)
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight) - 2)
    const next = moved(event.key, { active, page, last: rows.length - 1 })
    if (next !== undefined) {
      setActive(next)
      virtual.scrollToIndex(next)
      event.preventDefault()
    } else if (event.key === 'Enter' && active >= 0) open(active)
  }
  const template = columns
    .map((one, at) =>
      at === columns.length - 1 ? `minmax(${one.width}px, 1fr)` : `${one.width}px`,
    )
    .join(' ')
  const width = columns.reduce((sum, one) => sum + one.width, 0)
  return (
    <div className="sc-card sc-dg">
      {/* biome-ignore lint/a11y/useSemanticElements: rows are placed, which a table cannot do */}
      <div
        ref={scroll}
        className="sc-dg-scroll"
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={event => props.onScroll?.(event.currentTarget.scrollTop)}
        style={{ '--dg-cols': template, '--dg-row': `${rowHeight}px` } as CSSProperties}
      >
        <Head columns={columns} width={width} sorting={props.sorting} onSort={props.onSort} />
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        <div
          className="sc-dg-rows"
          role="rowgroup"
          style={{ height: virtual.getTotalSize(), minWidth: width }}
        >
          {items.map(({ index, start }) => {
            const row = rows[index]
            return row === undefined ? undefined : (
              <Row
                key={slots(index)}
                id={`${id}-${index}`}
                row={row as unknown}
                rowKey={props.rowKey(row)}
                columns={columns as readonly GridColumn<unknown>[]}
                testId={props.rowTestId}
                index={index}
                top={start}
                isActive={index === active}
                onOpen={onOpen === undefined ? setActive : open}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

/** One number per drawn row; a row that leaves frees its number for one that comes. */
function useSlots(indexes: readonly number[]): (index: number) => number {
  const taken = useRef(new Map<number, number>())
  const wanted = new Set(indexes)
  const free: number[] = []
  const known = new Map<number, number>()
  for (const [index, slot] of taken.current) {
    if (wanted.has(index)) known.set(index, slot)
    else free.push(slot)
  }
  for (const index of indexes) {
    if (!known.has(index)) known.set(index, free.pop() ?? known.size)
  }
  taken.current = known
  return index => known.get(index) ?? -1
}

interface Move {
  readonly active: number
  readonly page: number
  readonly last: number
}

/** Undefined: the key moves nothing. */
function moved(key: string, { active, page, last }: Move): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ...{ ArrowDown: active + 1, j: active + 1, ArrowUp: active - 1, k: active - 1 },
    ...{ PageDown: active + page, PageUp: active - page, Home: 0, End: last },
  }
  const next = steps[key]
  return next === undefined ? undefined : Math.min(last, Math.max(0, next))
}

interface HeadProps<T> {
  readonly columns: readonly GridColumn<T>[]
  readonly width: number
  readonly sorting: Sorting | undefined
  readonly onSort: (sorting: Sorting | undefined) => void
}

function Head<T>({ columns, width, sorting, onSort }: HeadProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as above
    <div className="sc-dg-head" role="rowgroup" style={{ minWidth: width }}>
      {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above */}
      <div className="sc-dg-row-head" role="row" aria-rowindex={1}>
        {columns.map(one => (
          <HeadCell key={one.id} column={one} sorting={sorting} onSort={onSort} />
        ))}
      </div>
    </div>
  )
}

interface HeadCellProps<T> {
  readonly column: GridColumn<T>
  readonly sorting: Sorting | undefined
  readonly onSort: (sorting: Sorting | undefined) => void
}

/** Up, down, and back to the order in which the rows came. */
function HeadCell<T>({ column, sorting, onSort }: HeadCellProps<T>) {
  const { id, title, hint, isNumber = false, canSort = true } = column
  const isOn = sorting?.column === id
  const Arrow = sorting?.down === true ? IconArrowDown : IconArrowUp
  const next = !isOn
    ? { column: id, down: false }
    : sorting.down
      ? undefined
      : { column: id, down: true }
  const text = (
    <>
      <bdi>{title}</bdi>
      {hint !== undefined && hint !== '' && <span className="sc-dg-hint">{hint}</span>}
    </>
  )
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
    <div
      role="columnheader"
      className={isNumber ? 'sc-dg-cell sc-number' : 'sc-dg-cell'}
      aria-sort={isOn ? (sorting.down ? 'descending' : 'ascending') : undefined}
      data-column={id}
      title={hint === undefined ? title : `${title} ${hint}`}
    >
      {canSort ? (
        <button type="button" className="sc-sort" tabIndex={-1} onClick={() => onSort(next)}>
          {text}
          {isOn && <Arrow size={14} stroke={1.5} aria-hidden />}
        </button>
      ) : (
        text
      )}
    </div>
  )
}

interface RowProps {
  readonly id: string
  readonly row: unknown
  readonly rowKey: string
  readonly columns: readonly GridColumn<unknown>[]
  readonly testId: string
  readonly index: number
  readonly top: number
  readonly isActive: boolean
  readonly onOpen: (index: number) => void
}

const Row = memo(function Row(props: RowProps) {
  const { row, columns, index, top, isActive, onOpen } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the grid has the focus and the keys
    <div
      id={props.id}
      className="sc-dg-row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isActive}
      data-testid={props.testId}
      data-key={props.rowKey}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(index)}
    >
      {columns.map(one => (
        // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
        <div key={one.id} className={classOf(one)} role="gridcell" data-column={one.id}>
          {one.cell === undefined ? <CellText text={one.text(row)} /> : one.cell(row)}
        </div>
      ))}
    </div>
  )
})

function classOf({ isNumber, isMono }: GridColumn<unknown>): string {
  return `sc-dg-cell${isNumber === true ? ' sc-number' : ''}${isMono === true ? ' sc-mono' : ''}`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is made visible
const HIDDEN = /[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Control and direction characters as signs; cut where a line ends anyway. */
export function visible(text: string): string {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
  return shown.replace(HIDDEN, one => {
    const code = one.charCodeAt(0)
    if (code < 32) return String.fromCharCode(0x2400 + code)
    return code === 127 ? '\u2421' : `⟨${code.toString(16).toUpperCase()}⟩`
  })
}

export function CellText({ text }: { readonly text: string | null }): ReactNode {
  if (text === null) return <span className="sc-quiet">NULL</span>
  if (text === '') return <span className="sc-quiet">""</span>
  return <bdi>{visible(text)}</bdi>
}
