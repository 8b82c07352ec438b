/**
 * The records at which a sink task stands still now: each failed, is tried again, and holds its
 * partition's position. Kept beside the counters of the task, for people who ask why nothing goes on.
 * Fed by `Rewinds`, only where a failure is handled; a healthy task pays one look at an empty map per
 * delivery.
 * Invariants: at most one record per partition, the lowest; it goes when its partition got past it or
 * belongs to nobody here; no value of a record is kept, because messages hold none.
 * Spec: cassandra-sink 7; ui 3 (Status).
 */
import type { ScamanderError } from '../base/scamander-error.ts'
import type { TopicPartition, TopicPosition } from '../flow/index.ts'

export interface TaskTrouble extends TopicPosition {
  /** Of its first failure, milliseconds since 1970. */
  readonly sinceMs: number
  readonly code: string
  readonly message: string
  readonly advice: string
  /** The record is at fault, not the target. */
  readonly isRecord: boolean
  /** Failures so far. */
  readonly attempts: number
}

const LISTED_MAX = 100

export class TaskTroubles {
  readonly #held = new Map<string, TaskTrouble>()

  /** The record there failed and is tried again. */
  note({ topic, partition, offset }: TopicPosition, error: ScamanderError, nowMs: number): void {
    const key = keyOf({ topic, partition })
    const held = this.#held.get(key)
    if (held !== undefined && held.offset < offset) return
    const known = held?.offset === offset ? held : undefined
    const { code, message, advice } = error
    this.#held.set(key, {
      ...{ topic, partition, offset, code, message, advice },
      isRecord: error.kind === 'data',
      sinceMs: known?.sinceMs ?? nowMs,
      attempts: (known?.attempts ?? 0) + 1,
    })
  }

  /** Everything before that offset is settled. */
  settled(at: TopicPosition): void {
    if (this.#held.size === 0) return
    const held = this.#held.get(keyOf(at))
    if (held !== undefined && at.offset > held.offset) this.#held.delete(keyOf(at))
  }

  forget(partition: TopicPartition): void {
    this.#held.delete(keyOf(partition))
  }

  clear(): void {
    this.#held.clear()
  }

  /** What a thread told replaces what it told before. */
  replace(troubles: readonly TaskTrouble[]): void {
    this.#held.clear()
    for (const one of troubles) this.#held.set(keyOf(one), one)
  }

  /** Those that last longest first. */
  list(): TaskTrouble[] {
    if (this.#held.size === 0) return []
    return [...this.#held.values()].sort((a, b) => a.sinceMs - b.sinceMs).slice(0, LISTED_MAX)
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`
}
