/**
 * Breaks ties of equal record timestamps: the n-th record of one key within one millisecond is
 * written n microseconds later, so that the last record of a key wins as in the topic.
 * One instance per (topic partition, table). Ranks survive restarts through the text kept beside
 * the committed offset, and rewinds through a bounded memory of recent milliseconds.
 * Invariant: of two records of one key and one millisecond, the later gets the higher rank, also
 * when they are delivered again, until rank 999.
 * Spec: cassandra-sink 12, D7.
 */
export const RANK_MAX = 999
const REMEMBERED_MAX = 1_024

export class TieRanks {
  #currentMs = -1
  /** Rank that a key gets first in the current millisecond. */
  #base = 0
  #highest = 0
  /** The single key of the current millisecond, while there is only one. */
  #firstKey = Number.NaN
  #firstRank = 0
  readonly #rankOfKey = new Map<number, number>()
  /** Highest rank given in milliseconds that were left, oldest first. */
  readonly #remembered = new Map<number, number>()

  /** The record's rank; `key` is any number that is equal for equal keys. */
  next(timestampMs: number, key: number): number {
    if (timestampMs !== this.#currentMs) {
      this.#enter(timestampMs)
      this.#firstKey = key
      this.#firstRank = this.#base
      this.#highest = this.#base
      return this.#base
    }
    const rank = Math.min(RANK_MAX, this.#rankInCurrent(key))
    if (rank > this.#highest) this.#highest = rank
    return rank
  }

  /** The highest rank given so far in that millisecond; -1: none is known. */
  highestOf(timestampMs: number): number {
    if (timestampMs === this.#currentMs) return this.#highest
    return this.#remembered.get(timestampMs) ?? -1
  }

  /** After a restart: ranks of that millisecond continue above `highest`. */
  restore(timestampMs: number, highest: number): void {
    if (highest >= 0) this.#remember(timestampMs, highest)
  }

  #rankInCurrent(key: number): number {
    if (this.#rankOfKey.size === 0) {
      if (key === this.#firstKey) return ++this.#firstRank
      this.#rankOfKey.set(this.#firstKey, this.#firstRank)
    }
    const known = this.#rankOfKey.get(key)
    const rank = known === undefined ? this.#base : known + 1
    this.#rankOfKey.set(key, rank)
    return rank
  }

  #enter(timestampMs: number): void {
    if (this.#currentMs >= 0) this.#remember(this.#currentMs, this.#highest)
    if (this.#rankOfKey.size > 0) this.#rankOfKey.clear()
    this.#currentMs = timestampMs
    const before = this.#remembered.get(timestampMs)
    this.#base = before === undefined ? 0 : Math.min(RANK_MAX, before + 1)
  }

  #remember(timestampMs: number, highest: number): void {
    this.#remembered.delete(timestampMs)
    this.#remembered.set(timestampMs, highest)
    if (this.#remembered.size > REMEMBERED_MAX) {
      for (const oldest of this.#remembered.keys()) {
        this.#remembered.delete(oldest)
        break
      }
    }
  }
}
