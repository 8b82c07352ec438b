/**
 * A map from number to rank for keys of one millisecond: cleared thousands of times a second and
 * filled again, so it is three typed arrays that are kept, and makes no garbage.
 * Called by TieRanks only. Invariants: a key is found exactly after it was set and until the next
 * `clear`; at most half of the slots are taken.
 */
const INITIAL_SLOTS = 64
/** 2^32 divided by the golden ratio: spreads neighbouring numbers. */
const SPREAD = 0x9e3779b1
const ROUNDS_MAX = 0xffffffff

export class RankTable {
  #keys = new Float64Array(INITIAL_SLOTS)
  #ranks = new Int16Array(INITIAL_SLOTS)
  /** A slot is taken when it has the number of the present round. */
  #rounds = new Uint32Array(INITIAL_SLOTS)
  #round = 1
  #mask = INITIAL_SLOTS - 1
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The rank of the key; -1: none. */
  get(key: number): number {
    const slot = this.#slotOf(key)
    return this.#rounds[slot] === this.#round ? this.#ranks[slot]! : -1
  }

  set(key: number, rank: number): void {
    let slot = this.#slotOf(key)
    if (this.#rounds[slot] !== this.#round) {
      if (this.#size * 2 >= this.#keys.length) {
        this.#grow()
        slot = this.#slotOf(key)
      }
      this.#rounds[slot] = this.#round
      this.#keys[slot] = key
      this.#size += 1
    }
    this.#ranks[slot] = rank
  }

  clear(): void {
    this.#size = 0
    if (this.#round === ROUNDS_MAX) {
      this.#rounds.fill(0)
      this.#round = 0
    }
    this.#round += 1
  }

  /** The slot of the key, or the free one where it belongs. */
  #slotOf(key: number): number {
    const keys = this.#keys
    const rounds = this.#rounds
    const mask = this.#mask
    let slot = (Math.imul(key | 0, SPREAD) >>> 8) & mask
    while (rounds[slot] === this.#round && keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const [keys, ranks, rounds, round] = [this.#keys, this.#ranks, this.#rounds, this.#round]
    const slots = keys.length * 2
    this.#keys = new Float64Array(slots)
    this.#ranks = new Int16Array(slots)
    this.#rounds = new Uint32Array(slots)
    this.#mask = slots - 1
    for (let old = 0; old < keys.length; old++) {
      if (rounds[old] !== round) continue
      const slot = this.#slotOf(keys[old]!)
      this.#rounds[slot] = round
      this.#keys[slot] = keys[old]!
      this.#ranks[slot] = ranks[old]!
    }
  }
}
