/**
 * What needs attention of connectors: failed, degraded, records that fail again and again, servers that
 * do not answer, and connectors that fall behind: their lag grew for ten minutes. A source of the
 * attention list.
 * Invariants: what runs is not told; what failed once and worked the second time is not told; a connector without readings of ten minutes is not judged; bounded
 * in readings.
 * Spec: ui 3 (Status), 5.1.
 */
import type { ConnectorStateInfo, ExpandedConnector } from '../../api.ts'
import type { FlowCounters, FlowTrouble, FlowWait } from '../../api-v1-home.ts'
import type { Herder } from '../../connect/index.ts'
import type { MetricRegistry } from '../../telemetry/index.ts'
import { expandedConnectors } from '../connector-routes.ts'
import { flowsOf } from '../flow-routes.ts'
import type { AttentionFinding, AttentionSource } from './attention-desk.ts'

const BEHIND_MS = 600_000
const STEP_MS = 30_000
const READINGS_MAX = BEHIND_MS / STEP_MS + 1
/** Less is no lag that anybody waits for. */
const GROWN_MIN = 1_000

export function connectorAttention(herder: Herder, registry: MetricRegistry): AttentionSource {
  const lags = new LagWatch()
  return {
    read: async () => {
      const all = await expandedConnectors(herder)
      const { connectors } = await flowsOf(herder, registry)
      const growing = lags.offer(connectors, Date.now())
      const counters = new Map(connectors.map(one => [one.name, one]))
      return Object.entries(all).flatMap(([name, one]) =>
        findingOf(name, one, { grown: growing.get(name), ...counters.get(name) }),
      )
    },
  }
}

/** How a connector that runs goes on. */
type Going = Partial<Pick<FlowCounters, 'troubles' | 'waits'>> & {
  /** Records by which its lag grew all the time. */
  readonly grown?: number | undefined
}

/** What failed is not told to be slow as well. */
export function findingOf(
  name: string,
  { status }: ExpandedConnector,
  { grown, troubles = [], waits = [] }: Going,
): AttentionFinding[] {
  const of = { key: `connector ${name}`, section: 'connectors', id: name, name } as const
  const failed = status === undefined ? undefined : failureOf(status)
  if (failed !== undefined) return [{ ...of, ...failed }]
  const held = [...waitsOf(name, waits), ...retriesOf(name, troubles)]
  const isRunning = status?.connector.state === 'RUNNING'
  if (isRunning && held.length > 0) return held.map(one => ({ ...of, ...one }))
  if (grown === undefined) return []
  const cause = 'Records come faster than they are written.'
  const what = `falling behind: ${grown} records more than 10 min ago`
  return [{ ...of, key: `behind ${name}`, kind: 'behind', role: 'warn', what, cause }]
}

type Held = Pick<AttentionFinding, 'key' | 'kind' | 'role' | 'what' | 'cause' | 'since'>

/** Of each server the wait that lasts longest. */
function waitsOf(name: string, waits: readonly FlowWait[]): Held[] {
  const byServer = Map.groupBy(waits, one => one.server)
  return [...byServer].map(([server, all]) => {
    const { node, since } = all.reduce((a, b) => (a.since <= b.since ? a : b))
    const seconds = Math.floor((Date.now() - Date.parse(since)) / 1000)
    // Tasks of a connector share their connections.
    const inFlight = Math.max(...all.map(one => one.inFlight))
    const flying = inFlight === 0 ? '' : ` (in flight ${inFlight})`
    return {
      ...{ key: `waiting ${server} ${name}`, kind: 'waiting', role: 'error', since },
      what: `${server} has not answered for ${seconds} s${flying}`,
      cause: `${node === '' ? server : node} is stopped, overloaded or cut off; what waits is written when it answers.`,
    }
  })
}

/** One that failed twice at least: what works the second time needs nobody. */
function retriesOf(name: string, troubles: readonly FlowTrouble[]): Held[] {
  const [first] = troubles.filter(one => one.attempts > 1)
  if (first === undefined) return []
  const records = troubles.length === 1 ? '1 record' : `${troubles.length} records`
  return [
    {
      ...{ key: `retrying ${name}`, kind: 'retrying', role: 'warn', since: first.since },
      what: `retrying ${records}: ${first.record}, ${first.attempts} attempts`,
      cause: first.message,
    },
  ]
}

function failureOf({ connector, tasks }: ConnectorStateInfo) {
  const failed = tasks.filter(one => one.state === 'FAILED')
  const trace = [connector, ...tasks].find(one => one.state === 'FAILED')?.trace
  const cause = trace === undefined ? null : causeOf(trace)
  if (connector.state === 'FAILED') {
    return { kind: 'failed', role: 'error', what: 'failed', cause } as const
  }
  if (failed.length === 0) return undefined
  if (failed.length < tasks.length) {
    const what = `degraded: ${failed.length} of ${tasks.length} tasks failed`
    return { kind: 'degraded', role: 'warn', what, cause } as const
  }
  const what = failed.length === 1 ? 'failed: its task' : `failed: all ${failed.length} tasks`
  return { kind: 'failed', role: 'error', what, cause } as const
}

const CAUSE = 'Caused by: '
const CAUSE_MAX = 500

/** The innermost cause of a trace as Java writes it, without the package of its class. */
function causeOf(trace: string): string {
  const lines = trace.split('\n').map(one => one.trim())
  const inner = lines.findLast(one => one.startsWith(CAUSE))?.slice(CAUSE.length)
  const line = inner ?? lines.find(one => one !== '') ?? ''
  return line.replace(/^(?:[\w$]+\.)+([\w$]+)(?=:)/, '$1').slice(0, CAUSE_MAX)
}

interface LagReading {
  readonly atMs: number
  readonly lag: number
}

/** The lags of the last ten minutes, one reading in half a minute. */
export class LagWatch {
  readonly #known = new Map<string, LagReading[]>()

  /** By how many records the lag of a connector grew, of those that grew all the time. */
  offer(counters: readonly FlowCounters[], nowMs: number): ReadonlyMap<string, number> {
    const names = new Set(counters.map(one => one.name))
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
    for (const { name, lag } of counters) {
      if (lag === null) this.#known.delete(name)
      else this.#add(name, { atMs: nowMs, lag })
    }
    const growing = [...this.#known].flatMap(([name, readings]) => {
      const grown = grownBy(readings, nowMs)
      return grown === undefined ? [] : [[name, grown] as const]
    })
    return new Map(growing)
  }

  #add(name: string, reading: LagReading): void {
    const readings = this.#known.get(name) ?? []
    this.#known.set(name, readings)
    const last = readings.at(-1)
    if (last !== undefined && reading.atMs - last.atMs < STEP_MS) return
    readings.push(reading)
    if (readings.length > READINGS_MAX) readings.shift()
  }
}

/** Undefined: it did not grow, or it is not known for so long. */
function grownBy(readings: readonly LagReading[], nowMs: number): number | undefined {
  const [first, last] = [readings[0], readings.at(-1)]
  if (first === undefined || last === undefined || nowMs - first.atMs < BEHIND_MS) return undefined
  const isGrowing = readings.every((one, at) => at === 0 || one.lag >= readings[at - 1]!.lag)
  const grown = last.lag - first.lag
  return isGrowing && grown >= GROWN_MIN ? grown : undefined
}
