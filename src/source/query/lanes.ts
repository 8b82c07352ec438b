/**
 * Several readers side by side in one task: each gets its next batch ready by itself, and whoever
 * has one first is taken. The readers of a KCQL source are its tables, those of a token-range
 * source the ranges read at once.
 * Invariants: one batch per lane is prepared ahead, no more; a lane's batches keep their order; an
 * error of a lane is thrown once, by the next `read`.
 */
import type { Clock } from '../../base/clock.ts'
import type { SourceBatch } from '../../flow/index.ts'

/** A batch, or what makes it when it is its turn: rows that wait take less memory undecoded. */
export type PreparedBatch = SourceBatch | (() => SourceBatch)

/** Prepares batches one after the other; undefined: there will never be more. */
export interface Lane {
  /** Ends early when the signal aborts; what it gives then is not used. */
  next(signal: AbortSignal): Promise<PreparedBatch | undefined>
}

interface LaneState {
  readonly lane: Lane
  /** A batch that is ready, or why there is none. */
  ready: { readonly batch: PreparedBatch | undefined } | { readonly error: unknown } | undefined
  isEnded: boolean
}

const EMPTY: SourceBatch = { items: [], sizeBytes: 0 }
/** `read` answers at least so often. */
const WAIT_MS = 500

export class Lanes {
  readonly #states: readonly LaneState[]
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #turn = 0
  #wake: (() => void) | undefined

  constructor(lanes: readonly Lane[], clock: Clock) {
    this.#states = lanes.map(lane => ({ lane, ready: undefined, isEnded: false }))
    this.#clock = clock
  }

  /** Every lane begins with its first batch. */
  start(): void {
    for (const state of this.#states) this.#prepare(state)
  }

  async read(signal: AbortSignal): Promise<SourceBatch | undefined> {
    const ready = this.#take()
    if (ready !== undefined) return ready
    if (this.#states.every(state => state.isEnded)) return undefined
    await this.#wait(signal)
    return this.#take() ?? EMPTY
  }

  close(): void {
    this.#closing.abort()
  }

  /** The lanes in turn, so that a busy one does not hold up the others. */
  #take(): SourceBatch | undefined {
    const states = this.#states
    for (let i = 0; i < states.length; i++) {
      const state = states[(this.#turn + i) % states.length]!
      const { ready } = state
      if (ready === undefined) continue
      state.ready = undefined
      if ('error' in ready) throw ready.error
      if (ready.batch === undefined) {
        state.isEnded = true
        continue
      }
      this.#turn = (this.#turn + i + 1) % states.length
      const batch = typeof ready.batch === 'function' ? ready.batch() : ready.batch
      this.#prepare(state)
      return batch
    }
    return undefined
  }

  #prepare(state: LaneState): void {
    const settle = (ready: NonNullable<LaneState['ready']>) => {
      state.ready = ready
      this.#wake?.()
    }
    state.lane.next(this.#closing.signal).then(
      batch => settle({ batch }),
      error => settle({ error }),
    )
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const woken = Promise.withResolvers<void>()
    this.#wake = woken.resolve
    const timer = new AbortController()
    const stop = () => woken.resolve()
    signal.addEventListener('abort', stop)
    await Promise.race([woken.promise, this.#clock.sleep(WAIT_MS, timer.signal)])
    signal.removeEventListener('abort', stop)
    timer.abort()
    this.#wake = undefined
  }
}
