/**
 * Renewals of sign-ins to Backlog, one at a time for each connection: in this process, and among all
 * processes that have one product database. Part of the connection desk.
 * Invariants: the work is done while nobody else does it; whoever waits too long, because a process hangs,
 * fails as a network does and may try again.
 * Spec: backlog-replication 1.2.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../telemetry/index.ts'
import { JobLeases } from './job-leases.ts'
import type { Store } from './store.ts'

/** Longer than a renewal may take, and than the lease of a process that is gone. */
const WAIT_MAX_MS = 150_000
const POLL_MS = 100

export class SignInRenewals {
  readonly #leases: JobLeases
  /** By connection: ends when all renewals of this process did. */
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(store: Store, logger: Logger) {
    this.#leases = new JobLeases({ store, logger, onLost: () => undefined, kind: 'renewal' })
  }

  async one<T>(connection: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(connection) ?? Promise.resolve()
    const turn = before.then(() => this.#leased(connection, signal, work))
    const ended = turn.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(connection, ended)
    try {
      return await turn
    } finally {
      if (this.#last.get(connection) === ended) this.#last.delete(connection)
    }
  }

  async #leased<T>(connection: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const untilMs = Date.now() + WAIT_MAX_MS
    while (!this.#leases.take(connection)) {
      if (signal.aborted || Date.now() > untilMs)
        throw new TypeError('another process renews the sign-in and does not come to an end')
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
    }
    try {
      return await work()
    } finally {
      this.#leases.release(connection)
    }
  }
}
