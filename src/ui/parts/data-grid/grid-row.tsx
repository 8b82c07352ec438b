/**
 * One row of the data grid: cells, and around them the box that selects it and the button of its menu.
 * Used by the grid's body alone.
 * Invariants: only elements of the browser, no component of a library, so that a row that comes into view
 * costs little; drawn again only when it shows something else.
 * Spec: ui 4.1, 4.9 (grids), 7 (lists of 10,000 rows).
 */
import { IconDots } from '@tabler/icons-react'
import { type CSSProperties, type MouseEvent, memo } from 'react'
import { CellText } from './grid-cell.tsx'
import type { GridColumn } from './grid-model.ts'

interface GridRowProps {
  readonly id: string
  readonly row: unknown
  readonly rowKey: string
  readonly columns: readonly GridColumn<unknown>[]
  readonly testId: string
  readonly state: string | undefined
  readonly index: number
  /** Of each column, where a row has two lines. */
  readonly places: readonly CSSProperties[] | undefined
  readonly top: number
  readonly isActive: boolean
  /** Undefined: rows are not selected. */
  readonly isSelected: boolean | undefined
  /** What it is called where it is acted on. */
  readonly name: string
  readonly boxTestId: string | undefined
  readonly hasMenu: boolean
  readonly onPick: (index: number, event: MouseEvent<HTMLElement>) => void
  readonly onMenu: (index: number, button: HTMLElement) => void
}

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { row, columns, index, places, top, name, isSelected, boxTestId, onPick, onMenu } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the grid has the focus and the keys
    <div
      id={props.id}
      className="sc-dg-row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected ?? props.isActive}
      data-active={props.isActive || undefined}
      data-testid={props.testId}
      data-key={props.rowKey}
      data-state={props.state}
      style={{ transform: `translateY(${top}px)` }}
      onClick={event => onPick(index, event)}
      onMouseDown={event => event.shiftKey && event.preventDefault()}
    >
      {boxTestId !== undefined && (
        // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
        <div className="sc-dg-cell sc-dg-box" role="gridcell" data-column="select">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Select ${name}`}
            checked={isSelected === true}
            readOnly
            data-testid={boxTestId}
          />
        </div>
      )}
      {columns.map((one, at) => (
        // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
        <div
          key={one.id}
          className={classOf(one)}
          role="gridcell"
          data-column={one.id}
          style={places?.[at]}
        >
          {one.cell === undefined ? <CellText text={one.text(row)} /> : one.cell(row)}
        </div>
      ))}
      {props.hasMenu && (
        // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
        <div className="sc-dg-cell sc-dg-act" role="gridcell" data-column="menu">
          <button
            type="button"
            className="sc-dg-button"
            tabIndex={-1}
            aria-label={`Acts on ${name}`}
            aria-haspopup="menu"
            onClick={event => onMenu(index, event.currentTarget)}
            data-testid="row-menu"
          >
            <IconDots size={16} stroke={1.5} aria-hidden />
          </button>
        </div>
      )}
    </div>
  )
})

function classOf({ isNumber, isMono, isAct }: GridColumn<unknown>): string {
  return `sc-dg-cell${isNumber === true ? ' sc-number' : ''}${isMono === true ? ' sc-mono' : ''}${isAct === true ? ' sc-dg-act' : ''}`
}
