/**
 * What happened to each channel since the worker started: numbers for `metrics list` and status.
 * Fed by the queue and its deliverers, read by routes.
 * Spec: cdc-replication 2.4 (metrics), 9.3.
 */
import { type Clock, systemClock } from '../../base/clock.ts'

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

/** What was delivered in the last minute is known to this. */
const SLOT_MS = 5000
const SLOTS = 12

interface Recent {
  readonly counts: Float64Array
  /** Number of the slot that `counts` ends with. */
  slot: number
}

export class ChannelCounters {
  /** Deliverers that had to wait for a permit. */
  permitsDenied = 0
  readonly #counts = new Map<number, ChannelCounts>()
  readonly #recent = new Map<number, Recent>()
  readonly #clock: Clock

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

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

  /** They reached their destination. */
  addDelivered(channelId: number, amount: number): void {
    const counts = this.of(channelId)
    counts.delivered += amount
    counts.lastEventAtMs = Date.now()
    const recent = this.#recentOf(channelId)
    recent.counts[recent.slot % SLOTS]! += amount
  }

  /** Delivered per second, over the last minute. */
  rate(channelId: number): number {
    const { counts } = this.#recentOf(channelId)
    return counts.reduce((sum, one) => sum + one, 0) / ((SLOTS * SLOT_MS) / 1000)
  }

  forget(channelId: number): void {
    this.#counts.delete(channelId)
    this.#recent.delete(channelId)
  }

  /** With the slots of the time that has passed emptied. */
  #recentOf(channelId: number): Recent {
    const slot = Math.floor(this.#clock.monotonicMs() / SLOT_MS)
    const recent = this.#recent.get(channelId) ?? { counts: new Float64Array(SLOTS), slot }
    this.#recent.set(channelId, recent)
    for (let i = 1; i <= Math.min(SLOTS, slot - recent.slot); i++) {
      recent.counts[(recent.slot + i) % SLOTS] = 0
    }
    recent.slot = slot
    return recent
  }

  sum(of: (counts: ChannelCounts) => number): number {
    let total = 0
    for (const counts of this.#counts.values()) total += of(counts)
    return total
  }
}
