/**
 * Work that is done one piece at a time for several jobs, which take turns.
 * Used by the client for its requests.
 * Invariant: whoever waits waits for the work that is under way and for one piece of each other job at
 * most, however much they have.
 * Spec: backlog-replication 1.4.
 */
type Turn = () => Promise<void>

export class Turns {
  /** In the order of their next turn; the first is under way. */
  readonly #jobs = new Map<string, Turn[]>()
  #isBusy = false

  take<T>(job: string, work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const turn = () => work().then(resolve, reject)
    const waiting = this.#jobs.get(job)
    if (waiting === undefined) this.#jobs.set(job, [turn])
    else waiting.push(turn)
    if (!this.#isBusy) void this.#all()
    return promise
  }

  async #all(): Promise<void> {
    this.#isBusy = true
    for (;;) {
      const [first] = this.#jobs
      if (first === undefined) break
      const [job, waiting] = first
      await waiting.shift()!()
      // Behind those who came meanwhile.
      this.#jobs.delete(job)
      if (waiting.length > 0) this.#jobs.set(job, waiting)
    }
    this.#isBusy = false
  }
}
