/**
 * Many flows in little room: those of one kind and one state fold into one card, and what is near a flow.
 * Pure. Used by the map of Home.
 * Invariants: what is wrong is never folded; a few flows are never folded; every flow is on one card.
 * Spec: ui 5.1 (flow map), 7 (200 connectors).
 */
import { stateWord } from '../parts/status-chip.tsx'
import { type Flow, type FlowEnd, sumOfRates } from './home-model.ts'

export interface FlowGroup {
  readonly key: string
  readonly kind: Flow['kind']
  readonly state: string
  /** "12 sinks, running" */
  readonly name: string
  readonly flows: readonly Flow[]
  readonly rate: number | undefined
}

export type FlowCard = { readonly flow: Flow } | { readonly group: FlowGroup }

/** More cards than these are folded. */
const CARDS_MAX = 40
const WRONG: ReadonlySet<string> = new Set([
  ...['FAILED', 'DEGRADED', 'BEHIND', 'PARTIAL', 'WARNING', 'UNASSIGNED', 'UNKNOWN'],
])

/** `opened`: the key of a group whose flows stand one by one. */
export function foldFlows(flows: readonly Flow[], opened = ''): FlowCard[] {
  if (flows.length <= CARDS_MAX) return flows.map(flow => ({ flow }))
  const groups = Map.groupBy(
    flows.filter(one => !isWrong(one)),
    keyOf,
  )
  const told = new Set<string>()
  return flows.flatMap((flow): FlowCard[] => {
    const key = keyOf(flow)
    const own = groups.get(key) ?? []
    if (isWrong(flow) || own.length === 1 || key === opened) return [{ flow }]
    if (told.has(key)) return []
    told.add(key)
    return [{ group: groupOf(key, own) }]
  })
}

function isWrong({ state, held }: Flow): boolean {
  return WRONG.has(state) || held !== undefined
}

function keyOf({ kind, state }: Flow): string {
  return `${kind} ${state}`
}

function groupOf(key: string, flows: readonly Flow[]): FlowGroup {
  const [{ kind, state }] = flows as readonly [Flow, ...Flow[]]
  const name = `${flows.length} ${kind}s, ${stateWord(state).toLowerCase()}`
  return { key, kind, state, name, flows, rate: sumOfRates(flows) }
}

/** Names of the flows that go on from an end of another: a table that is fed and captured. */
export function readersOfEnds(flows: readonly Flow[]): ReadonlyMap<string, readonly Flow[]> {
  const pairs = flows.flatMap(flow => flow.from.map(end => [endKey(end), flow] as const))
  const grouped = Map.groupBy(pairs, ([key]) => key)
  return new Map([...grouped].map(([key, all]) => [key, all.map(([, flow]) => flow)]))
}

export function endKey({ kind, name }: FlowEnd): string {
  return `${kind} ${name}`
}

/** The flow, and all that records pass before it and behind it. */
export function pathOf(flow: Flow, flows: readonly Flow[]): ReadonlySet<string> {
  const found = new Set([flow.key])
  walk(flow, found, { flows, isNext: (a, b) => meets(a.to, b.from) })
  walk(flow, found, { flows, isNext: (a, b) => meets(b.to, a.from) })
  return found
}

interface Walk {
  readonly flows: readonly Flow[]
  readonly isNext: (one: Flow, other: Flow) => boolean
}

function walk(flow: Flow, found: Set<string>, of: Walk): void {
  for (const other of of.flows) {
    if (found.has(other.key) || !of.isNext(flow, other)) continue
    found.add(other.key)
    walk(other, found, of)
  }
}

function meets(ends: readonly FlowEnd[], others: readonly FlowEnd[]): boolean {
  return ends.some(
    one =>
      one.kind !== 'unknown' &&
      others.some(other => other.kind === one.kind && other.name === one.name),
  )
}
