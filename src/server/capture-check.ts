/**
 * What speaks against a new channel, told while its form is filled: wrong fields, agents that are missing,
 * nodes with capture off, a full disk, a table that is not logged.
 * Used by the routes of the page. Asks the cluster; changes nothing.
 * Spec: ui 5.5 (create channel); cdc-replication 2.3.
 */
import type { CaptureChannelCheck, CaptureCheck } from '../api-v1-capture.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Capture, ChannelKey } from '../source/index.ts'

type Problem = CaptureChannelCheck['problems'][number]

/** Of the limit of cdc_raw. */
const RAW_WARNING = 0.5
const RAW_ALARM = 0.8
const ENDED: ReadonlySet<string> = new Set(['FAILED', 'STOPPED'])

export async function checkChannel(
  capture: Capture,
  draft: ChannelKey,
): Promise<CaptureChannelCheck> {
  const { cluster } = capture
  const facts = await cluster.facts()
  const nodes = facts.nodes.filter(node => node.dataCenter === draft.dataCenter)
  const problems = [...fieldProblems(capture, draft)]
  const known = [...new Set(facts.nodes.map(node => node.dataCenter))].join(', ')
  if (draft.dataCenter !== '' && nodes.length === 0) {
    problems.push(at('dataCenterId', `expected one of ${known}, found ${draft.dataCenter}`))
  }
  const isAlone = new Set(facts.nodes.map(node => node.dataCenter)).size < 2
  const table = await tableCheck(capture, draft, { problems, isAlone })
  const off: string[] = []
  for (const { point } of nodes) {
    const node = await cluster.node(point).catch(() => undefined)
    if (node?.isCdcEnabled === false) off.push(`${point.host}:${point.port}`)
  }
  const checks = [
    ...(nodes.length === 0 ? [] : [agentsCheck(capture, nodes), enabledCheck(off)]),
    ...rawCheck(capture, draft),
    ...(table === undefined ? [] : [table]),
  ]
  return { problems, checks }
}

function* fieldProblems(capture: Capture, draft: ChannelKey): Generator<Problem> {
  const { dataCenter, keyspace, table, destination } = draft
  if (destination !== '' && !capture.destinations.some(one => one.name === destination)) {
    yield at('destination', `There is no destination ${destination}.`)
  }
  const others = capture.channels({ keyspace, table, destinations: [destination] })
  if (others.some(one => one.dataCenter === dataCenter)) {
    yield at('destination', `There is a channel of ${keyspace}.${table} to ${destination} already.`)
  }
}

async function tableCheck(
  capture: Capture,
  { dataCenter, keyspace, table, destination }: ChannelKey,
  { problems, isAlone }: { readonly problems: Problem[]; readonly isAlone: boolean },
): Promise<CaptureCheck | undefined> {
  if (keyspace === '' || table === '') return undefined
  const name = `${keyspace}.${table}`
  try {
    const { isCdc, isCounter, replication } = await capture.cluster.table(keyspace, table)
    const strategy = replication['class'] ?? ''
    const isHere = replication[dataCenter] !== undefined
    if (strategy.endsWith('NetworkTopologyStrategy') && dataCenter !== '' && !isHere) {
      problems.push(at('dataCenterId', `${keyspace} has no replicas in ${dataCenter}.`))
    }
    if (strategy.endsWith('SimpleStrategy') && !isAlone) {
      const advice = 'Give it the NetworkTopologyStrategy: its replicas lie in any data center.'
      problems.push(at('sourceKeyspace', advice))
    }
    const to = capture.destinations.find(one => one.name === destination)
    if (isCounter && (to?.addresses.length ?? 0) > 0) {
      problems.push(at('sourceTable', `${name} has counters, which only Kafka destinations take.`))
    }
    return isCdc
      ? { key: 'table', state: 'passed', text: `${name} is captured` }
      : { key: 'table', state: 'failed', text: `${name} is not captured.` }
  } catch (error) {
    problems.push(at('sourceTable', messageOf(error)))
    return undefined
  }
}

function agentsCheck(
  capture: Capture,
  nodes: readonly { readonly hostId: string; readonly isHere: boolean }[],
): CaptureCheck {
  const alive = new Set(capture.agents.filter(one => !ENDED.has(one.state)).map(one => one.hostId))
  // One of this machine starts with the first channel.
  const isCovered = (node: (typeof nodes)[number]) => alive.has(node.hostId) || node.isHere
  const covered = nodes.filter(isCovered).length
  const text = `agents ${covered} of ${nodes.length}`
  if (covered === nodes.length) return { key: 'agents', state: 'passed', text }
  const advice = 'run scamander cdc-agent on the others: what only they log is not seen'
  return { key: 'agents', state: 'warning', text: `${text}; ${advice}` }
}

function enabledCheck(off: readonly string[]): CaptureCheck {
  if (off.length === 0) return { key: 'cdc_enabled', state: 'passed', text: 'cdc_enabled' }
  const advice = 'set cdc_enabled: true in cassandra.yaml and restart'
  return {
    key: 'cdc_enabled',
    state: 'failed',
    text: `cdc_enabled is false on ${off.join(', ')}: ${advice}`,
  }
}

/** Of the fullest node; nothing while no agent has looked. */
function rawCheck(capture: Capture, { dataCenter }: ChannelKey): CaptureCheck[] {
  const parts = capture.agents
    .filter(one => one.dataCenter === dataCenter && one.cdcRaw.limitBytes > 0)
    .map(one => one.cdcRaw.bytes / one.cdcRaw.limitBytes)
  if (parts.length === 0) return []
  const fullest = Math.max(...parts)
  const state = fullest >= RAW_ALARM ? 'failed' : fullest >= RAW_WARNING ? 'warning' : 'passed'
  return [{ key: 'cdc_raw', state, text: `cdc_raw ${Math.round(fullest * 100)} %` }]
}

function at(field: string, message: string): Problem {
  return { field, message }
}
