/**
 * The list of channels with their acts. Used by the overview and the tab of channels.
 * Invariant: what is wrong stands above the rows, with what to do about it.
 * Spec: ui 4.1, 5.5, 8 (`channel-row[ks.table]`).
 */
import { Stack } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { DataGrid } from '../parts/data-grid/data-grid.tsx'
import type { GridAct } from '../parts/data-grid/grid-menu.tsx'
import { useMay } from '../parts/session.ts'
import type { ChannelRow } from './capture-model.ts'
import type { ChannelAct } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { useChannelActing } from './channel-acts.tsx'
import { channelColumns } from './channel-columns.tsx'
import { LaunchReader } from './launch-reader.tsx'

interface ChannelTableProps {
  readonly rows: readonly ChannelRow[]
  readonly view: CaptureView
}

const ITEMS: readonly (readonly [ChannelAct, string])[] = [
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['pause-collection', 'Pause collection'],
  ['resume-collection', 'Resume collection'],
  ['snapshot', 'Copy existing rows'],
  ['truncate', 'Truncate queue…'],
  ['delete', 'Delete'],
]
/** Of whoever may run but not edit. */
const RUNNING: ReadonlySet<ChannelAct> = new Set<ChannelAct>([
  ...(['pause', 'resume', 'pause-collection', 'resume-collection'] as const),
])

export function ChannelTable({ rows, view }: ChannelTableProps) {
  const acting = useChannelActing()
  const navigate = useNavigate()
  const mayRun = useMay('job_operator')
  const mayEdit = useMay('standard')
  const showTail = ({ table }: ChannelRow) =>
    void navigate({ to: '/capture/$tab', params: { tab: 'tail' }, search: { table } })
  const acts = (row: ChannelRow): GridAct[] => [
    { key: 'tail', title: 'Show its changes', onClick: () => showTail(row) },
    ...ITEMS.filter(([act]) => isOffered(act, row) && (mayEdit || RUNNING.has(act))).map(
      ([act, title]) => ({
        ...{ key: act, title, onClick: () => acting.start(act, row) },
        isDangerous: act === 'delete' || act === 'truncate',
      }),
    ),
  ]
  return (
    <Stack gap="md">
      {rows.map(row => row.error !== null && <Trouble key={row.id} row={row} view={view} />)}
      <DataGrid
        id="channels"
        label="Channels"
        rows={rows}
        columns={channelColumns(mayRun ? acting : undefined)}
        rowKey={tableOf}
        rowTestId="channel-row"
        rowState={stateOfRow}
        onOpen={showTail}
        noun="channel"
        empty=""
        {...(mayRun ? { acts } : {})}
      />
      {acting.dialog}
    </Stack>
  )
}

const tableOf = ({ table }: ChannelRow) => table
const stateOfRow = ({ state }: ChannelRow) => state

function isOffered(act: ChannelAct, { channel }: ChannelRow): boolean {
  switch (act) {
    case 'pause':
      return channel.transmissionEnabled
    case 'resume':
      return !channel.transmissionEnabled
    case 'pause-collection':
      return channel.collectionEnabled
    case 'resume-collection':
      return !channel.collectionEnabled
    default:
      return true
  }
}

/** What is wrong with a channel, and the way out. */
function Trouble({ row, view }: { readonly row: ChannelRow; readonly view: CaptureView }) {
  const { channel, error, advice, connector, table } = row
  const isWaiting = channel.stats.state === 'WAITING'
  return (
    <div
      className="sc-banner sc-trouble"
      data-role={row.state === 'FAILED' ? 'error' : 'warn'}
      data-testid="channel-trouble"
      data-key={table}
    >
      <div className="sc-grow">
        <p>
          <strong>
            <bdi>{table}</bdi>
          </strong>{' '}
          {error}
        </p>
        {connector !== undefined && isWaiting ? (
          <p>
            The connector{' '}
            <Link
              className="sc-link"
              to="/connectors/$name/$tab"
              params={{ name: connector, tab: 'tasks' }}
            >
              {connector}
            </Link>{' '}
            reads it and does not run.
          </p>
        ) : (
          isWaiting && view.mayEdit && <LaunchReader destination={channel.destination} />
        )}
        {!isWaiting && advice !== null && <p>{advice}</p>}
      </div>
    </div>
  )
}
