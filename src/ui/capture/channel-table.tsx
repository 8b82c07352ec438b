/**
 * Rows of channels with their acts. Used by the overview and the tab of channels.
 * Invariant: what is wrong stands below the row, with what to do about it.
 * Spec: ui 4.1, 5.5.
 */
import { ActionIcon, Menu } from '@mantine/core'
import { IconDots, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { rateText } from '../home/home-model.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount } from '../parts/format.ts'
import { useMay } from '../parts/session.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { bytesText, type ChannelRow, latencyText, oldestText } from './capture-model.ts'
import type { ChannelAct } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { useChannelActing } from './channel-acts.tsx'
import { LaunchReader } from './launch-reader.tsx'

interface ChannelTableProps {
  readonly rows: readonly ChannelRow[]
  readonly view: CaptureView
}

const COLUMNS = ['Channel', 'Destination', 'State'] as const
const NUMBERS = ['Queue', 'Oldest', 'Rate', 'p50', 'p99', 'Delivered'] as const

export function ChannelTable({ rows, view }: ChannelTableProps) {
  return (
    <div className="sc-card sc-grid-scroll">
      <table className="sc-grid sc-capture-grid">
        <ColumnHeads columns={[...COLUMNS, ...NUMBERS]} numbers={NUMBERS} acts />
        <tbody>
          {rows.map(row => (
            <Fragment key={row.id}>
              <Row row={row} />
              {row.error !== null && <Trouble row={row} view={view} />}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ row }: { readonly row: ChannelRow }) {
  const { channel, state, text, table, to, figures } = row
  const { stats, destination } = channel
  return (
    <tr
      data-testid="channel-row"
      data-key={table}
      data-state={state}
      data-destination={destination}
    >
      <td data-column="name" className="sc-mono">
        <bdi>{table}</bdi>
        <span className="sc-quiet"> → {to.length === 0 ? '–' : to.join(', ')}</span>
      </td>
      <td data-column="destination">
        <bdi>{destination}</bdi>
      </td>
      <td data-column="state">
        <StatusChip state={state} text={text} />
      </td>
      <td data-column="queue" className="sc-number" data-testid="channel-queue">
        {toCount(stats.queued)}
        {stats.queued > 0 && <span className="sc-quiet"> {bytesText(stats.queuedBytes)}</span>}
      </td>
      <td data-column="oldest" className="sc-number">
        {oldestText(channel)}
      </td>
      <td data-column="rate" className="sc-number" data-testid="channel-rate">
        {rateText(figures?.eventsPerSecond ?? undefined)}
      </td>
      <td data-column="p50" className="sc-number">
        {latencyText(figures?.p50Seconds)}
      </td>
      <td data-column="p99" className="sc-number">
        {latencyText(figures?.p99Seconds)}
      </td>
      <td data-column="delivered" className="sc-number">
        {toCount(stats.delivered)}
      </td>
      <td data-column="acts">
        <Acts row={row} />
      </td>
    </tr>
  )
}

const ITEMS: readonly (readonly [ChannelAct, string])[] = [
  ['pause-collection', 'Pause collection'],
  ['resume-collection', 'Resume collection'],
  ['snapshot', 'Copy existing rows'],
  ['truncate', 'Truncate queue…'],
  ['delete', 'Delete'],
]

function isOffered(act: ChannelAct, { channel }: ChannelRow): boolean {
  if (act === 'pause-collection') return channel.collectionEnabled
  if (act === 'resume-collection') return !channel.collectionEnabled
  return true
}

function Acts({ row }: { readonly row: ChannelRow }) {
  const { start, busy, dialog } = useChannelActing(row)
  const mayRun = useMay('job_operator')
  const mayEdit = useMay('standard')
  const { channel, table } = row
  const isOn = channel.transmissionEnabled
  if (!mayRun) return undefined
  return (
    <div className="sc-row-acts">
      <ActionIcon
        aria-label={`${isOn ? 'Pause' : 'Resume'} ${table}`}
        title={isOn ? 'Pause' : 'Resume'}
        disabled={busy}
        onClick={() => start(isOn ? 'pause' : 'resume')}
        data-testid={isOn ? 'channel-pause' : 'channel-resume'}
      >
        {isOn ? (
          <IconPlayerPause size={16} stroke={1.5} />
        ) : (
          <IconPlayerPlay size={16} stroke={1.5} />
        )}
      </ActionIcon>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Acts on ${table}`} data-testid="row-menu">
            <IconDots size={16} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            renderRoot={props => (
              <Link {...props} to="/capture/$tab" params={{ tab: 'tail' }} search={{ table }} />
            )}
            data-testid="menu-item"
            data-key="tail"
          >
            Show its changes
          </Menu.Item>
          {ITEMS.filter(([act]) => isOffered(act, row))
            .filter(([act]) => mayEdit || act.endsWith('collection'))
            .map(([act, title]) => (
              <Menu.Item
                key={act}
                onClick={() => start(act)}
                data-testid="menu-item"
                data-key={act}
                {...(act === 'delete' || act === 'truncate' ? { color: 'error' } : {})}
              >
                {title}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      {dialog}
    </div>
  )
}

/** Below its row: what is wrong, and the way out. */
function Trouble({ row, view }: { readonly row: ChannelRow; readonly view: CaptureView }) {
  const { channel, error, advice, connector } = row
  const isWaiting = channel.stats.state === 'WAITING'
  return (
    <tr data-testid="channel-trouble" data-key={row.table} className="sc-trouble">
      <td colSpan={COLUMNS.length + NUMBERS.length + 1}>
        <p className={row.state === 'FAILED' ? 'sc-problem' : 'sc-warning'}>{error}</p>
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
      </td>
    </tr>
  )
}
