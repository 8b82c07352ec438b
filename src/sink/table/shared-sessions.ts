/**
 * One write session per connector and process: opened by its first task, closed with its last, so
 * that `maxConcurrentRequests` bounds the connector and not each task.
 * Invariant: every `acquire` that resolved is followed by one `release`.
 * Spec: cassandra-sink 6.6.
 */
import { isScamanderError } from '../../base/scamander-error.ts'
import type { WriteSession } from '../../cassandra/index.ts'

interface Shared {
  readonly session: Promise<WriteSession>
  users: number
}

export class SharedSessions {
  readonly #byConnector = new Map<string, Shared>()

  /** `signal` is the caller's: another task's end of opening does not end this one's. */
  async acquire(
    connector: string,
    open: () => Promise<WriteSession>,
    signal: AbortSignal,
  ): Promise<WriteSession> {
    let shared = this.#byConnector.get(connector)
    if (shared === undefined) {
      shared = { session: open(), users: 0 }
      this.#byConnector.set(connector, shared)
    }
    shared.users += 1
    try {
      return await shared.session
    } catch (error) {
      if (this.#byConnector.get(connector) === shared) this.#byConnector.delete(connector)
      if (!isScamanderError(error, 'cancelled') || signal.aborted) throw error
      return await this.acquire(connector, open, signal)
    }
  }

  async release(connector: string): Promise<void> {
    const shared = this.#byConnector.get(connector)
    if (shared === undefined || !this.#leave(connector, shared)) return
    const session = await shared.session
    await session.close()
  }

  /** True when nobody uses it any more. */
  #leave(connector: string, shared: Shared): boolean {
    shared.users -= 1
    if (shared.users > 0) return false
    if (this.#byConnector.get(connector) === shared) this.#byConnector.delete(connector)
    return true
  }
}
