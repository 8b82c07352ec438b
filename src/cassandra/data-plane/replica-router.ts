/**
 * Finds who may coordinate a row: the local replicas of its token, as an unordered set, so that
 * rows of different ranges with the same replicas share one batch.
 * Built from the control plane's ring of one keyspace; replaced when the ring's version changes.
 * Invariant: a set is never empty: without local replicas, or without a ring, it is -1, any node.
 */
import type { TokenRing } from '../token-ring.ts'
import type { NodeRef } from '../topology.ts'

/** No preference: the partitioner or the replication strategy gives none. */
export const ANY_NODE = -1

export class ReplicaRouter {
  /** Nodes of each replica set. */
  readonly sets: readonly (readonly NodeRef[])[]
  readonly #ring: TokenRing | undefined
  /** Replica set per ring set; ANY_NODE where no local node holds the range. */
  readonly #setOf: Int32Array

  constructor(ring: TokenRing | undefined) {
    this.#ring = ring
    const sets: (readonly NodeRef[])[] = []
    const indexOf = new Map<string, number>()
    const count = ring?.replicaSets.length ?? 0
    this.#setOf = new Int32Array(count).fill(ANY_NODE)
    for (let i = 0; i < count; i++) {
      const local = ring!.replicaSets[i]!.filter(node => node.isLocal)
      if (local.length === 0) continue
      const key = local
        .map(node => node.hostId)
        .sort()
        .join()
      let index = indexOf.get(key)
      if (index === undefined) {
        index = sets.push(local) - 1
        indexOf.set(key, index)
      }
      this.#setOf[i] = index
    }
    this.sets = sets
  }

  /** Index into `sets`, or ANY_NODE. */
  replicaSetOf(high: number, low: number): number {
    const ring = this.#ring
    return ring === undefined ? ANY_NODE : this.#setOf[ring.replicaSetId(high, low)]!
  }
}
