/**
 * Columns of the list of destinations. Used by the list alone.
 * Invariant: the switch shows what the server has.
 * Spec: ui 4.1, 5.5.
 */
import { Switch } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { toCount } from '../parts/format.ts'
import { useMay } from '../parts/session.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { bytesText, type DestinationRow } from './capture-model.ts'
import { changeDestination, useCaptureChange } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { LaunchReader } from './launch-reader.tsx'

export function destinationColumns(view: CaptureView): GridColumn<DestinationRow>[] {
  return [
    {
      ...{ id: 'name', title: 'Name', width: 152, isWide: true },
      text: ({ destination }) => destination.name,
    },
    {
      ...{ id: 'kind', title: 'Kind', width: 152 },
      text: ({ kind, destination }) => [kind, ...destination.addresses].join(' '),
      cell: ({ kind, destination }) => (
        <>
          {kind}
          <span className="sc-quiet"> {destination.addresses.join(', ')}</span>
        </>
      ),
    },
    {
      ...{ id: 'transmission', title: 'Transmission', width: 112 },
      text: ({ destination }) => (destination.transmissionEnabled ? 'on' : 'off'),
      cell: row => <Transmission row={row} />,
    },
    {
      ...{ id: 'read', title: 'Read by', width: 232 },
      text: ({ connector, kind }) => connector ?? (kind === 'Cassandra' ? 'this server' : ''),
      cell: row => <ReadBy row={row} view={view} />,
    },
    number('channels', 'Channels', ({ channels }) => channels.length),
    {
      ...number('queue', 'Queue', ({ queued }) => queued),
      width: 112,
      cell: ({ queued, queuedBytes }) => (
        <span data-testid="destination-queue">
          {toCount(queued)}
          {queued > 0 && <span className="sc-quiet"> {bytesText(queuedBytes)}</span>}
        </span>
      ),
    },
    number('delivered', 'Delivered', ({ delivered }) => delivered),
    number('errors', 'Errors', ({ errors }) => errors),
  ]
}

function number(
  id: string,
  title: string,
  of: (row: DestinationRow) => number,
): GridColumn<DestinationRow> {
  return {
    ...{ id, title, width: 88, isNumber: true },
    text: row => String(of(row)),
    cell: row => toCount(of(row)),
  }
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
      <LaunchReader destination={destination.name} isShort />
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
