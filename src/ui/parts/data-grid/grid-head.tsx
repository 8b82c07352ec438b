/**
 * Heads of the columns of the data grid: sort buttons, the box that selects all. Used by its body alone.
 * Invariant: a head says how its column is sorted; a column of buttons has a name for screen readers only.
 * Spec: ui 4.1, 4.9 (grids).
 */
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import type { CSSProperties } from 'react'
import { ColumnHandle } from './column-handle.tsx'
import type { GridColumn, Sorting } from './grid-model.ts'

interface GridHeadProps<T> {
  readonly columns: readonly GridColumn<T>[]
  readonly width: number
  readonly places: readonly CSSProperties[] | undefined
  readonly onWidth: (column: string, width: number | undefined) => void
  readonly sorting: Sorting | undefined
  readonly onSort: (sorting: Sorting | undefined) => void
  /** Of the rows that are shown; undefined: rows are not selected. */
  readonly selected: 'none' | 'some' | 'all' | undefined
  readonly onSelectAll: (isOn: boolean) => void
  readonly hasMenu: boolean
}

export function GridHead<T>(props: GridHeadProps<T>) {
  const { columns, width, sorting, selected, onSort, hasMenu } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are placed, which a table cannot do
    <div className="sc-dg-head" role="rowgroup" style={{ minWidth: width }}>
      {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above */}
      <div className="sc-dg-row-head" role="row" aria-rowindex={1}>
        {selected !== undefined && (
          // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
          <div role="columnheader" className="sc-dg-cell sc-dg-box" data-column="select">
            <input
              type="checkbox"
              aria-label="Select all"
              checked={selected === 'all'}
              ref={box => {
                if (box !== null) box.indeterminate = selected === 'some'
              }}
              onChange={event => props.onSelectAll(event.currentTarget.checked)}
              data-testid="select-all"
            />
          </div>
        )}
        {columns.map((one, at) => (
          <HeadCell
            key={one.id}
            column={one}
            sorting={sorting}
            onSort={onSort}
            place={props.places?.[at]}
            onWidth={props.places === undefined ? props.onWidth : undefined}
          />
        ))}
        {hasMenu && (
          // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
          <div role="columnheader" className="sc-dg-cell" data-column="menu">
            <span className="sc-hidden">Acts</span>
          </div>
        )}
      </div>
    </div>
  )
}

interface HeadCellProps<T> {
  readonly column: GridColumn<T>
  readonly sorting: Sorting | undefined
  readonly onSort: (sorting: Sorting | undefined) => void
  readonly place: CSSProperties | undefined
  /** Undefined: rows of two lines share the screen. */
  readonly onWidth: ((column: string, width: number | undefined) => void) | undefined
}

/** Up, down, and back to the order in which the rows came. */
function HeadCell<T>({ column, sorting, onSort, place, onWidth }: HeadCellProps<T>) {
  const { id, title, hint, isNumber = false, isAct = false, canSort = !isAct } = column
  const isOn = sorting?.column === id
  const Arrow = sorting?.down === true ? IconArrowDown : IconArrowUp
  const next = !isOn
    ? { column: id, down: false }
    : sorting.down
      ? undefined
      : { column: id, down: true }
  const text = (
    <>
      <bdi className={isAct ? 'sc-hidden' : undefined}>{title}</bdi>
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
      style={place}
    >
      {canSort ? (
        <button type="button" className="sc-sort" tabIndex={-1} onClick={() => onSort(next)}>
          {text}
          {isOn && <Arrow size={14} stroke={1.5} aria-hidden />}
        </button>
      ) : (
        text
      )}
      {onWidth !== undefined && <ColumnHandle column={id} onWidth={width => onWidth(id, width)} />}
    </div>
  )
}
