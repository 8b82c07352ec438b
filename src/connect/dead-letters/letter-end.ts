/**
 * How far a walk over a dead-letter topic goes: to the end that each partition had when the walk
 * began. Letters that arrive meanwhile, also from a replay that fails again, belong to the next.
 * Fed with what is read and committed; asked whether everything is read and committed.
 * Invariant: gaps in the offsets never keep a walk from its end.
 */
import type { TopicPartition, TopicPosition } from '../../flow/index.ts'
import type { OffsetRange, PartitionLag } from '../../kafka/index.ts'

interface Walk {
  readonly end: number
  /** Next offset to read. */
  next: number
  /** Next offset after the last one handed out; undefined: none was. */
  given: number | undefined
  committed: number
}

interface LetterPlace {
  readonly partition: number
  readonly offset: number
}

export class LetterEnd {
  readonly #ranges: readonly OffsetRange[]
  readonly #walks = new Map<number, Walk>()

  constructor(ranges: readonly OffsetRange[]) {
    this.#ranges = ranges
  }

  assigned(positions: readonly TopicPosition[]): void {
    for (const { partition, offset } of positions) {
      const range = this.#ranges.find(one => one.partition === partition)
      const start = range?.start ?? 0
      const next = Math.max(offset, start)
      this.#walks.set(partition, { end: range?.end ?? 0, next, given: undefined, committed: next })
    }
  }

  revoked(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) this.#walks.delete(partition)
  }

  /** Whether the record belongs to this walk; with `isGiven` its commit is waited for. */
  take({ partition, offset }: LetterPlace, isGiven = true): boolean {
    const walk = this.#walks.get(partition)
    if (walk === undefined || offset >= walk.end) {
      if (walk !== undefined) walk.next = Math.max(walk.next, walk.end)
      return false
    }
    walk.next = offset + 1
    if (isGiven) walk.given = offset + 1
    return true
  }

  committed(positions: readonly TopicPosition[]): void {
    for (const { partition, offset } of positions) {
      const walk = this.#walks.get(partition)
      if (walk !== undefined) walk.committed = Math.max(walk.committed, offset)
    }
  }

  /** Positions move over gaps, too. */
  moved(lags: readonly PartitionLag[]): void {
    for (const { partition, position } of lags) {
      const walk = this.#walks.get(partition)
      if (walk !== undefined && position > walk.next) walk.next = position
    }
  }

  get isAssigned(): boolean {
    return this.#walks.size > 0
  }

  get isRead(): boolean {
    return this.isAssigned && [...this.#walks.values()].every(walk => walk.next >= walk.end)
  }

  get isCommitted(): boolean {
    const isSettled = ({ given, committed }: Walk) => given === undefined || committed >= given
    return this.isRead && [...this.#walks.values()].every(isSettled)
  }
}
