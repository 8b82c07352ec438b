/**
 * The token ring of one keyspace: which nodes hold a token. Built by the control plane on every
 * change of topology or keyspace, read by the data plane for every statement, so it is flat arrays.
 * Range i is (token[i-1], token[i]]; tokens after the last belong to range 0.
 * Invariant: tokens ascend and are distinct; equal replica sets are one array with one id;
 * replicas of the local data centre come first. Murmur3 only.
 */
import { type Placement, placeReplicas, type Replication, toPlacement } from './replication.ts'
import type { NodeRef } from './topology.ts'

export interface RingNode {
  readonly node: NodeRef
  /** Decimal texts, as system.local and system.peers have them. */
  readonly tokens: readonly string[]
}

export class TokenRing {
  readonly keyspace: string
  /** Grows with every change; equal versions mean the same ring. */
  readonly version: number
  /** Signed high halves of the range ends. */
  readonly high: Int32Array
  /** Unsigned low halves. */
  readonly low: Uint32Array
  /** Per range, the index into `replicaSets`. */
  readonly replicaSetIds: Int32Array
  readonly replicaSets: readonly (readonly NodeRef[])[]

  constructor(
    name: { readonly keyspace: string; readonly version: number },
    tokens: BigInt64Array,
    sets: { readonly ids: Int32Array; readonly replicas: readonly (readonly NodeRef[])[] },
  ) {
    this.keyspace = name.keyspace
    this.version = name.version
    this.high = new Int32Array(tokens.length)
    this.low = new Uint32Array(tokens.length)
    for (let i = 0; i < tokens.length; i++) {
      this.high[i] = Number(tokens[i]! >> 32n)
      this.low[i] = Number(tokens[i]! & 0xffffffffn)
    }
    this.replicaSetIds = sets.ids
    this.replicaSets = sets.replicas
  }

  /** Number of ranges. */
  get size(): number {
    return this.high.length
  }

  /** The range that holds a token, given by its signed high and its low half. */
  rangeIndex(high: number, low: number): number {
    const unsigned = low >>> 0
    const highs = this.high
    const lows = this.low
    let from = 0
    let to = highs.length
    while (from < to) {
      const middle = (from + to) >>> 1
      const h = highs[middle]!
      if (h < high || (h === high && lows[middle]! < unsigned)) from = middle + 1
      else to = middle
    }
    return from === highs.length ? 0 : from
  }

  /** Id of the replica set of a token: two tokens with one id may share a batch. */
  replicaSetId(high: number, low: number): number {
    return this.replicaSetIds[this.rangeIndex(high, low)]!
  }

  /** The nodes that hold a token, local ones first. */
  replicas(high: number, low: number): readonly NodeRef[] {
    return this.replicaSets[this.replicaSetId(high, low)]!
  }
}

/** Undefined when placement cannot be told: no tokens known, LocalStrategy, unknown strategies. */
export function buildTokenRing(
  name: { readonly keyspace: string; readonly version: number },
  ringNodes: readonly RingNode[],
  replication: Replication,
): TokenRing | undefined {
  if (replication.strategy === 'other') return undefined
  const ends = sortedEnds(ringNodes)
  if (ends.length === 0) return undefined
  const owners = ends.map(end => end.node)
  const placement = toPlacement(
    replication,
    // Nodes without tokens hold nothing and do not count.
    ringNodes.filter(one => one.tokens.length > 0).map(one => one.node),
  )
  const tokens = BigInt64Array.from(ends, end => end.token)
  return new TokenRing(name, tokens, toSets(owners, placement))
}

function sortedEnds(ringNodes: readonly RingNode[]): { token: bigint; node: NodeRef }[] {
  const all = new Map<bigint, NodeRef>()
  for (const { node, tokens } of ringNodes) for (const text of tokens) all.set(BigInt(text), node)
  const ends = [...all].map(([token, node]) => ({ token, node }))
  return ends.sort((a, b) => (a.token < b.token ? -1 : 1))
}

function toSets(
  owners: readonly NodeRef[],
  placement: Placement,
): { ids: Int32Array; replicas: NodeRef[][] } {
  const ids = new Int32Array(owners.length)
  const replicas: NodeRef[][] = []
  const byKey = new Map<string, number>()
  for (let i = 0; i < owners.length; i++) {
    const placed = placeReplicas(owners, i, placement)
    const ordered = [...placed.filter(one => one.isLocal), ...placed.filter(one => !one.isLocal)]
    const key = ordered.map(one => one.hostId).join()
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, replicas.push(ordered) - 1)
    ids[i] = known ?? replicas.length - 1
  }
  return { ids, replicas }
}
