/**
 * The stream ids of one cluster link: which are free, and which request each of the others is for.
 * Called by the link for every request and answer.
 * Invariant: an id is given out again only after its answer came; ids stay below `max`.
 * Spec: live-migration 2.11.
 */
export class StreamTable<T> {
  readonly #slots: (T | undefined)[] = []
  readonly #free: number[] = []
  readonly #max: number
  #used = 0

  constructor(max: number) {
    this.#max = max
  }

  get used(): number {
    return this.#used
  }

  get isFull(): boolean {
    return this.#used >= this.#max
  }

  /** A free id for the request; -1 when there is none. */
  take(request: T): number {
    if (this.#used >= this.#max) return -1
    const stream = this.#free.pop() ?? this.#slots.length
    this.#slots[stream] = request
    this.#used += 1
    return stream
  }

  /** Ends the use of an id; undefined when it was not in use. */
  release(stream: number): T | undefined {
    const request = this.#slots[stream]
    if (request === undefined) return undefined
    this.#slots[stream] = undefined
    this.#free.push(stream)
    this.#used -= 1
    return request
  }

  /** Every request still waiting, oldest ids first; the table is empty afterwards. */
  drain(): T[] {
    const waiting = this.#slots.filter(slot => slot !== undefined) as T[]
    this.#slots.length = 0
    this.#free.length = 0
    this.#used = 0
    return waiting
  }
}
