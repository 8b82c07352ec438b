/**
 * The destinations: where they are, what waits for them, the switch of their transmission, their acts.
 * Tab of Capture.
 * Invariant: one that channels use is not deleted; the dialog leads to them.
 * Spec: ui 4.1, 5.5.
 */
import { useState } from 'react'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { DataGrid } from '../parts/data-grid/data-grid.tsx'
import type { GridAct } from '../parts/data-grid/grid-menu.tsx'
import { toCounted } from '../parts/format.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { type DestinationRow, toDestinationRows } from './capture-model.ts'
import { deleteDestination, useCaptureChange } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { destinationColumns } from './destination-columns.tsx'
import { NoDestination } from './no-destination.tsx'

export function DestinationsTab({ view }: { readonly view: CaptureView }) {
  const [asked, setAsked] = useState<string>()
  const rows = toDestinationRows(view.overview, view.readers)
  if (rows.length === 0) return <NoDestination view={view} />
  const acts = (row: DestinationRow): GridAct[] => {
    const { name } = row.destination
    return [
      { key: 'add-channel', title: 'Create channel', onClick: () => view.addChannel(name) },
      ...(row.kind === 'Cassandra'
        ? [{ key: 'edit', title: 'Edit', onClick: () => view.changeDestination(name) }]
        : []),
      { key: 'delete', title: 'Delete', isDangerous: true, onClick: () => setAsked(name) },
    ]
  }
  const row = rows.find(one => one.destination.name === asked)
  return (
    <>
      <DataGrid
        id="destinations"
        label="Destinations"
        rows={rows}
        columns={destinationColumns(view)}
        rowKey={nameOf}
        rowTestId="destination-row"
        noun="destination"
        empty=""
        isAlone
        {...(view.mayEdit ? { acts } : {})}
      />
      {row !== undefined && <DeleteDialog row={row} opened onClose={() => setAsked(undefined)} />}
    </>
  )
}

const nameOf = ({ destination }: DestinationRow) => destination.name

interface DeleteDialogProps {
  readonly row: DestinationRow
  readonly opened: boolean
  readonly onClose: () => void
}

function DeleteDialog({ row, opened, onClose }: DeleteDialogProps) {
  const { destination, channels, connector } = row
  const { name } = destination
  const remove = useCaptureChange(() => deleteDestination(name))
  const isUsed = channels.length > 0
  const tables = channels.map(one => `${one.sourceKeyspace}.${one.sourceTable}`).join(', ')
  const reader = connector === undefined ? '' : ` The connector ${connector} reads nothing then.`
  const text = isUsed
    ? `Used by ${toCounted(channels.length, 'channel')}: ${tables}. Delete these channels first.`
    : `No channel uses it. Topics and what was delivered stay.${reader}`
  const go = () =>
    remove.mutate(undefined, {
      onSuccess: () => toastDone(`The destination ${name} was deleted.`),
      onError: error => toastProblem(`${name} was not deleted`, error),
      onSettled: onClose,
    })
  return (
    <ConfirmDialog
      opened={opened}
      title={`Delete the destination ${name}?`}
      text={text}
      verb="Delete destination"
      dangerous
      isRefused={isUsed}
      busy={remove.isPending}
      onConfirm={go}
      onClose={onClose}
    />
  )
}
