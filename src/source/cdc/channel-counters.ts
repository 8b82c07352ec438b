/**
 * What happened to each channel since the worker started: numbers for `metrics list` and status.
 * Fed by the queue and its deliverers, read by routes.
 * Spec: cdc-replication 2.4 (metrics), 9.3.
 */
export interface ChannelCounts {
  received: number
  delivered: number
  /** Copies of other replicas that were recognised. */
  duplicates: number
  /** The queue could not be written. */
  addErrors: number
  /** Could not be delivered and was left out, or was tried again. */
  deliveryErrors: number
  /** Left out because its destination does not take it. */
  invalid: number
  /** Dropped because the queue was full. */
  dropped: number
  lastEventAtMs: number | undefined
}

export class ChannelCounters {
  /** Deliverers that had to wait for a permit. */
  permitsDenied = 0
  readonly #counts = new Map<number, ChannelCounts>()

  of(channelId: number): ChannelCounts {
    let counts = this.#counts.get(channelId)
    if (counts === undefined) {
      counts = {
        ...{ received: 0, delivered: 0, duplicates: 0, addErrors: 0, deliveryErrors: 0 },
        ...{ invalid: 0, dropped: 0, lastEventAtMs: undefined },
      }
      this.#counts.set(channelId, counts)
    }
    return counts
  }

  forget(channelId: number): void {
    this.#counts.delete(channelId)
  }

  sum(of: (counts: ChannelCounts) => number): number {
    let total = 0
    for (const counts of this.#counts.values()) total += of(counts)
    return total
  }
}
