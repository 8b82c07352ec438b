/**
 * How an agent is, as metrics: its disk, and how far behind it reads.
 * Read when metrics are asked for: by the worker for all of its agents, and by an agent in a process of
 * its own for itself.
 * Spec: cdc-replication 9.2.
 */
import type { MetricRegistry } from '../../../telemetry/index.ts'
import { CDC_METRICS } from '../metrics.ts'
import type { AgentStatus } from './node-agent.ts'

export const AGENT_GAUGES = [
  ...[CDC_METRICS.rawBytes, CDC_METRICS.rawFiles, CDC_METRICS.rawLimitBytes],
  ...[CDC_METRICS.rawFullSeconds, CDC_METRICS.readLag, CDC_METRICS.caughtUp],
  CDC_METRICS.overflowBytes,
]

export function showAgent(metrics: MetricRegistry, status: AgentStatus): void {
  const { hostId, cdcRaw, overflow } = status
  metrics.series(CDC_METRICS.rawBytes, hostId).set(cdcRaw.bytes)
  metrics.series(CDC_METRICS.rawFiles, hostId).set(cdcRaw.files)
  metrics.series(CDC_METRICS.rawLimitBytes, hostId).set(cdcRaw.limitBytes)
  metrics.series(CDC_METRICS.rawFullSeconds, hostId).set(cdcRaw.fullInSeconds ?? -1)
  if (overflow !== undefined) {
    metrics.series(CDC_METRICS.overflowBytes, hostId).set(overflow.bytes)
  }
  const lagMs = readLagMs(status)
  if (lagMs === undefined || status.caughtUpMs === undefined) return
  metrics.series(CDC_METRICS.caughtUp, hostId).set(status.caughtUpMs / 1000)
  metrics.series(CDC_METRICS.readLag, hostId).set(lagMs / 1000)
}

/** Undefined: it has not caught up yet, or cannot tell. */
export function readLagMs({ caughtUpMs }: Pick<AgentStatus, 'caughtUpMs'>): number | undefined {
  return caughtUpMs === undefined ? undefined : Math.max(0, Date.now() - caughtUpMs)
}
