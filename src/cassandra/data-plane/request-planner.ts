/**
 * Groups the rows of a delivery into requests: by replica set (default), by partition, or not.
 * Pure: no I/O, no clock. Called once per delivery by the write path.
 * Rows flagged ORDERED get a wave number, so that two rows of one key never share a request and
 * are never under way together; all other rows go in wave 0.
 * Invariant: every row is in exactly one request; a request's rows share batch group and, by
 * replica set, all replicas.
 * Spec: cassandra-sink 6.2, 6.5; docs/adr/0007-batches-by-replica-set.md
 */

import type { NodeRef } from '../topology.ts'
import { ANY_NODE, type ReplicaRouter } from './replica-router.ts'
import { FLAG_ORDERED, FLAG_UNROUTED, type RowBatch } from './row-batch.ts'
import type { WriteStatement } from './write-statement.ts'

export type BatchBy = 'partition' | 'replica-set'

export interface PlannerOptions {
  readonly batchBy: BatchBy
  /** Rows per request; 1 disables batching. */
  readonly rowsMax: number
  /** Rows per request when they belong to several partitions; the server warns above 10. */
  readonly partitionsMax: number
  /** Bytes of values per request of several partitions; the server warns above 5 KiB for these. */
  readonly bytesMax: number
}

/** One EXECUTE (one row) or BATCH to be. */
export interface PlannedRequest {
  readonly rows: number[]
  /** Who may coordinate it; undefined: any node. */
  readonly replicas: readonly NodeRef[] | undefined
  bytes: number
}

/** Values of one row count this much more: statement id, kind and length fields. */
const CHILD_OVERHEAD_BYTES = 24
const BATCH_GROUPS_MAX = 65_536
/** Of one partition the server takes any size up to its mutation limit (16 MiB by default). */
const PARTITION_BYTES_MAX = 256 * 1024

export function planRequests(
  batch: RowBatch,
  routerOf: (statement: WriteStatement) => ReplicaRouter,
  options: PlannerOptions,
): PlannedRequest[][] {
  return new Planner(batch, routerOf, options).plan()
}

class Planner {
  readonly #batch: RowBatch
  readonly #routerOf: (statement: WriteStatement) => ReplicaRouter
  #statement: WriteStatement | undefined
  #router: ReplicaRouter | undefined
  readonly #options: PlannerOptions
  readonly #waves: PlannedRequest[][] = []
  /** Open requests by wave and batch group, then by replica set or partition. */
  readonly #open = new Map<number, Map<number, PlannedRequest>>()
  readonly #waveOfKey = new Map<number, number>()

  constructor(
    batch: RowBatch,
    routerOf: (statement: WriteStatement) => ReplicaRouter,
    options: PlannerOptions,
  ) {
    this.#batch = batch
    this.#routerOf = routerOf
    this.#options = options
  }

  plan(): PlannedRequest[][] {
    const { count, flags } = this.#batch
    for (let row = 0; row < count; row++) {
      const flag = flags[row]!
      const wave = (flag & FLAG_ORDERED) === 0 ? 0 : this.#nextWave(row)
      if ((flag & FLAG_UNROUTED) !== 0 || this.#options.rowsMax === 1) this.#single(row, wave, flag)
      else this.#group(row, wave)
    }
    return this.#waves
  }

  #single(row: number, wave: number, flag: number): void {
    const set = (flag & FLAG_UNROUTED) !== 0 ? ANY_NODE : this.#replicaSetOf(row)
    this.#emit({ rows: [row], replicas: this.#replicas(set), bytes: this.#batch.sizeOf(row) }, wave)
  }

  #group(row: number, wave: number): void {
    const { tokenHigh, tokenLow, statements } = this.#batch
    const set = this.#replicaSetOf(row)
    const group = statements[row]!.batchGroup
    const isByPartition = this.#options.batchBy === 'partition'
    const key = isByPartition ? keyOf(tokenHigh[row]!, tokenLow[row]!) : set
    const bytes = this.#batch.sizeOf(row) + CHILD_OVERHEAD_BYTES
    const openOf = this.#openOf(wave * BATCH_GROUPS_MAX + group)
    let open = openOf.get(key)
    if (open === undefined || !this.#fits(open, bytes)) {
      open = { rows: [], replicas: this.#replicas(set), bytes: 0 }
      openOf.set(key, open)
      this.#emit(open, wave)
    }
    open.rows.push(row)
    open.bytes += bytes
  }

  #replicaSetOf(row: number): number {
    const { statements, tokenHigh, tokenLow } = this.#batch
    const statement = statements[row]!
    if (statement !== this.#statement) {
      this.#statement = statement
      this.#router = this.#routerOf(statement)
    }
    return this.#router!.replicaSetOf(tokenHigh[row]!, tokenLow[row]!)
  }

  /** Of the router used last. */
  #replicas(set: number): readonly NodeRef[] | undefined {
    return set === ANY_NODE ? undefined : this.#router!.sets[set]
  }

  #fits(open: PlannedRequest, bytes: number): boolean {
    const { batchBy, rowsMax, partitionsMax, bytesMax } = this.#options
    const isOne = batchBy === 'partition'
    const limit = isOne ? rowsMax : Math.min(rowsMax, partitionsMax)
    const limitBytes = isOne ? PARTITION_BYTES_MAX : bytesMax
    return open.rows.length < limit && open.bytes + bytes <= limitBytes
  }

  #openOf(groupKey: number): Map<number, PlannedRequest> {
    let open = this.#open.get(groupKey)
    if (open === undefined) {
      open = new Map()
      this.#open.set(groupKey, open)
    }
    return open
  }

  #emit(request: PlannedRequest, wave: number): void {
    while (this.#waves.length <= wave) this.#waves.push([])
    this.#waves[wave]!.push(request)
  }

  /** How many earlier rows of this delivery have the same key. */
  #nextWave(row: number): number {
    const { tokenHigh, tokenLow } = this.#batch
    const key = keyOf(tokenHigh[row]!, tokenLow[row]!)
    const wave = this.#waveOfKey.get(key) ?? 0
    this.#waveOfKey.set(key, wave + 1)
    return wave
  }
}

/**
 * 53 bits of the token. Two tokens that collide share a request or a wave, which costs a little
 * and harms nothing.
 */
function keyOf(high: number, low: number): number {
  return high * 2097152 + (low >>> 11)
}
