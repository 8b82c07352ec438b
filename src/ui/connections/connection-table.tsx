/**
 * Rows of connections with state, age of the last test, and what can be done. Used by the list.
 * Invariant: one that jobs use is not deleted; the dialog names them.
 * Spec: ui 4.1, 5.2, 8 (`connection-row`).
 */
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useMemo, useState } from 'react'
import type { ConnectionInfo } from '../../api-v1.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { DataGrid, type GridFilter } from '../parts/data-grid/data-grid.tsx'
import { useMay } from '../parts/session.ts'
import { useClock } from '../parts/use-clock.ts'
import { connectionColumns } from './connection-columns.tsx'
import { useDeleteConnection, useTestConnection } from './connection-queries.ts'
import { JobLinks } from './job-links.tsx'
import { LabelDialog } from './label-dialog.tsx'

interface ConnectionTableProps {
  readonly rows: readonly ConnectionInfo[]
  readonly filter: GridFilter
  readonly controls: ReactNode
  /** All labels that there are. */
  readonly labels: readonly string[]
}

export function ConnectionTable({ rows, filter, controls, labels }: ConnectionTableProps) {
  const [labelled, setLabelled] = useState<ConnectionInfo | undefined>(undefined)
  const [asked, setAsked] = useState<ConnectionInfo | undefined>(undefined)
  const navigate = useNavigate()
  const test = useTestConnection()
  const mayAct = useMay('standard')
  const nowMs = useClock()
  const columns = useMemo(() => connectionColumns(nowMs), [nowMs])
  const open = ({ id }: ConnectionInfo) => void navigate({ to: '/connections/$id', params: { id } })
  const duplicate = ({ id, connector: kind }: ConnectionInfo) =>
    void navigate({ to: '/connections/new/$kind', params: { kind }, search: { from: id } })
  const acts = (one: ConnectionInfo) => [
    { key: 'edit', title: 'Edit', onClick: () => open(one) },
    { key: 'test', title: 'Test', onClick: () => test.mutate(one) },
    { key: 'duplicate', title: 'Duplicate', onClick: () => duplicate(one) },
    { key: 'label', title: 'Add label', onClick: () => setLabelled(one) },
    { key: 'delete', title: 'Delete', isDangerous: true, onClick: () => setAsked(one) },
  ]
  return (
    <>
      <DataGrid
        id="connections"
        label="Connections"
        rows={rows}
        columns={columns}
        rowKey={nameOf}
        rowTestId="connection-row"
        rowState={stateOf}
        onOpen={open}
        noun="connection"
        empty=""
        isAlone
        filter={filter}
        controls={controls}
        {...(mayAct ? { acts } : {})}
      />
      {labelled !== undefined && (
        <LabelDialog connection={labelled} known={labels} onClose={() => setLabelled(undefined)} />
      )}
      {asked !== undefined && (
        <DeleteDialog connection={asked} onClose={() => setAsked(undefined)} />
      )}
    </>
  )
}

const nameOf = (one: ConnectionInfo) => one.name
const stateOf = (one: ConnectionInfo) => one.status

interface DeleteDialogProps {
  readonly connection: ConnectionInfo
  readonly onClose: () => void
}

function DeleteDialog({ connection, onClose }: DeleteDialogProps) {
  const remove = useDeleteConnection()
  const { name, usedBy } = connection
  return (
    <ConfirmDialog
      opened
      title={`Delete connection ${name}?`}
      text={
        usedBy.length > 0 ? (
          <>
            Used by <JobLinks names={usedBy} />. Delete or change these jobs first.
          </>
        ) : (
          'Its properties and secrets go. Tables and spaces stay as they are.'
        )
      }
      verb="Delete connection"
      dangerous
      isRefused={usedBy.length > 0}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(connection, { onSettled: onClose })}
      onClose={onClose}
    />
  )
}
