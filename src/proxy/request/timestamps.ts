/**
 * Write timestamps for statements that came without one. One generator per thread; threads of one proxy
 * share the last value, so that a write which follows another one on any thread is younger.
 * Invariant: strictly increasing microseconds, never behind the wall clock.
 * Spec: live-migration 2.6.
 */
export class TimestampGenerator {
  readonly #nowMs: () => number
  readonly #shared: BigInt64Array | undefined
  #last = 0

  /** `shared`: eight bytes, the same for all threads. */
  constructor(nowMs: () => number = Date.now, shared?: SharedArrayBuffer) {
    this.#nowMs = nowMs
    this.#shared = shared === undefined ? undefined : new BigInt64Array(shared)
  }

  /** Microseconds since the epoch; a safe integer until the year 2255. */
  next(): number {
    if (this.#shared !== undefined) return nextShared(this.#shared, this.#nowMs())
    this.#last = Math.max(this.#last + 1, this.#nowMs() * 1000)
    return this.#last
  }
}

/** Bytes of a value that threads share. */
export const SHARED_TIME_BYTES = 8

function nextShared(shared: BigInt64Array, nowMs: number): number {
  const wall = BigInt(nowMs) * 1000n
  for (;;) {
    const last = Atomics.load(shared, 0)
    const next = last >= wall ? last + 1n : wall
    if (Atomics.compareExchange(shared, 0, last, next) === last) return Number(next)
  }
}
