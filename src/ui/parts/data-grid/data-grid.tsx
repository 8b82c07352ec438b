/**
 * The one list of many rows: search with chips, sorting, columns, density, CSV, selection with a bar of acts, a
 * menu per row; rows drawn only near the window. Used by every long list.
 * Invariants: one tab stop, then arrow keys; Enter opens a row, x selects it, the full stop opens its menu;
 * the count of all rows is told; density, widths and hidden columns are kept per list.
 * Spec: ui 4.1, 4.9, 7.
 */
import './data-grid.css'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Empty } from '../panel.tsx'
import { withWidth } from './column-places.ts'
import { GridBody } from './grid-body.tsx'
import type { GridAct } from './grid-menu.tsx'
import { useSelection } from './grid-selection.ts'
import { GridToolbar } from './grid-toolbar.tsx'
import { type GridInput, useGridView } from './use-grid-view.ts'

export type { GridFilter } from './use-grid-view.ts'

export interface DataGridProps<T extends object> extends GridInput<T> {
  /** For those who do not see it: "Rows of demo.stocks". */
  readonly label: string
  readonly rowKey: (row: T) => string
  readonly rowTestId: string
  readonly rowState?: (row: T) => string
  /** Enter, and a click where rows are not selected. */
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
  readonly selection?: GridSelection<T>
  /** The menu of a row. */
  readonly acts?: (row: T) => readonly GridAct[]
  readonly onScroll?: (top: number) => void
  /** Nothing stands below: the list takes the height of the window. @default false */
  readonly isAlone?: boolean
}

export interface GridSelection<T> {
  /** Of the box in each row. */
  readonly boxTestId: string
  readonly bar: (chosen: readonly T[], onDone: () => void) => ReactNode
}

const COMPACT_PX = 32
const NORMAL_PX = 40

export function DataGrid<T extends object>(props: DataGridProps<T>) {
  const { id, canSearch = true, selection, isAlone = false } = props
  const view = useGridView(props)
  const { shown, dataColumns } = view
  const selecting = useSelection(shown, props.rowKey)
  return (
    <div
      className={isAlone ? 'sc-dg-frame sc-dg-alone' : 'sc-dg-frame'}
      data-testid={`grid-${id}`}
      data-rows={shown.length}
    >
      <GridToolbar
        id={id}
        noun={props.noun}
        canSearch={canSearch}
        controls={props.controls}
        actions={props.actions}
        view={view}
      />
      {shown.length === 0 ? (
        <div className="sc-card">
          {view.total === 0 ? (
            <Empty text={props.empty} />
          ) : (
            <Empty text={view.noMatch}>
              <Button onClick={view.clear}>Clear filters</Button>
            </Empty>
          )}
        </div>
      ) : (
        <GridBody
          label={props.label}
          rows={shown}
          columns={view.shownColumns}
          rowKey={props.rowKey}
          rowName={row => dataColumns[0]?.text(row) ?? props.rowKey(row)}
          rowState={props.rowState}
          rowTestId={props.rowTestId}
          rowHeight={view.kept.density === 'compact' ? COMPACT_PX : NORMAL_PX}
          widths={view.kept.widths}
          onWidth={(column, width) =>
            view.keep({ widths: withWidth(view.kept.widths, column, width) })
          }
          sorting={view.sorting}
          onSort={view.setSorting}
          onOpen={props.onOpen}
          onScroll={props.onScroll}
          selecting={selection && { ...selecting, boxTestId: selection.boxTestId }}
          acts={props.acts}
        />
      )}
      {selecting.chosen.length > 0 &&
        selection?.bar(selecting.chosen, () => selecting.setAll(false))}
    </div>
  )
}
