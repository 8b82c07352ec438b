/**
 * A connector's own topic of positions, with the clients that look at it, read it and write it.
 * Made by own-topic-offsets.ts for each opening.
 * Invariants: nothing is written before the topic was read to its end, so that every key keeps the
 * spelling of its first writer; `close` ends at once what `open` waits for.
 * Spec: connect-rest 9, 17 (offsets).
 */
import type { ConfigSource } from '../../config/index.ts'
import {
  type KafkaClientSettings,
  type ProducerRecord,
  RecordProducer,
  TopicAdmin,
  TopicFollower,
  type TopicFollowerOptions,
} from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { ensureOffsetsTopic, type OffsetsTopicAdmin } from '../distributed/internal-topics.ts'
import { KafkaOffsetStore } from '../distributed/kafka-offset-store.ts'

export interface OwnTopicParts {
  readonly topic: string
  /** Of the cluster that the records go to. */
  readonly client: KafkaClientSettings
  /** The worker's properties: how its topics of positions are created. */
  readonly worker: ConfigSource
  readonly logger: Logger
  /** @default those of Kafka */
  readonly clients?: OwnTopicClients
}

export interface OwnTopicClients {
  admin(): OffsetsTopicAdmin & Pick<TopicAdmin, 'close'>
  follower(options: TopicFollowerOptions): Pick<TopicFollower, 'open' | 'readToEnd' | 'close'>
  producer(): Pick<RecordProducer, 'send' | 'close'>
}

const READ_TIMEOUT_MS = 30_000

export class OwnTopic {
  readonly store: KafkaOffsetStore
  readonly #parts: OwnTopicParts
  readonly #admin: ReturnType<OwnTopicClients['admin']>
  readonly #follower: ReturnType<OwnTopicClients['follower']>
  readonly #producer: ReturnType<OwnTopicClients['producer']>

  constructor(parts: OwnTopicParts) {
    const { topic, client, logger, clients = kafkaClients(parts) } = parts
    this.#parts = parts
    this.#admin = clients.admin()
    this.#producer = clients.producer()
    this.#follower = clients.follower({
      settings: client,
      topics: [topic],
      logger,
      onMessage: message => {
        const key = message.key()
        if (key !== null) this.store.applyRecord(key, message.value())
      },
      onFailure: error => logger.warn(`${topic} is read anew: ${error.message}`),
    })
    this.store = new KafkaOffsetStore({
      name: topic,
      readToEnd: () => this.#readToEnd(),
      send: records => this.#send(records),
    })
  }

  /** Once. Who called it closes the topic, also when this rejects. */
  async open(): Promise<void> {
    const { topic, worker, logger } = this.#parts
    await ensureOffsetsTopic(this.#admin, { name: topic, source: worker }, logger)
    await this.#admin.close()
    await this.#follower.open()
    await this.#readToEnd()
  }

  /** With 0 what is not acknowledged is given up. */
  async close(timeoutMs: number): Promise<void> {
    // All of them at once: one that takes long to end must not keep the others going.
    await Promise.all([
      this.#producer.close(timeoutMs),
      this.#follower.close(),
      this.#admin.close(),
    ])
  }

  /** Transactions that are open are waited for: one of them may be about to commit. */
  async #readToEnd(): Promise<void> {
    await this.#follower.readToEnd(this.#parts.topic, READ_TIMEOUT_MS, false)
  }

  async #send(records: readonly ProducerRecord[]): Promise<void> {
    const { failures } = await this.#producer.send(records)
    if (failures[0] !== undefined) throw failures[0].error
  }
}

function kafkaClients({ client, logger }: OwnTopicParts): OwnTopicClients {
  return {
    admin: () => new TopicAdmin(client.connection),
    follower: options => new TopicFollower(options),
    producer: () => new RecordProducer({ settings: client, logger }),
  }
}
