/**
 * Connections for questions on the schema, kept for a few seconds so that a series of checks (many
 * connectors created at once, a form that is filled in) opens one per cluster and login.
 * One per worker. Used by the checks of connector configurations.
 * Invariants: at most `LINKS_MAX` connections are kept; an answer takes `ANSWER_MS_MAX` at the most;
 * who cannot be reached or does not answer is not asked again for a while; secrets are kept as a digest only.
 * Spec: ADR 0022.
 */
import { createHash } from 'node:crypto'
import { ScamanderError } from '../../base/scamander-error.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { CassandraConnectionSettings } from '../settings.ts'
import { SchemaLink } from './schema-link.ts'

export const ANSWER_MS_MAX = 4_000
const IDLE_MS = 5_000
const UNREACHABLE_MS = 5_000
const LINKS_MAX = 16
const UNREACHABLE_MAX = 64

interface Shared {
  readonly opening: Promise<SchemaLink>
  /** Once it is open. */
  link: SchemaLink | undefined
  users: number
  idle: NodeJS.Timeout | undefined
}

interface Unreachable {
  readonly error: unknown
  readonly untilMs: number
}

export class SchemaLinks {
  readonly #shared = new Map<string, Shared>()
  readonly #unreachable = new Map<string, Unreachable>()
  readonly #openLink: (settings: CassandraConnectionSettings) => Promise<SchemaLink>
  #isClosed = false

  /** `openLink` connects. @default a connection of the product's own protocol */
  constructor(openLink = (settings: CassandraConnectionSettings) => SchemaLink.open(settings)) {
    this.#openLink = openLink
  }

  /** Rejects when the cluster does not answer in time; what `work` throws is thrown as it is. */
  async ask<T>(
    settings: CassandraConnectionSettings,
    work: (link: SchemaLink) => Promise<T>,
  ): Promise<T> {
    const key = digestOf(settings)
    const known = this.#unreachable.get(key)
    if (known !== undefined && known.untilMs > performance.now()) throw known.error
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const error = tooLate()
      this.#remember(key, error)
      late.reject(error)
    }, ANSWER_MS_MAX)
    const shared = this.#acquire(key, settings)
    const answer = this.#answer(key, shared, work).finally(() => this.#release(key, shared))
    try {
      return await Promise.race([answer, late.promise])
    } finally {
      clearTimeout(timer)
      answer.catch(() => undefined)
    }
  }

  close(): void {
    this.#isClosed = true
    for (const [key, shared] of this.#shared) this.#drop(key, shared)
    this.#unreachable.clear()
  }

  async #answer<T>(
    key: string,
    shared: Shared,
    work: (link: SchemaLink) => Promise<T>,
  ): Promise<T> {
    let link: SchemaLink
    try {
      link = await shared.opening
    } catch (error) {
      this.#remember(key, error)
      throw error
    }
    return await work(link)
  }

  #acquire(key: string, settings: CassandraConnectionSettings): Shared {
    if (this.#isClosed) throw new ScamanderError(CASSANDRA_ERRORS.CANCELLED, 'the worker is closed')
    const present = this.#shared.get(key)
    if (present?.link?.isClosed === true) this.#drop(key, present)
    const shared = this.#shared.get(key) ?? this.#open(key, settings)
    clearTimeout(shared.idle)
    shared.users += 1
    return shared
  }

  #open(key: string, settings: CassandraConnectionSettings): Shared {
    const opening = this.#openLink(settings)
    const shared: Shared = { opening, link: undefined, users: 0, idle: undefined }
    this.#shared.set(key, shared)
    opening.then(
      link => {
        shared.link = link
      },
      () => this.#drop(key, shared),
    )
    return shared
  }

  #release(key: string, shared: Shared): void {
    shared.users -= 1
    if (shared.users > 0) return
    void shared.opening.then(
      link => {
        if (shared.users > 0) return
        const isKept = this.#shared.get(key) === shared && this.#shared.size <= LINKS_MAX
        if (!isKept || link.isClosed || this.#isClosed) this.#drop(key, shared)
        else shared.idle = setTimeout(() => this.#drop(key, shared), IDLE_MS).unref()
      },
      () => undefined,
    )
  }

  #drop(key: string, shared: Shared): void {
    clearTimeout(shared.idle)
    if (this.#shared.get(key) === shared) this.#shared.delete(key)
    void shared.opening.then(
      link => link.close(),
      () => undefined,
    )
  }

  #remember(key: string, error: unknown): void {
    if (this.#unreachable.size >= UNREACHABLE_MAX) this.#unreachable.clear()
    this.#unreachable.set(key, { error, untilMs: performance.now() + UNREACHABLE_MS })
  }
}

function tooLate(): ScamanderError {
  const message = `the cluster did not answer within ${ANSWER_MS_MAX} ms`
  return new ScamanderError(CASSANDRA_ERRORS.REQUEST_TIMEOUT, message)
}

/** Whatever makes two connections differ in what they may see. */
function digestOf(settings: CassandraConnectionSettings): string {
  const { contactPoints, credentials, tls, cloud, keyspace, compression, protocolVersionMax } =
    settings
  const parts = [contactPoints, credentials, tls, cloud, keyspace, compression, protocolVersionMax]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
