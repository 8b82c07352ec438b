/**
 * Breaks ties of equal record timestamps: the n-th record of one key within one millisecond is
 * written n microseconds later, so that the last record of a key wins as in the topic.
 * One instance per (topic partition, table). Ranks survive restarts through the text kept beside
 * the committed offset, and rewinds through a bounded memory of recent milliseconds.
 * Invariant: of two records of one key and one millisecond, the later gets the higher rank, also
 * when they are delivered again, until rank 999.
 * Spec: cassandra-sink 12, D7.
 */
import { RankTable } from './rank-table.ts'

export const RANK_MAX = 999
/** Milliseconds remembered: the last four of each set, sets by low bits. */
const SETS = 1_024
const WAYS = 4
/** Keys of one millisecond that are told apart; beyond, all of them start anew above the highest. */
const KEYS_MAX = 65_536

export class TieRanks {
  #currentMs = -1
  /** Rank that a key gets first in the current millisecond. */
  #base = 0
  #highest = 0
  /** The single key of the current millisecond, while there is only one. */
  #firstKey = Number.NaN
  #firstRank = 0
  /** Of the current millisecond, from its second key on. */
  readonly #rankOfKey = new RankTable()
  #hasManyKeys = false
  /** Highest rank given in milliseconds that were left, latest first within a set. */
  readonly #rememberedMs = new Float64Array(SETS * WAYS).fill(-1)
  readonly #rememberedRank = new Int16Array(SETS * WAYS)

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
    return this.#recall(timestampMs)
  }

  /** After a restart: ranks of that millisecond continue above `highest`. */
  restore(timestampMs: number, highest: number): void {
    if (highest >= 0) this.#remember(timestampMs, highest)
  }

  #rankInCurrent(key: number): number {
    if (!this.#hasManyKeys) {
      if (key === this.#firstKey) return ++this.#firstRank
      this.#hasManyKeys = true
      this.#rankOfKey.set(this.#firstKey, Math.min(RANK_MAX, this.#firstRank))
    }
    if (this.#rankOfKey.size >= KEYS_MAX) this.#raiseBase()
    const known = this.#rankOfKey.get(key)
    const rank = known < 0 ? this.#base : Math.min(RANK_MAX, known + 1)
    this.#rankOfKey.set(key, rank)
    return rank
  }

  /** Keys are forgotten, and no later rank is below one that was given. */
  #raiseBase(): void {
    this.#base = Math.min(RANK_MAX, this.#highest + 1)
    this.#rankOfKey.clear()
  }

  #enter(timestampMs: number): void {
    if (this.#currentMs >= 0) this.#remember(this.#currentMs, this.#highest)
    if (this.#hasManyKeys) this.#rankOfKey.clear()
    this.#hasManyKeys = false
    this.#currentMs = timestampMs
    this.#base = Math.min(RANK_MAX, this.#recall(timestampMs) + 1)
  }

  #recall(timestampMs: number): number {
    const first = (timestampMs % SETS) * WAYS
    for (let at = first; at < first + WAYS; at++) {
      if (this.#rememberedMs[at] === timestampMs) return this.#rememberedRank[at]!
    }
    return -1
  }

  /** Goes first in its set; the others move up to the place it had, or the oldest falls out. */
  #remember(timestampMs: number, highest: number): void {
    const first = (timestampMs % SETS) * WAYS
    let at = first
    while (at < first + WAYS - 1 && this.#rememberedMs[at] !== timestampMs) at++
    for (; at > first; at--) {
      this.#rememberedMs[at] = this.#rememberedMs[at - 1]!
      this.#rememberedRank[at] = this.#rememberedRank[at - 1]!
    }
    this.#rememberedMs[first] = timestampMs
    this.#rememberedRank[first] = highest
  }
}
