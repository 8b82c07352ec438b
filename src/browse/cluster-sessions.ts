/**
 * Sessions to the clusters that people look into: opened by the first look, shared, closed when nobody
 * looked for a while. Used by everything of this room that asks Cassandra.
 * Invariants: at most SESSIONS_MAX clusters at once; a connection that was changed gets a new session;
 * a session that failed to open is forgotten at once.
 */
import { systemClock } from '../base/clock.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { type CassandraConnectionSettings, ReadSession } from '../cassandra/index.ts'
import type { ConsistencyName } from '../cql/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { BROWSE_ERRORS } from './errors.ts'

/** How a connection is reached, and what may be done with it. */
export interface BrowsedCluster {
  /** Another one whenever the connection was changed. */
  readonly version: string
  readonly settings: CassandraConnectionSettings
  readonly isReadOnly: boolean
  readonly consistency: ConsistencyName
}

interface Entry {
  readonly version: string
  readonly session: Promise<ReadSession>
  usedAtMs: number
  busy: number
}

const SESSIONS_MAX = 8
const IDLE_MS = 60_000
const WATCH_MS = 15_000
/** Somebody waits at the page. */
const OPEN_MS = 20_000

export class ClusterSessions {
  readonly #logger: Logger
  readonly #entries = new Map<string, Entry>()
  readonly #watch: NodeJS.Timeout
  readonly #closing = new AbortController()

  constructor(logger: Logger) {
    this.#logger = logger
    this.#watch = setInterval(() => this.#closeIdle(IDLE_MS), WATCH_MS)
    this.#watch.unref()
  }

  /** Runs `work` on the session of a connection; opened when it is not. */
  async use<T>(
    id: string,
    cluster: BrowsedCluster,
    work: (session: ReadSession) => Promise<T>,
  ): Promise<T> {
    const entry = this.#entry(id, cluster)
    entry.busy += 1
    try {
      return await work(await entry.session)
    } finally {
      entry.busy -= 1
      entry.usedAtMs = systemClock.monotonicMs()
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#watch)
    this.#closing.abort()
    const sessions = [...this.#entries.values()].map(one => one.session)
    this.#entries.clear()
    await Promise.all(sessions.map(closeOpened))
  }

  #entry(id: string, cluster: BrowsedCluster): Entry {
    const known = this.#entries.get(id)
    if (known?.version === cluster.version) return known
    if (known !== undefined) this.#forget(id, known)
    if (this.#entries.size >= SESSIONS_MAX) this.#closeIdle(0)
    if (this.#entries.size >= SESSIONS_MAX) {
      const message = `expected at most ${SESSIONS_MAX} clusters at once, found as many that are in use`
      throw new ScamanderError(BROWSE_ERRORS.BUSY, message)
    }
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(OPEN_MS)])
    const entry: Entry = {
      version: cluster.version,
      session: ReadSession.open(cluster.settings, { logger: this.#logger, signal }),
      usedAtMs: systemClock.monotonicMs(),
      busy: 0,
    }
    this.#entries.set(id, entry)
    entry.session.catch(() => {
      if (this.#entries.get(id) === entry) this.#entries.delete(id)
    })
    return entry
  }

  #closeIdle(idleMs: number): void {
    const nowMs = systemClock.monotonicMs()
    for (const [id, entry] of this.#entries) {
      if (entry.busy === 0 && nowMs - entry.usedAtMs >= idleMs) this.#forget(id, entry)
    }
  }

  #forget(id: string, entry: Entry): void {
    this.#entries.delete(id)
    void closeOpened(entry.session)
  }
}

async function closeOpened(session: Promise<ReadSession>): Promise<void> {
  const opened = await session.catch(() => undefined)
  await opened?.close()
}
