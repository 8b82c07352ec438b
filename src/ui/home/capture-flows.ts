/**
 * What Home tells of capture: a flow for each channel, and where connectors that read destinations move
 * changes. Pure.
 * Spec: ui 5.1, 5.5.
 */
import type { CaptureOverview } from '../../api-v1-capture.ts'
import { latencyText, type Reader, toChannelRows } from '../capture/capture-model.ts'
import type { CapturedEnds, Flow, FlowEnd } from './home-model.ts'

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
      inRate: figures?.eventsPerSecond ?? undefined,
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
