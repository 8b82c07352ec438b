/**
 * Columns of the list of channels. Used by the list alone.
 * Invariant: a figure that is not known is a dash.
 * Spec: ui 4.1, 5.5, 8 (`channel-queue`, `channel-pause`, `channel-resume`).
 */
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { rateText } from '../home/home-model.ts'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { toCount, UNKNOWN } from '../parts/format.ts'
import { StatusChip, stateWord } from '../parts/status-chip.tsx'
import { bytesText, type ChannelRow, latencyText, oldestText } from './capture-model.ts'
import type { ChannelActing } from './channel-acts.tsx'

/** `acting`: undefined where nobody may pause and resume. */
export function channelColumns(acting: ChannelActing | undefined): GridColumn<ChannelRow>[] {
  return [
    {
      ...{ id: 'name', title: 'Channel', width: 200, isWide: true, isMono: true },
      text: channelText,
      cell: ({ table, to }) => (
        <>
          <bdi>{table}</bdi>
          <span className="sc-quiet"> → {to.length === 0 ? UNKNOWN : to.join(', ')}</span>
        </>
      ),
    },
    {
      ...{ id: 'destination', title: 'Destination', width: 136 },
      text: ({ channel }) => channel.destination,
    },
    {
      ...{ id: 'state', title: 'State', width: 168 },
      text: ({ state, text }) => text ?? stateWord(state),
      cell: ({ state, text }) => <StatusChip state={state} text={text} />,
    },
    {
      ...{ id: 'queue', title: 'Queue', width: 112, isNumber: true },
      text: ({ channel }) => String(channel.stats.queued),
      cell: ({ channel: { stats } }) => (
        <span data-testid="channel-queue">
          {toCount(stats.queued)}
          {stats.queued > 0 && <span className="sc-quiet"> {bytesText(stats.queuedBytes)}</span>}
        </span>
      ),
    },
    {
      ...{ id: 'oldest', title: 'Oldest', width: 72, isNumber: true },
      text: ({ channel }) => String(channel.stats.queued === 0 ? 0 : channel.stats.lagSeconds),
      cell: ({ channel }) => oldestText(channel),
    },
    {
      ...{ id: 'rate', title: 'Rate', width: 72, isNumber: true },
      text: ({ figures }) => numberText(figures?.eventsPerSecond),
      cell: ({ figures }) => (
        <span data-testid="channel-rate">{rateText(figures?.eventsPerSecond ?? undefined)}</span>
      ),
    },
    ...LATENCIES.map(
      ([id, of]): GridColumn<ChannelRow> => ({
        ...{ id, title: id, width: 72, isNumber: true },
        text: ({ figures }) => numberText(figures?.[of]),
        cell: ({ figures }) => latencyText(figures?.[of]),
      }),
    ),
    {
      ...{ id: 'delivered', title: 'Delivered', width: 88, isNumber: true },
      text: ({ channel }) => String(channel.stats.delivered),
      cell: ({ channel }) => toCount(channel.stats.delivered),
    },
    ...(acting === undefined ? [] : [switchColumn(acting)]),
  ]
}

const LATENCIES = [
  ['p50', 'p50Seconds'],
  ['p99', 'p99Seconds'],
] as const

function channelText({ table, to }: ChannelRow): string {
  return `${table} → ${to.join(', ')}`
}

/** Null is sorted to the end. */
function numberText(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

function switchColumn({ start, isBusy }: ChannelActing): GridColumn<ChannelRow> {
  return {
    ...{ id: 'switch', title: 'Pause or resume', width: 48, isAct: true, text: () => null },
    cell: row => {
      const isOn = row.channel.transmissionEnabled
      const word = isOn ? 'Pause' : 'Resume'
      const Icon = isOn ? IconPlayerPause : IconPlayerPlay
      return (
        <button
          type="button"
          className="sc-dg-button"
          tabIndex={-1}
          aria-label={`${word} ${row.table}`}
          title={word}
          disabled={isBusy(row)}
          onClick={() => start(isOn ? 'pause' : 'resume', row)}
          data-testid={isOn ? 'channel-pause' : 'channel-resume'}
        >
          <Icon size={16} stroke={1.5} aria-hidden />
        </button>
      )
    },
  }
}
