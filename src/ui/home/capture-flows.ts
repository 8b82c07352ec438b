/**
 * What Home tells of capture: a flow for each channel, and what needs attention: gaps, channels that do
 * not deliver. Pure.
 * Invariant: a gap is an error on Home until somebody closes it.
 * Spec: ui 5.1, 5.5.
 */
import type { CaptureOverview } from '../../api-v1-capture.ts'
import { latencyText, type Reader, toChannelRows } from '../capture/capture-model.ts'
import type { Attention, CapturedEnds, Flow, FlowEnd } from './home-model.ts'

export function channelFlows(overview: CaptureOverview, readers: readonly Reader[]): Flow[] {
  return toChannelRows(overview, readers).map(row => {
    const { channel, figures, table, to } = row
    const kind: FlowEnd['kind'] = channel.isCassandra ? 'table' : 'topic'
    const p50 = figures?.p50Seconds ?? null
    return {
      key: `channel ${row.id}`,
      name: `${table} → ${channel.destination}`,
      kind: 'channel',
      state: row.state,
      text: p50 === null ? 'channel' : `channel, p50 ${latencyText(p50)}`,
      from: [{ kind: 'table', name: table }],
      to: to.length === 0 ? [{ kind: 'unknown', name: '' }] : to.map(name => ({ kind, name })),
      rate: figures?.eventsPerSecond ?? undefined,
      lag: channel.stats.queued,
      deadLetters: 0,
    }
  })
}

/** Tables and topics of the connectors that read destinations, by their names. */
export function readerEnds(
  overview: CaptureOverview,
  readers: readonly Reader[],
): ReadonlyMap<string, CapturedEnds> {
  const rows = toChannelRows(overview, readers)
  return new Map(
    readers.map(({ name, config }) => {
      const own = rows.filter(({ channel }) => channel.destination === config['destination'])
      const topics = [...new Set(own.flatMap(({ to }) => to))]
      return [name, { tables: [...new Set(own.map(({ table }) => table))], topics }]
    }),
  )
}

export function captureAttention(
  overview: CaptureOverview,
  readers: readonly Reader[],
): readonly Attention[] {
  const gaps = overview.gaps
    .filter(one => one.state === 'open')
    .map(
      (gap): Attention => ({
        key: `gap ${gap.id}`,
        role: 'error',
        text: `Capture gap: ${gap.reason}`,
        target: { kind: 'capture', id: 'agents' },
      }),
    )
  const channels = toChannelRows(overview, readers)
    .filter(one => one.state === 'FAILED' || one.state === 'BEHIND')
    .map(
      (row): Attention => ({
        key: `channel ${row.id}`,
        role: row.state === 'FAILED' ? 'error' : 'warn',
        text: `${row.table} → ${row.channel.destination}: ${row.error ?? row.text ?? 'falling behind'}`,
        target: { kind: 'capture', id: 'channels' },
      }),
    )
  return [...gaps, ...channels]
}
