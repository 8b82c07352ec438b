/**
 * Memory that a task thread shares with the main thread: a counter that the thread moves on while
 * its event loop turns, and the run whose code it is executing.
 * Written by the thread, read by its host. A thread that hangs cannot be asked anything; this says
 * that it hangs, and in which run.
 * Invariant: the run stands there exactly while its synchronous work is done, so two never overlap.
 */
const BEATS = 0
const RUN = 1
const CELLS = 2

/** None. */
export const NO_RUN = 0

export class Pulse {
  readonly memory: SharedArrayBuffer
  readonly #cells: Int32Array

  /** The other thread makes its own from the same memory. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(CELLS * 4)) {
    this.memory = memory
    this.#cells = new Int32Array(memory)
  }

  beat(): void {
    Atomics.add(this.#cells, BEATS, 1)
  }

  get beats(): number {
    return Atomics.load(this.#cells, BEATS)
  }

  /** The run that is executing, or `NO_RUN`. */
  get run(): number {
    return Atomics.load(this.#cells, RUN)
  }

  /** Called around every piece of work: a plain store, which the other side sees soon enough. */
  set run(run: number) {
    this.#cells[RUN] = run
  }
}
