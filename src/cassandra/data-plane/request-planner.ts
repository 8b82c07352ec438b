/**
 * Groups the rows of a delivery into requests: by replica set (default), by partition, or not.
 * Pure: no I/O, no clock. Called once per delivery by the write path.
 * Rows flagged ORDERED get a wave number, so that two rows of one key never share a request and
 * are never under way together; all other rows go in wave 0.
 * Invariant: every row is in exactly one request; a request's rows share batch group and, by
 * replica set, all replicas.
 * Spec: cassandra-sink 6.2, 6.5; docs/adr/0007-batches-by-replica-set.md
 */

import { FLAG_ORDERED, FLAG_UNROUTED, type RowBatch } from './row-batch.ts'
import type { TokenRouter } from './token-router.ts'

export type BatchBy = 'partition' | 'replica-set'

export interface PlannerOptions {
  readonly batchBy: BatchBy
  /** Rows per request; 1 disables batching. */
  readonly rowsMax: number
  /** Rows per request when they belong to several partitions; the server warns above 10. */
  readonly partitionsMax: number
  /** Bytes of values per request of several partitions; the server warns above 5 KiB. */
  readonly bytesMax: number
}

/** One EXECUTE (one row) or BATCH to be. */
export interface PlannedRequest {
  readonly rows: number[]
  /** Index of the router's replica set; -1: any node. */
  readonly replicaSet: number
  bytes: number
}

/** Values of one row count this much more: statement id, kind and length fields. */
const CHILD_OVERHEAD_BYTES = 24

export function planRequests(
  batch: RowBatch,
  router: TokenRouter,
  options: PlannerOptions,
): PlannedRequest[][] {
  return new Planner(batch, router, options).plan()
}

class Planner {
  readonly #batch: RowBatch
  readonly #router: TokenRouter
  readonly #options: PlannerOptions
  readonly #waves: PlannedRequest[][] = []
  /** Open requests of each wave by group key. */
  readonly #open: Map<number, PlannedRequest>[] = []
  readonly #waveOfKey = new Map<number, number>()

  constructor(batch: RowBatch, router: TokenRouter, options: PlannerOptions) {
    this.#batch = batch
    this.#router = router
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
    const { tokenHigh, tokenLow } = this.#batch
    const isUnrouted = (flag & FLAG_UNROUTED) !== 0
    const set = isUnrouted ? -1 : this.#router.replicaSetOf(tokenHigh[row]!, tokenLow[row]!)
    this.#emit({ rows: [row], replicaSet: set, bytes: this.#batch.sizeOf(row) }, wave)
  }

  #group(row: number, wave: number): void {
    const { tokenHigh, tokenLow, statements } = this.#batch
    const set = this.#router.replicaSetOf(tokenHigh[row]!, tokenLow[row]!)
    const group = statements[row]!.batchGroup
    const byPartition = this.#options.batchBy === 'partition'
    const key = byPartition
      ? keyOf(tokenHigh[row]!, tokenLow[row]!) * 256 + (group & 255)
      : group * this.#router.replicaSetCount + set
    const bytes = this.#batch.sizeOf(row) + CHILD_OVERHEAD_BYTES
    const open = this.#openRequest(key, wave, set, bytes)
    open.rows.push(row)
    open.bytes += bytes
  }

  /** The open request that takes the row; a full one is replaced. */
  #openRequest(key: number, wave: number, replicaSet: number, bytes: number): PlannedRequest {
    const { batchBy, rowsMax, partitionsMax, bytesMax } = this.#options
    const byKey = this.#openOf(wave)
    const open = byKey.get(key)
    if (open !== undefined) {
      const limit = batchBy === 'partition' ? rowsMax : Math.min(rowsMax, partitionsMax)
      if (open.rows.length < limit && open.bytes + bytes <= bytesMax) return open
    }
    const made: PlannedRequest = { rows: [], replicaSet, bytes: 0 }
    byKey.set(key, made)
    this.#emit(made, wave)
    return made
  }

  #openOf(wave: number): Map<number, PlannedRequest> {
    let open = this.#open[wave]
    if (open === undefined) {
      open = new Map()
      this.#open[wave] = open
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
