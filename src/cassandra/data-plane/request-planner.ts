/**
 * Groups the rows of a delivery into requests: by replica set (default), by partition, or not.
 * Pure: no I/O, no clock. Called once per delivery by the write path.
 * Rows flagged ORDERED get a wave number, so that two rows of one key never share a request and
 * are never under way together; all other rows go in wave 0.
 * Rows are taken in token order: those of one partition meet in one request, where the server makes
 * one mutation of them, and neighbours are written to neighbouring places of its memtable.
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
  /** Partitions per request; the server warns above 10. */
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

/** A request that may still grow. */
interface OpenRequest extends PlannedRequest {
  partitions: number
  /** Partition of the row added last: in token order its other rows follow directly. */
  lastKey: number
}

/** Values of one row count this much more: statement id, kind and length fields. */
const CHILD_OVERHEAD_BYTES = 24
const BATCH_GROUPS_MAX = 65_536
/** Of one partition the server takes any size up to its mutation limit (16 MiB by default). */
const PARTITION_BYTES_MAX = 256 * 1024
/** A sort key holds the token's upper 32 bits and the row, within the 53 bits of a number. */
const ROWS_SORTED_MAX = 2 ** 21

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
  readonly #open = new Map<number, Map<number, OpenRequest>>()
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
    const { count } = this.#batch
    if (this.#options.rowsMax === 1 || count > ROWS_SORTED_MAX) {
      for (let row = 0; row < count; row++) this.#place(row)
      return this.#waves
    }
    const keys = sortKeysOf(this.#batch)
    for (let i = 0; i < count; i++) this.#place(rowOf(keys[i]!))
    return this.#waves
  }

  #place(row: number): void {
    const flag = this.#batch.flags[row]!
    const wave = (flag & FLAG_ORDERED) === 0 ? 0 : this.#nextWave(row)
    if ((flag & FLAG_UNROUTED) !== 0 || this.#options.rowsMax === 1) this.#single(row, wave, flag)
    else this.#group(row, wave)
  }

  #single(row: number, wave: number, flag: number): void {
    const set = (flag & FLAG_UNROUTED) !== 0 ? ANY_NODE : this.#replicaSetOf(row)
    this.#emit({ rows: [row], replicas: this.#replicas(set), bytes: this.#batch.sizeOf(row) }, wave)
  }

  #group(row: number, wave: number): void {
    const { tokenHigh, tokenLow, statements } = this.#batch
    const set = this.#replicaSetOf(row)
    const group = statements[row]!.batchGroup
    const partition = keyOf(tokenHigh[row]!, tokenLow[row]!)
    const openOf = this.#openOf(wave * BATCH_GROUPS_MAX + group)
    const key = this.#options.batchBy === 'partition' ? partition : set
    const bytes = this.#batch.sizeOf(row) + CHILD_OVERHEAD_BYTES
    let open = openOf.get(key)
    if (open === undefined || !this.#fits(open, partition, bytes)) {
      open = { rows: [], replicas: this.#replicas(set), bytes: 0, partitions: 0, lastKey: NO_KEY }
      openOf.set(key, open)
      this.#emit(open, wave)
    }
    if (open.lastKey !== partition) open.partitions += 1
    open.lastKey = partition
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

  /** One partition may fill a request up to `rowsMax`; several share it within stricter limits. */
  #fits(open: OpenRequest, partition: number, bytes: number): boolean {
    const { rowsMax, partitionsMax, bytesMax } = this.#options
    const partitions = open.partitions + (open.lastKey === partition ? 0 : 1)
    if (open.rows.length >= rowsMax || partitions > partitionsMax) return false
    return open.bytes + bytes <= (partitions === 1 ? PARTITION_BYTES_MAX : bytesMax)
  }

  #openOf(groupKey: number): Map<number, OpenRequest> {
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

/** No partition has it: a key is an integer. */
const NO_KEY = Number.NaN

/** Ascending by token; rows of one partition stay in the order of their records. */
function sortKeysOf({ count, tokenHigh }: RowBatch): Float64Array {
  const keys = new Float64Array(count)
  for (let row = 0; row < count; row++) keys[row] = tokenHigh[row]! * ROWS_SORTED_MAX + row
  return keys.sort()
}

function rowOf(key: number): number {
  return key - Math.floor(key / ROWS_SORTED_MAX) * ROWS_SORTED_MAX
}
