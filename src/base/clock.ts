/**
 * Time as a parameter: everything that waits or measures takes a `Clock`, so unit tests never sleep.
 * `systemClock` is the only implementation used in the product.
 * Invariant: `sleep` rejects with nothing; an aborted sleep simply ends early.
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number
  /** Monotonic milliseconds, fractional. */
  monotonicMs(): number
  /** Resolves after `ms`, or earlier when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise(resolve => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    }),
}
