/**
 * Where Cassandra places replicas: SimpleStrategy and NetworkTopologyStrategy, as the server
 * computes them (rack-aware, in ring order). Called by `buildTokenRing`. Pure.
 * Invariant: no node twice; never more replicas than nodes. Placement with transient replicas
 * (`3/1`) counts all of them.
 */
import type { NodeRef } from './topology.ts'

export type Replication =
  | { readonly strategy: 'simple'; readonly factor: number }
  | { readonly strategy: 'network'; readonly factors: ReadonlyMap<string, number> }
  | { readonly strategy: 'everywhere' }
  /** LocalStrategy and strategies not known: no placement can be told. */
  | { readonly strategy: 'other'; readonly className: string }

/** Reads the `replication` map of system_schema.keyspaces. */
export function parseReplication(options: Readonly<Record<string, string>>): Replication {
  const className = (options['class'] ?? '').replace(/^.*\./, '')
  if (className === 'SimpleStrategy') {
    return { strategy: 'simple', factor: parseFactor(options['replication_factor']) }
  }
  if (className === 'NetworkTopologyStrategy') {
    const entries = Object.entries(options).filter(([name]) => name !== 'class')
    return {
      strategy: 'network',
      factors: new Map(entries.map(([dc, factor]) => [dc, parseFactor(factor)])),
    }
  }
  if (className === 'EverywhereStrategy') return { strategy: 'everywhere' }
  return { strategy: 'other', className }
}

/** Replicas of the range that ends at `owners[start]`, in the server's order. */
export function placeReplicas(
  owners: readonly NodeRef[],
  start: number,
  placement: Placement,
): NodeRef[] {
  const { replication } = placement
  if (replication.strategy === 'network') return placeNetwork(owners, start, placement)
  const wanted =
    replication.strategy === 'simple'
      ? Math.min(replication.factor, placement.nodes.length)
      : placement.nodes.length
  const replicas = new Set<NodeRef>()
  for (let i = 0; i < owners.length && replicas.size < wanted; i++) {
    replicas.add(owners[(start + i) % owners.length]!)
  }
  return [...replicas]
}

/** A keyspace's replication with the counts of nodes and racks that placement needs. */
export interface Placement {
  readonly replication: Replication
  readonly nodes: readonly NodeRef[]
  readonly dcs: ReadonlyMap<string, { readonly nodes: number; readonly racks: number }>
}

export function toPlacement(replication: Replication, nodes: readonly NodeRef[]): Placement {
  const racks = new Map<string, { nodes: number; racks: Set<string> }>()
  for (const node of nodes) {
    const dc = racks.get(node.dc) ?? { nodes: 0, racks: new Set<string>() }
    dc.nodes += 1
    dc.racks.add(node.rack)
    racks.set(node.dc, dc)
  }
  const dcs = new Map(
    [...racks].map(([dc, all]) => [dc, { nodes: all.nodes, racks: all.racks.size }]),
  )
  return { replication, nodes, dcs }
}

interface DcState {
  left: number
  /** Replicas that may still share a rack with an earlier one. */
  repeats: number
  readonly racks: Set<string>
}

function placeNetwork(owners: readonly NodeRef[], start: number, placement: Placement): NodeRef[] {
  const states = new Map<string, DcState>()
  let open = 0
  const { replication } = placement
  if (replication.strategy !== 'network') return []
  for (const [dc, factor] of replication.factors) {
    const size = placement.dcs.get(dc)
    if (size === undefined || factor <= 0) continue
    const left = Math.min(factor, size.nodes)
    states.set(dc, { left, repeats: factor - size.racks, racks: new Set() })
    open += 1
  }
  const replicas = new Set<NodeRef>()
  for (let i = 0; i < owners.length && open > 0; i++) {
    const node = owners[(start + i) % owners.length]!
    const state = states.get(node.dc)
    if (state === undefined || state.left === 0 || replicas.has(node)) continue
    if (state.racks.has(node.rack)) {
      if (state.repeats <= 0) continue
      state.repeats -= 1
    }
    state.racks.add(node.rack)
    replicas.add(node)
    state.left -= 1
    if (state.left === 0) open -= 1
  }
  return [...replicas]
}

function parseFactor(text: string | undefined): number {
  const factor = Number.parseInt(text ?? '', 10)
  return Number.isNaN(factor) ? 0 : factor
}
