/**
 * The task that holds the work: it takes it when it opens, gives no record, and releases it when it
 * closes. Made by held-connector.ts for the runtime.
 * Invariants: the work is left before anything else when the task is stopped; a task that is not read
 * from is paused, and a paused task holds nothing; a task that is closed has released it.
 * Spec: connect-rest 4; docs/adr/0033-replication-in-a-worker-group.md.
 */
import { systemClock } from '../../base/clock.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { RecordSource, SourceBatch, SourceOpening } from '../../flow/index.ts'
import { HELD_ERRORS } from './errors.ts'
import type { HeldWork } from './held-work.ts'

const EMPTY: SourceBatch = { items: [], sizeBytes: 0 }
const TURN_MS = 500
/** Nothing was read for so long: the task is paused. */
const PAUSED_MS = 10_000

export class HeldSource implements RecordSource {
  readonly #work: HeldWork
  #watch: NodeJS.Timeout | undefined
  #readMs = 0
  #isHeld = false
  /** Under way, or done. */
  #layingDown: Promise<void> = Promise.resolve()

  constructor(work: HeldWork) {
    this.#work = work
  }

  async open(_opening: SourceOpening, signal: AbortSignal): Promise<void> {
    const leave = () => this.#work.leave()
    signal.addEventListener('abort', leave, { once: true })
    this.#isHeld = true
    await this.#work.take(signal)
    this.#readMs = performance.now()
    this.#watch = setInterval(() => {
      // A failure is told by `close`.
      if (performance.now() - this.#readMs > PAUSED_MS) this.#layDown().catch(() => undefined)
    }, TURN_MS)
  }

  async read(signal: AbortSignal): Promise<SourceBatch> {
    this.#readMs = performance.now()
    if (!this.#isHeld) {
      const message = 'the work of this task was laid down while it was paused'
      throw new ScamanderError(HELD_ERRORS.PAUSED, message)
    }
    this.#work.check()
    await systemClock.sleep(TURN_MS, signal)
    return EMPTY
  }

  async close(): Promise<void> {
    await this.#layDown()
  }

  #layDown(): Promise<void> {
    clearInterval(this.#watch)
    if (this.#isHeld) {
      this.#isHeld = false
      this.#work.leave()
      this.#layingDown = this.#work.release()
    }
    return this.#layingDown
  }
}
