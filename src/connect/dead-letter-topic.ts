/**
 * The dead-letter topic of a task: created when missing, and written through a producer of its own.
 * Built by sink-task-parts.ts when a connector names such a topic.
 * Invariant: `write` resolves only when the brokers have every record; else nothing is committed
 * past them.
 * Spec: connect-rest 10, 14.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { NO_TIMESTAMP } from '../flow/index.ts'
import type { KafkaClientSettings } from '../kafka/index.ts'
import { type ProducerRecord, type RecordProducer, TopicAdmin } from '../kafka/index.ts'
import type { DeadLetter, DeadLetterWriter } from '../pipeline/index.ts'
import { CONNECT_ERRORS } from './errors.ts'

/** Numbers for metrics, kept by the task over its runs. */
export interface DeadLetterCounters {
  requests: number
  failures: number
}

export class KafkaDeadLetters implements DeadLetterWriter {
  readonly #producer: RecordProducer
  readonly #topic: string
  readonly #counters: DeadLetterCounters

  constructor(producer: RecordProducer, topic: string, counters: DeadLetterCounters) {
    this.#producer = producer
    this.#topic = topic
    this.#counters = counters
  }

  async write(letters: readonly DeadLetter[]): Promise<void> {
    this.#counters.requests += letters.length
    const { failures } = await this.#producer.send(letters.map(one => this.#toRecord(one)))
    this.#counters.failures += failures.length
    const passes = new Set(['retriable', 'disconnected', 'cancelled'])
    const refused = failures.find(one => !passes.has(one.error.kind))
    if (refused !== undefined) {
      const message = `the dead-letter topic ${this.#topic} refuses a record: ${refused.error.message}`
      throw new ScamanderError(CONNECT_ERRORS.DEAD_LETTER_REFUSED, message, {
        cause: refused.error,
      })
    }
    if (failures[0] !== undefined) throw failures[0].error
  }

  async close(): Promise<void> {
    await this.#producer.close()
  }

  #toRecord({ key, value, headers, timestampMs }: DeadLetter): ProducerRecord {
    const timestamp = timestampMs === NO_TIMESTAMP ? {} : { timestampMs }
    return { topic: this.#topic, key, value, headers, ...timestamp }
  }
}

/** One partition, as Connect creates it; an existing topic stays as it is. */
export async function ensureDeadLetterTopic(
  settings: KafkaClientSettings,
  topic: { readonly name: string; readonly replicationFactor: number },
): Promise<void> {
  const admin = new TopicAdmin(settings.connection)
  try {
    const existing = await admin.describeTopic(topic.name)
    if (existing === undefined) await admin.createTopic({ ...topic, partitions: 1 })
  } finally {
    await admin.close()
  }
}
