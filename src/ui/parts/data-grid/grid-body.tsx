/**
 * Head and rows of the data grid: only the rows near the window are in the document. Used by it alone.
 * Invariants: rows have one height; a row that scrolls out gives its element to one that scrolls in, so
 * that scrolling makes and throws away nothing; the grid has the focus, its rows have not.
 * Spec: ui 4.1, 4.9 (grids), 7 (lists of 10,000 rows).
 */
import { useMediaQuery } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useCallback,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import {
  fitsTwoLines,
  narrowPlaces,
  narrowTemplate,
  templateOf,
  type Widths,
  widthOfAll,
} from './column-places.ts'
import { GridHead } from './grid-head.tsx'
import { onGridKey } from './grid-keys.ts'
import { type GridAct, GridMenu } from './grid-menu.tsx'
import type { GridColumn, Sorting } from './grid-model.ts'
import { GridRow } from './grid-row.tsx'
import type { Selecting } from './grid-selection.ts'
import { useRowMenu } from './use-row-menu.ts'
import { useSlots } from './use-slots.ts'

interface GridBodyProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  readonly columns: readonly GridColumn<T>[]
  readonly rowKey: (row: T) => string
  readonly rowName: (row: T) => string
  readonly rowState: ((row: T) => string) | undefined
  readonly rowTestId: string
  readonly rowHeight: number
  readonly widths: Widths
  /** Undefined: as the list says. */
  readonly onWidth: (column: string, width: number | undefined) => void
  readonly sorting: Sorting | undefined
  readonly onSort: (sorting: Sorting | undefined) => void
  readonly onOpen: ((row: T) => void) | undefined
  readonly onScroll: ((top: number) => void) | undefined
  readonly selecting: (Selecting<T> & { readonly boxTestId: string }) | undefined
  readonly acts: ((row: T) => readonly GridAct[]) | undefined
}

const OVERSCAN = 6
const HEAD_PX = 36
const NARROW_HEAD_PX = 56
const NARROW_ROW_PX = 60
const NARROW = '(max-width: 767px)'
const BOX_PX = 40
const MENU_PX = 56
const NARROW_BOX_PX = 32
const NARROW_MENU_PX = 36

export function GridBody<T>(props: GridBodyProps<T>) {
  const { label, rows, columns, selecting, acts } = props
  const layout = useLayout(props)
  const { rowHeight, headHeight, places, width } = layout
  const scroll = useRef<HTMLDivElement>(null)
  const id = useId()
  const [active, setActive] = useState(-1)
  const virtual = useRowsNear(scroll, { count: rows.length, rowHeight, headHeight })
  const items = virtual.getVirtualItems()
  const slots = useSlots(items.map(one => one.index))
  const latest = useRef(props)
  latest.current = props
  const menu = useRowMenu(latest, scroll)
  const { open, pick } = usePicks(latest, setActive)
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const heightPx = event.currentTarget.clientHeight - headHeight
    onGridKey(event, {
      ...{ active, page: Math.max(1, Math.floor(heightPx / rowHeight)), last: rows.length - 1 },
      onMove: next => {
        setActive(next)
        virtual.scrollToIndex(next)
      },
      onOpen: open,
      onMenu: acts && (index => menu.openAtRow(index, `${id}-${index}`)),
      select: selecting && { isNone: selecting.chosen.length === 0, pick: selecting.pick },
    })
  }
  return (
    <div className="sc-card sc-dg">
      {/* biome-ignore lint/a11y/useSemanticElements: rows are placed, which a table cannot do */}
      <div
        ref={scroll}
        className={places === undefined ? 'sc-dg-scroll' : 'sc-dg-scroll sc-dg-narrow'}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-multiselectable={selecting !== undefined || undefined}
        aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={event => props.onScroll?.(event.currentTarget.scrollTop)}
        style={{ '--dg-cols': layout.template, '--dg-row': `${rowHeight}px` } as CSSProperties}
      >
        <GridHead
          columns={columns}
          width={width}
          places={places}
          onWidth={props.onWidth}
          sorting={props.sorting}
          onSort={props.onSort}
          selected={selecting && howMany(selecting.chosen.length, rows.length)}
          onSelectAll={isOn => selecting?.setAll(isOn)}
          hasMenu={acts !== undefined}
        />
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        <div
          className="sc-dg-rows"
          role="rowgroup"
          style={{ height: virtual.getTotalSize(), minWidth: width }}
        >
          {items.map(({ index, start }) => {
            const row = rows[index]
            return row === undefined ? undefined : (
              <GridRow
                key={slots(index)}
                {...rowFacts(props, row)}
                id={`${id}-${index}`}
                index={index}
                places={places}
                top={start}
                isActive={index === active}
                onPick={pick}
                onMenu={menu.openAtButton}
              />
            )
          })}
        </div>
      </div>
      {acts !== undefined && <GridMenu open={menu.open} onClose={menu.close} />}
    </div>
  )
}

/** Which rows are near the window. */
function useRowsNear(
  scroll: RefObject<HTMLDivElement | null>,
  of: { readonly count: number; readonly rowHeight: number; readonly headHeight: number },
) {
  const { count, rowHeight, headHeight } = of
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollPaddingStart: headHeight,
  })
  // Sizes are kept by the virtualizer: it is told when all of them change.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height is what it is told of
  useLayoutEffect(() => virtual.measure(), [rowHeight, virtual])
  return virtual
}

/** A click on a row, and what opens it; always the same functions, so that rows need not be drawn again. */
function usePicks<T>(
  latest: { readonly current: GridBodyProps<T> },
  setActive: (index: number) => void,
) {
  const open = useCallback(
    (index: number) => {
      const row = latest.current.rows[index]
      if (row !== undefined) latest.current.onOpen?.(row)
    },
    [latest],
  )
  const pick = useCallback(
    (index: number, event: MouseEvent<HTMLElement>) => {
      if (!isOfRow(event)) return
      setActive(index)
      const { selecting } = latest.current
      if (selecting === undefined) open(index)
      else selecting.pick(index, event.shiftKey)
    },
    [latest, open, setActive],
  )
  return { open, pick }
}

function rowFacts<T>({ columns, selecting, acts, ...props }: GridBodyProps<T>, row: T) {
  const key = props.rowKey(row)
  return {
    ...{ row: row as unknown, rowKey: key, name: props.rowName(row) },
    columns: columns as readonly GridColumn<unknown>[],
    ...{ testId: props.rowTestId, state: props.rowState?.(row) },
    ...{ isSelected: selecting?.keys.has(key), boxTestId: selecting?.boxTestId },
    hasMenu: acts !== undefined,
  }
}

function howMany(chosen: number, all: number): 'none' | 'some' | 'all' {
  return chosen === 0 ? 'none' : chosen < all ? 'some' : 'all'
}

/** Links and buttons in a row do something of their own; so does what a row shows elsewhere. */
function isOfRow({ target, currentTarget }: MouseEvent<HTMLElement>): boolean {
  if (!(target instanceof Element) || !currentTarget.contains(target)) return false
  return target.closest('a, button, [role=switch]') === null
}

/** Side by side, or in two lines on a narrow screen. */
function useLayout<T>({ columns, widths, rowHeight, selecting, acts }: GridBodyProps<T>) {
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false })
  const hasTwoLines = isNarrow && fitsTwoLines(columns)
  const box = selecting === undefined ? 0 : hasTwoLines ? NARROW_BOX_PX : BOX_PX
  const menu = acts === undefined ? 0 : hasTwoLines ? NARROW_MENU_PX : MENU_PX
  const places = useMemo(
    () => (hasTwoLines ? narrowPlaces(columns, { box }) : undefined),
    [hasTwoLines, columns, box],
  )
  if (places !== undefined) {
    const template = narrowTemplate({ box, menu })
    return { places, template, width: 0, rowHeight: NARROW_ROW_PX, headHeight: NARROW_HEAD_PX }
  }
  const template = templateOf(columns, widths, { box, menu })
  const width = widthOfAll(columns, widths, { box, menu })
  return { places, template, width, rowHeight, headHeight: HEAD_PX }
}
