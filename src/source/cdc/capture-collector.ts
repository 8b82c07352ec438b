/**
 * The metrics of capture that are read when they are asked for: queues, gaps, agents wherever they run.
 * Started by Capture. What is gone (a deleted channel, an agent that moved) is gone from them too.
 * Invariant: reading them changes nothing but the metrics.
 * Spec: cdc-replication 9.2.
 */
import type { MetricRegistry } from '../../telemetry/index.ts'
import { AGENT_GAUGES, showAgent } from './agent/agent-figures.ts'
import type { AgentStatus } from './agent/node-agent.ts'
import type { ChannelCounters } from './channel-counters.ts'
import { labelOfChannel } from './channel-requests.ts'
import { CDC_METRICS } from './metrics.ts'
import type { QueueCount } from './state/capture-store.ts'
import type { Channel, Gap } from './state/records.ts'

export interface CollectorParts {
  readonly metrics: MetricRegistry
  readonly counters: ChannelCounters
  channels(): readonly Channel[]
  statuses(): readonly AgentStatus[]
  gaps(): readonly Gap[]
  count(channel: Channel): QueueCount
  /** Undefined: no snapshot was given since the worker started. */
  snapshotOf(channel: Channel): { readonly part: number } | undefined
}

const CHANNEL_GAUGES = [
  ...[CDC_METRICS.queued, CDC_METRICS.queuedBytes, CDC_METRICS.queueAge],
  CDC_METRICS.snapshotPart,
]

/** Until the answer is called. */
export function startCollecting(parts: CollectorParts): () => void {
  const { metrics } = parts
  const invalid = new Map<number, number>()
  return metrics.onCollect(() => {
    for (const one of [...CHANNEL_GAUGES, ...AGENT_GAUGES, CDC_METRICS.gaps]) metrics.clear(one)
    for (const channel of parts.channels()) {
      showChannel(parts, channel)
      const count = parts.counters.of(channel.id).invalid
      const fresh = count - (invalid.get(channel.id) ?? 0)
      invalid.set(channel.id, count)
      if (fresh > 0) metrics.series(CDC_METRICS.invalid, labelOfChannel(channel)).add(fresh)
    }
    for (const status of parts.statuses()) showAgent(metrics, status)
    for (const { node, state } of parts.gaps()) metrics.series(CDC_METRICS.gaps, node, state).add()
  })
}

function showChannel(parts: CollectorParts, channel: Channel): void {
  const { metrics } = parts
  const { messages, bytes, oldestAtMs } = parts.count(channel)
  const label = labelOfChannel(channel)
  const ageMs = oldestAtMs === undefined ? 0 : Math.max(0, Date.now() - oldestAtMs)
  metrics.series(CDC_METRICS.queued, label).set(messages)
  metrics.series(CDC_METRICS.queuedBytes, label).set(bytes)
  metrics.series(CDC_METRICS.queueAge, label).set(ageMs / 1000)
  const snapshot = parts.snapshotOf(channel)
  if (snapshot !== undefined) metrics.series(CDC_METRICS.snapshotPart, label).set(snapshot.part)
}
