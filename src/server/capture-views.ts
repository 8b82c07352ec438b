/**
 * How destinations, channels and gaps of capture look in the REST API: settings, and what happens to
 * them now, with the advice where something is wrong.
 * Used by the routes of capture. Invariant: passwords of drivers never leave.
 * Spec: cdc-replication 2.7, 9.3.
 */
import type { CaptureChannel, CaptureChannelState, CaptureDestination, CaptureGap } from '../api.ts'
import {
  type Capture,
  type Channel,
  type Destination,
  type Gap,
  nameOfChannel,
} from '../source/index.ts'

const HIDDEN = '[hidden]'

export function shownDestination({ driver, ...rest }: Destination): CaptureDestination {
  const safe = Object.entries(driver).map(([name, value]) => [
    name,
    /pwd|password/.test(name) ? HIDDEN : value,
  ])
  return { ...rest, driver: Object.fromEntries(safe) }
}

export function shownGap({ subject: _subject, mayHeal: _mayHeal, ...gap }: Gap): CaptureGap {
  return gap
}

export function shownChannel(capture: Capture, channel: Channel): CaptureChannel {
  const { messages, bytes, oldestAtMs } = capture.count(channel)
  const { dataCenter, keyspace, table, id, ...rest } = channel
  const destination = capture.destinations.find(one => one.name === channel.destination)
  const { counters } = capture
  const { delivered, duplicates, dropped, lastEventAtMs } = counters.of(id)
  const name = nameOfChannel(channel)
  const gaps = capture.gaps.filter(one => one.state === 'open' && one.channels.includes(name))
  return {
    ...rest,
    ...{ dataCenterId: dataCenter, sourceKeyspace: keyspace, sourceTable: table },
    destinationEnabled: destination?.transmissionEnabled ?? false,
    isCassandra: (destination?.addresses.length ?? 0) > 0,
    stats: {
      ...{ queued: messages, queuedBytes: bytes },
      lagSeconds: oldestAtMs === undefined ? 0 : Math.max(0, (Date.now() - oldestAtMs) / 1000),
      agents: agentsOf(capture, channel).filter(one => !ENDED.has(one.state)).length,
      nodes: capture.health.nodesOf(channel) ?? null,
      ...conditionOf(capture, channel, destination),
      ...{ delivered, duplicates, dropped, gaps: gaps.length },
      lastEventAt: lastEventAtMs === undefined ? null : new Date(lastEventAtMs).toISOString(),
      perSecond: counters.rate(id),
      snapshot: capture.snapshots.given(channel) ?? null,
    },
  }
}

interface Condition {
  readonly state: CaptureChannelState
  readonly error: string | null
  readonly advice: string | null
}

const ENDED: ReadonlySet<string> = new Set(['FAILED', 'STOPPED'])

/** The worst first: what loses changes, what holds them, what was switched. */
function conditionOf(
  capture: Capture,
  channel: Channel,
  destination: Destination | undefined,
): Condition {
  const trouble = capture.health.of(channel)
  if (trouble !== undefined) {
    return { state: 'FAILED', error: trouble.message, advice: trouble.advice }
  }
  const agents = agentsOf(capture, channel)
  const advice = 'see scamander advrep agent list and the log of the worker'
  const failed = agents.find(one => one.state === 'FAILED' || one.state === 'STOPPED')
  const error =
    capture.error ?? (failed && `agent of ${failed.address}: ${failed.error ?? failed.state}`)
  if (error !== undefined) return { state: 'FAILED', error, advice }
  const blocked = agents.find(one => one.state === 'BLOCKED')
  if (blocked !== undefined) return { state: 'BLOCKED', error: blocked.error ?? null, advice }
  const isSent = channel.transmissionEnabled && destination?.transmissionEnabled === true
  const none = { error: null, advice: null }
  if (!channel.collectionEnabled) {
    return { state: isSent ? 'TRANSMITTING_ONLY' : 'PAUSED', ...none }
  }
  if (!isSent) return { state: 'COLLECTING_ONLY', ...none }
  const held = capture.deliveryTroubleOf(channel)
  if (held !== undefined) return { state: 'ISOLATED', error: held.message, advice: held.advice }
  const isServed =
    destination.addresses.length > 0 || capture.queue.servedBy(channel.destination) !== undefined
  return { state: isServed ? 'TETHERED' : 'WAITING', ...none }
}

function agentsOf(capture: Capture, { dataCenter }: Channel) {
  return capture.agents.filter(one => one.dataCenter === dataCenter)
}
