/**
 * The destinations: where they are, what waits for them, the switch of their transmission, their acts.
 * Tab of Capture.
 * Invariant: one that channels use is not deleted; the dialog leads to them.
 * Spec: ui 5.5.
 */
import { ActionIcon, Menu, Switch } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toCount, toCounted } from '../parts/format.ts'
import { useMay } from '../parts/session.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { bytesText, type DestinationRow, toDestinationRows } from './capture-model.ts'
import { changeDestination, deleteDestination, useCaptureChange } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { LaunchReader } from './launch-reader.tsx'
import { NoDestination } from './no-destination.tsx'

const COLUMNS = ['Name', 'Kind', 'Transmission', 'Read by'] as const
const NUMBERS = ['Channels', 'Queue', 'Delivered', 'Errors'] as const

export function DestinationsTab({ view }: { readonly view: CaptureView }) {
  const { overview, readers } = view
  const rows = toDestinationRows(overview, readers)
  if (rows.length === 0) return <NoDestination view={view} />
  return (
    <div className="sc-card sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads columns={[...COLUMNS, ...NUMBERS]} numbers={NUMBERS} acts />
        <tbody>
          {rows.map(row => (
            <Row key={row.destination.name} row={row} view={view} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ row, view }: { readonly row: DestinationRow; readonly view: CaptureView }) {
  const { destination, kind, channels, queued, queuedBytes, delivered, errors } = row
  const { name, addresses } = destination
  return (
    <tr data-testid="destination-row" data-key={name} data-kind={kind}>
      <td data-column="name">
        <bdi>{name}</bdi>
      </td>
      <td data-column="kind">
        {kind}
        {kind === 'Cassandra' && <span className="sc-quiet"> {addresses.join(', ')}</span>}
      </td>
      <td data-column="transmission">
        <Transmission row={row} />
      </td>
      <td data-column="read">
        <ReadBy row={row} view={view} />
      </td>
      <td className="sc-number">{toCount(channels.length)}</td>
      <td className="sc-number" data-testid="destination-queue">
        {toCount(queued)}
        {queued > 0 && <span className="sc-quiet"> {bytesText(queuedBytes)}</span>}
      </td>
      <td className="sc-number">{toCount(delivered)}</td>
      <td className="sc-number">{toCount(errors)}</td>
      <td data-column="acts">{view.mayEdit && <Acts row={row} view={view} />}</td>
    </tr>
  )
}

/** Shown as the server has it. */
function Transmission({ row: { destination } }: { readonly row: DestinationRow }) {
  const { name, transmissionEnabled } = destination
  const mayEdit = useMay('standard')
  const change = useCaptureChange((isOn: boolean) =>
    changeDestination(name, { transmissionEnabled: isOn }),
  )
  const isOn = change.isPending ? change.variables : transmissionEnabled
  const set = (next: boolean) =>
    change.mutate(next, {
      onSuccess: () =>
        toastDone(next ? `${name} gets changes again.` : `${name} gets nothing; changes wait.`),
      onError: error => toastProblem(`${name} did not change`, error),
    })
  return (
    <Switch
      aria-label={`Transmission to ${name}`}
      checked={isOn}
      disabled={!mayEdit}
      onChange={event => set(event.currentTarget.checked)}
      data-testid="destination-transmission"
    />
  )
}

function ReadBy({ row, view }: { readonly row: DestinationRow; readonly view: CaptureView }) {
  const { connector, kind, destination } = row
  if (kind === 'Cassandra') return <span className="sc-quiet">this server</span>
  if (connector === undefined) {
    return view.mayEdit ? (
      <LaunchReader destination={destination.name} />
    ) : (
      <span className="sc-quiet">no connector</span>
    )
  }
  return (
    <Link
      className="sc-link"
      to="/connectors/$name/$tab"
      params={{ name: connector, tab: 'overview' }}
    >
      <bdi>{connector}</bdi>
    </Link>
  )
}

function Acts({ row, view }: { readonly row: DestinationRow; readonly view: CaptureView }) {
  const [isAsked, setAsked] = useState(false)
  const { name } = row.destination
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Acts on ${name}`} data-testid="row-menu">
            <IconDots size={16} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() => view.addChannel(name)}
            data-testid="menu-item"
            data-key="add-channel"
          >
            Create channel
          </Menu.Item>
          {row.kind === 'Cassandra' && (
            <Menu.Item
              onClick={() => view.changeDestination(name)}
              data-testid="menu-item"
              data-key="edit"
            >
              Edit
            </Menu.Item>
          )}
          <Menu.Item
            color="error"
            onClick={() => setAsked(true)}
            data-testid="menu-item"
            data-key="delete"
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <DeleteDialog row={row} opened={isAsked} onClose={() => setAsked(false)} />
    </>
  )
}

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
