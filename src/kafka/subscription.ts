/**
 * Which topics a consumer wants, and what the cluster says about them: keeps metadata fresh in the
 * background and tells when the set of topics, their partitions or their leaders changed.
 * Owned by a consumer session. A list names topics; a pattern matches whole names, again at every
 * refresh, so that new topics are picked up.
 * Invariant: one refresh at a time, at least a back-off apart; a failed one keeps the old view.
 */
import { type Clock, systemClock } from '../base/clock.ts'
import type { ScamanderError } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import { toKafkaError } from './classify.ts'
import type { Cluster, ClusterView, TopicView } from './cluster.ts'

/** Topics by name, or every topic whose whole name matches. */
export type TopicSelection = { readonly topics: readonly string[] } | { readonly pattern: RegExp }

export interface SubscriptionEvents {
  /** Leaders may have moved. */
  refreshed(view: ClusterView): void
  /** The topics that we subscribe changed. */
  topicsChanged(): void
  failed(error: ScamanderError): void
  reached(): void
  unreached(error: ScamanderError): void
}

/** A subscribed topic that is missing is looked for this often. */
const MISSING_RETRY_MS = 2_000

export class Subscription {
  readonly #cluster: Cluster
  readonly #selection: TopicSelection
  readonly #autoCreate: boolean
  readonly #events: SubscriptionEvents
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #view: ClusterView | undefined
  #topics: readonly string[] = []
  #wanted = Promise.withResolvers<void>()
  #running: Promise<void> | undefined

  constructor(
    cluster: Cluster,
    selection: TopicSelection,
    parts: { autoCreate: boolean; events: SubscriptionEvents; logger: Logger; clock?: Clock },
  ) {
    this.#cluster = cluster
    this.#selection = selection
    this.#autoCreate = parts.autoCreate
    this.#events = parts.events
    this.#logger = parts.logger
    this.#clock = parts.clock ?? systemClock
  }

  /** Topics to subscribe: all named ones, also if missing; the existing ones that match. */
  get topics(): readonly string[] {
    return this.#topics
  }

  topic(name: string): TopicView | undefined {
    return this.#view?.topics.get(name)
  }

  /** First look at the cluster; retried until the time for one call is over. */
  async open(): Promise<void> {
    const view = await this.#cluster.retry('read metadata', async () => {
      await this.#warnBeforeCreation()
      return await this.#fetch()
    })
    this.#accept(view)
    this.#running = this.#run().catch(error => {
      this.#events.failed(toKafkaError(error, 'watch topics'))
    })
  }

  /** Looks again soon. */
  refresh(): void {
    this.#wanted.resolve()
  }

  /** Resolves when the background work ended, which it does once the cluster is closed. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#wanted.resolve()
    await this.#running
  }

  async #run(): Promise<void> {
    const backoff = this.#cluster.newBackoff()
    while (!this.#closing.signal.aborted) {
      await this.#waitForNeed()
      this.#wanted = Promise.withResolvers<void>()
      if (this.#closing.signal.aborted) return
      try {
        this.#accept(await this.#fetch())
        this.#events.reached()
        if (this.#hasMissing()) this.#warnMissing()
        else backoff.reset()
      } catch (error) {
        const failure = toKafkaError(error, 'read metadata')
        if (this.#closing.signal.aborted) return
        if (failure.kind !== 'disconnected' && failure.kind !== 'retriable') {
          this.#events.failed(failure)
          return
        }
        this.#events.unreached(failure)
        this.#wanted.resolve()
      }
      await this.#clock.sleep(backoff.next(), this.#closing.signal)
    }
  }

  async #waitForNeed(): Promise<void> {
    const { metadataAgeMsMax } = this.#cluster.settings
    const age = new AbortController()
    const limitMs = this.#hasMissing()
      ? Math.min(MISSING_RETRY_MS, metadataAgeMsMax)
      : metadataAgeMsMax
    await Promise.race([this.#wanted.promise, this.#clock.sleep(limitMs, age.signal)])
    age.abort()
  }

  /** Brokers may create a topic that is asked for: a wrong name would go unnoticed. */
  async #warnBeforeCreation(): Promise<void> {
    const { topics } = this.#selection as { topics?: readonly string[] }
    if (topics === undefined) return
    const { topics: found } = await this.#cluster.fetchView(topics)
    const missing = topics.filter(name => !found.has(name))
    if (missing.length === 0) return
    const may = this.#autoCreate ? ', unless the brokers create it now' : ''
    this.#logger.warnLimited(
      `missing ${missing[0]}`,
      `topic ${missing.join(', ')} does not exist yet: create it${may}, or correct the name`,
    )
  }

  async #fetch(): Promise<ClusterView> {
    const { topics } = this.#selection as { topics?: readonly string[] }
    return await this.#cluster.fetchView(topics ?? null, this.#autoCreate && topics !== undefined)
  }

  #accept(view: ClusterView): void {
    const isFirst = this.#view === undefined
    const before = this.#topics
    this.#view = view
    this.#topics = this.#select(view)
    this.#events.refreshed(view)
    const isSame =
      before.length === this.#topics.length && before.every((t, i) => t === this.#topics[i])
    if (!isSame && !isFirst) this.#events.topicsChanged()
  }

  #select(view: ClusterView): readonly string[] {
    if ('topics' in this.#selection) return [...new Set(this.#selection.topics)].sort()
    const { pattern } = this.#selection
    const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''))
    const names = [...view.topics.values()].filter(topic => !topic.isInternal).map(t => t.name)
    return names.filter(name => whole.test(name)).sort()
  }

  /** A named topic that does not exist, or a partition without a leader. */
  #hasMissing(): boolean {
    return this.#topics.some(name => {
      const topic = this.#view?.topics.get(name)
      return topic === undefined || topic.partitions.some(partition => partition.leader < 0)
    })
  }

  #warnMissing(): void {
    const missing = this.#topics.filter(name => !this.#view?.topics.has(name))
    if (missing.length === 0) return
    this.#logger.warnLimited(
      `missing ${missing[0]}`,
      `topic ${missing.join(', ')} does not exist yet: create it, or correct the name`,
    )
  }
}
