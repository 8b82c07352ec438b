/**
 * Creates the topics of a source connector before their first record, by the connector's rules.
 * Put before the producer of a source task. A topic that exists stays as it is; without rules the
 * broker creates it, or does not, as its settings say.
 * Invariants: one look per topic and run; records wait until their topics are there.
 * Spec: connect-rest 8 (topic.creation.enable), 9, 13.
 */
import { type KafkaClientSettings, TopicAdmin } from '../kafka/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { groupOf, type TopicGroup } from './topic-creation-rules.ts'

export class TopicCreator {
  readonly #settings: KafkaClientSettings
  readonly #groups: readonly TopicGroup[]
  readonly #logger: Logger
  readonly #known = new Map<string, Promise<void>>()
  #admin: TopicAdmin | undefined

  constructor(settings: KafkaClientSettings, groups: readonly TopicGroup[], logger: Logger) {
    this.#settings = settings
    this.#groups = groups
    this.#logger = logger
  }

  isKnown(topic: string): boolean {
    return this.#known.has(topic)
  }

  /** Resolves when the topic is there; rejects when it could not be looked up or created. */
  ensure(topic: string): Promise<void> {
    let ensured = this.#known.get(topic)
    if (ensured === undefined) {
      ensured = this.#create(topic)
      this.#known.set(topic, ensured)
      ensured.catch(() => this.#known.delete(topic))
    }
    return ensured
  }

  async close(): Promise<void> {
    await this.#admin?.close()
  }

  async #create(topic: string): Promise<void> {
    const group = groupOf(topic, this.#groups)
    if (group === undefined) return
    this.#admin ??= new TopicAdmin(this.#settings.connection)
    if ((await this.#admin.describeTopic(topic)) !== undefined) return
    const { partitions, replicationFactor, configs, name } = group
    const isNew = await this.#admin.createTopic({
      name: topic,
      partitions,
      replicationFactor,
      configs,
    })
    if (isNew) this.#logger.info('topic created', { topic, group: name })
  }
}
