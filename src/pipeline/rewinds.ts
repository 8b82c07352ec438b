/**
 * Partitions that must be read again from a failed record: remembers attempts per partition and
 * spaces them out (D8: 1 s to 60 s), without delaying other partitions. Where the target is at fault
 * and not the record, the pause stays short, so that the flow is back soon after the target.
 * The settler requests a rewind; the task's loop carries it out between two reads, so that no batch
 * read before the seek can be taken for one read after it.
 * Invariant: a partition has at most one pending rewind, the lowest requested offset.
 */
import { Backoff, type BackoffOptions } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import type { ScamanderError } from '../base/scamander-error.ts'
import type { TopicPartition, TopicPosition, TopicSource } from '../flow/index.ts'
import type { PositionTracker } from './position-tracker.ts'
import type { TaskTroubles } from './task-troubles.ts'

interface Trouble {
  readonly backoff: Backoff
  offset: number
  attempts: number
}

/**
 * Why a partition is read again: its record; a target that is away or refuses for now; or a delivery
 * that nobody judged, because the sink opens anew.
 */
export type RewindCause = 'record' | 'target' | 'delivery'

export const REWIND_BACKOFF: BackoffOptions = { baseMs: 1_000, maxMs: 60_000 }
const TARGET_PAUSE_MS_MAX = 5_000

export class Rewinds {
  readonly #parts: {
    readonly source: TopicSource
    readonly positions: PositionTracker
    readonly clock: Clock
    readonly backoff: BackoffOptions
    readonly pauseMs?: number | undefined
    readonly troubles?: TaskTroubles | undefined
  }
  readonly #pending = new Map<string, { position: TopicPosition; cause: RewindCause }>()
  readonly #troubles = new Map<string, Trouble>()
  readonly #holding = new Map<string, AbortController>()

  constructor(parts: {
    source: TopicSource
    positions: PositionTracker
    clock: Clock
    backoff: BackoffOptions
    /** The same before every attempt, instead of the back-off. */
    pauseMs?: number | undefined
    /** Told of what is tried again, for people. */
    troubles?: TaskTroubles | undefined
  }) {
    this.#parts = parts
  }

  /** Failures so far of the record at this offset, this one included. */
  attemptsAt(position: TopicPosition): number {
    const trouble = this.#troubles.get(keyOf(position))
    return trouble?.offset === position.offset ? trouble.attempts + 1 : 1
  }

  /** `error`: what to tell of it; without one there is nothing to tell. */
  request(position: TopicPosition, cause: RewindCause, error?: ScamanderError): void {
    const key = keyOf(position)
    const { troubles, clock } = this.#parts
    if (error !== undefined) troubles?.note(position, error, clock.nowMs())
    const pending = this.#pending.get(key)
    if (pending === undefined || position.offset < pending.position.offset) {
      this.#pending.set(key, { position, cause })
    }
    this.#parts.positions.hold(position)
  }

  /** Seeks what was requested; delivery of those partitions pauses for their back-off. */
  carryOut(): void {
    for (const [key, { position, cause }] of this.#pending) {
      this.#parts.source.pause([position])
      this.#parts.source.seek(position)
      this.#parts.positions.startEpoch(position)
      this.#resumeLater(key, position, cause)
    }
    this.#pending.clear()
  }

  /** The partition got past its trouble, or is no longer ours. */
  settled(at: TopicPosition): void {
    this.#parts.troubles?.settled(at)
    const trouble = this.#troubles.get(keyOf(at))
    if (trouble !== undefined && at.offset > trouble.offset) this.#troubles.delete(keyOf(at))
  }

  forget(partition: TopicPartition): void {
    const key = keyOf(partition)
    this.#pending.delete(key)
    this.#troubles.delete(key)
    this.#parts.troubles?.forget(partition)
    this.#holding.get(key)?.abort()
    this.#holding.delete(key)
  }

  close(): void {
    for (const controller of this.#holding.values()) controller.abort()
    this.#holding.clear()
    this.#parts.troubles?.clear()
  }

  #resumeLater(key: string, position: TopicPosition, cause: RewindCause): void {
    const trouble = this.#troubleAt(key, position.offset)
    const controller = new AbortController()
    this.#holding.get(key)?.abort()
    this.#holding.set(key, controller)
    const resume = () => {
      if (controller.signal.aborted) return
      this.#holding.delete(key)
      this.#parts.source.resume([position])
    }
    const limitMs = cause === 'record' ? Number.POSITIVE_INFINITY : TARGET_PAUSE_MS_MAX
    const backoffMs = Math.min(trouble.backoff.next(), limitMs)
    const pauseMs = cause === 'delivery' ? backoffMs : (this.#parts.pauseMs ?? backoffMs)
    void this.#parts.clock.sleep(pauseMs, controller.signal).then(resume)
  }

  #troubleAt(key: string, offset: number): Trouble {
    let trouble = this.#troubles.get(key)
    if (trouble?.offset !== offset) {
      trouble = { backoff: new Backoff(this.#parts.backoff), offset, attempts: 0 }
      this.#troubles.set(key, trouble)
    }
    trouble.attempts += 1
    return trouble
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`
}
