/**
 * What needs attention of capture: gaps, channels that do not deliver or wait, folders of commit logs
 * that are nearly full. A source of the attention list.
 * Invariant: a gap is told until somebody acknowledges it.
 * Spec: ui 5.1, 5.5; cdc-replication 6.4, 9.3.
 */
import type { CaptureAgent, CaptureChannel } from '../../api.ts'
import type { Capture } from '../../source/index.ts'
import { shownAgents } from '../capture-cluster-routes.ts'
import { shownChannel } from '../capture-views.ts'
import type { AttentionFinding, AttentionSource } from './attention-desk.ts'

const RAW_PART = 0.8
const BEHIND_SECONDS = 60

export function captureAttention(capture: Capture): AttentionSource {
  return {
    read: () => [
      ...gapsOf(capture),
      ...capture.channels().flatMap(one => channelFinding(shownChannel(capture, one))),
      ...shownAgents(capture).agents.flatMap(rawFinding),
    ],
  }
}

function gapsOf(capture: Capture): AttentionFinding[] {
  return capture.gaps
    .filter(one => one.state === 'open')
    .map(gap => ({
      ...{ key: `gap ${gap.id}`, kind: 'gap', role: 'error', section: 'capture', id: 'agents' },
      ...{ name: gap.channels.join(', ') || gap.node, since: gap.seenAt },
      what: 'capture gap: changes were made that nobody gets',
      cause: gap.reason,
    }))
}

/** Nothing: it delivers, or somebody paused it. */
export function channelFinding(channel: CaptureChannel): AttentionFinding[] {
  const { stats, destination, dataCenterId } = channel
  const table = `${channel.sourceKeyspace}.${channel.sourceTable}`
  const of = {
    ...{ key: `channel ${dataCenterId} ${table} ${destination}`, section: 'capture' as const },
    ...{ id: 'channels', name: `${table} → ${destination}`, cause: stats.error },
  }
  switch (stats.state) {
    case 'FAILED':
      return [{ ...of, kind: 'failed', role: 'error', what: 'failed: changes are not captured' }]
    case 'ISOLATED':
      return [{ ...of, kind: 'failed', role: 'error', what: 'not delivered' }]
    case 'BLOCKED':
      return [{ ...of, kind: 'behind', role: 'warn', what: 'blocked: its changes wait' }]
    case 'WAITING': {
      const cause = `No connector reads the destination ${destination}.`
      return [{ ...of, kind: 'behind', role: 'warn', what: 'waiting for a connector', cause }]
    }
    case 'TETHERED': {
      if (stats.lagSeconds <= BEHIND_SECONDS) return []
      const what = `falling behind: ${stats.queued} changes wait, the oldest for more than a minute`
      const cause = stats.error ?? 'Changes come faster than they are delivered.'
      return [{ ...of, kind: 'behind', role: 'warn', what, cause }]
    }
    default:
      return []
  }
}

function rawFinding({ address, hostId, cdcRaw }: CaptureAgent): AttentionFinding[] {
  const part = cdcRaw.limitBytes > 0 ? cdcRaw.bytes / cdcRaw.limitBytes : 0
  if (part < RAW_PART) return []
  return [
    {
      ...{ key: `cdc_raw ${hostId}`, kind: 'disk', role: 'error', section: 'capture' },
      ...{ id: 'agents', name: address },
      what: `cdc_raw is ${Math.round(part * 100)} % full; at 100 % Cassandra refuses writes`,
      cause: 'Its agent reads slower than changes are made, or does not run.',
    },
  ]
}
