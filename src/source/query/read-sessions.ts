/**
 * One read session per connector and process, shared by its tasks and by the planning of its work:
 * opened by the first who needs it, closed with the last.
 * Invariant: every `acquire` that resolved is followed by one `release`.
 */
import {
  type CassandraConnectionSettings,
  ReadSession,
  type ReadSessionOptions,
} from '../../cassandra/index.ts'

export class ReadSessions {
  readonly #settings: () => Promise<CassandraConnectionSettings>
  #session: Promise<ReadSession> | undefined
  #users = 0
  #wasOpen = false

  /** `settings` is asked at every opening: files may have changed. */
  constructor(settings: () => Promise<CassandraConnectionSettings>) {
    this.#settings = settings
  }

  async acquire(options: ReadSessionOptions): Promise<ReadSession> {
    this.#users += 1
    // Not the caller's signal: the session may be another task's as well.
    this.#session ??= this.#open(options)
    const opening = this.#session
    try {
      return await opening
    } catch (error) {
      this.#users -= 1
      if (this.#session === opening) this.#session = undefined
      throw error
    }
  }

  async release(): Promise<void> {
    this.#users -= 1
    if (this.#users > 0) return
    const session = this.#session
    this.#session = undefined
    await (await session)?.close()
  }

  /** For something short. */
  async use<T>(
    options: ReadSessionOptions,
    work: (session: ReadSession) => Promise<T>,
  ): Promise<T> {
    const session = await this.acquire(options)
    try {
      return await work(session)
    } finally {
      await this.release()
    }
  }

  async #open({ logger }: ReadSessionOptions): Promise<ReadSession> {
    const signal = new AbortController().signal
    const options = { logger, signal, isStart: !this.#wasOpen }
    const session = await ReadSession.open(await this.#settings(), options)
    this.#wasOpen = true
    return session
  }
}
