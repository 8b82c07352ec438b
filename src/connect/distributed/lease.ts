/**
 * The time until which this worker may run what it was given, shared between the membership's
 * thread, which moves it on with every answer of the coordinator, and the main thread, which reads
 * it before and while work runs. A stalled or frozen process finds it expired when it wakes.
 * Invariants: it ends before the session does, counted from when the heartbeat was sent; a frozen
 * process moves nothing on; `revoke` ends it at once.
 * Spec: connect-rest 18.3 (8).
 */
const EXPIRES = 0
const NEVER = 0n
const NS_PER_MS = 1_000_000n

export class Lease {
  readonly memory: SharedArrayBuffer
  readonly #cells: BigInt64Array

  /** The other thread makes its own from the same memory. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory
    this.#cells = new BigInt64Array(memory)
  }

  /** Lasts `ms` from `sinceNs` on, a time of `process.hrtime.bigint()`. */
  extend(sinceNs: bigint, ms: number): void {
    Atomics.store(this.#cells, EXPIRES, sinceNs + BigInt(Math.floor(ms)) * NS_PER_MS)
  }

  revoke(): void {
    Atomics.store(this.#cells, EXPIRES, NEVER)
  }

  isValid(nowNs = process.hrtime.bigint()): boolean {
    return nowNs < Atomics.load(this.#cells, EXPIRES)
  }

  /** Time left, at least 0. */
  leftMs(nowNs = process.hrtime.bigint()): number {
    const left = Atomics.load(this.#cells, EXPIRES) - nowNs
    return left > 0n ? Number(left / NS_PER_MS) : 0
  }
}
