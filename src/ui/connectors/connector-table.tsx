/**
 * Rows of connectors with selection, the bar of acts on what is selected, and a menu per row.
 * Used by the list.
 * Invariants: the order of the list (attention first) holds until a column is chosen; a menu offers only what
 * the state of its row allows.
 * Spec: ui 4.1, 5.4, 8 (`connector-row`).
 */
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { DataGrid, type GridFilter } from '../parts/data-grid/data-grid.tsx'
import { useMay } from '../parts/session.ts'
import { useActing } from './act-dialog.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { CONNECTOR_COLUMNS } from './connector-columns.tsx'
import type { ListedConnector } from './listed-connectors.ts'
import { offeredActs } from './row-menu.tsx'

interface ConnectorTableProps {
  readonly rows: readonly ListedConnector[]
  readonly filter: GridFilter
  readonly controls: ReactNode
}

export function ConnectorTable({ rows, filter, controls }: ConnectorTableProps) {
  const navigate = useNavigate()
  const { startOn, dialog } = useActing([], () => undefined)
  const mayOperate = useMay('job_operator')
  const mayDelete = useMay('standard')
  const acts = (row: ListedConnector) =>
    offeredActs(row.state, mayDelete).map(([act, title]) => ({
      ...{ key: act, title, isDangerous: act === 'delete' },
      onClick: () => startOn(act, [row.name]),
    }))
  return (
    <>
      <DataGrid
        id="connectors"
        label="Connectors"
        rows={rows}
        columns={CONNECTOR_COLUMNS}
        rowKey={nameOf}
        rowTestId="connector-row"
        rowState={stateOf}
        onOpen={({ name }) =>
          void navigate({ to: '/connectors/$name/$tab', params: { name, tab: 'overview' } })
        }
        noun="connector"
        empty=""
        isAlone
        filter={filter}
        controls={controls}
        selection={SELECTION}
        {...(mayOperate ? { acts } : {})}
      />
      {dialog}
    </>
  )
}

const nameOf = (row: ListedConnector) => row.name
const stateOf = (row: ListedConnector) => row.state
const SELECTION = {
  boxTestId: 'connector-select',
  bar: (rows: readonly ListedConnector[], onDone: () => void) => (
    <BulkBar rows={rows} onDone={onDone} />
  ),
}
