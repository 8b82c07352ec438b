/**
 * Where a source task's records go: topics are created where the connector has rules for it, then
 * the producer takes the records. Tells which topics are used.
 * Made by source-task-parts.ts. Invariant: calls reach the producer in their order, also when a
 * topic must be created first.
 * Spec: connect-rest 9, 13.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { type RecordProducer, toKafkaError } from '../kafka/index.ts'
import type { OutgoingRecord, RecordWriter, WriteFailure } from '../pipeline/index.ts'
import { CONNECT_ERRORS } from './errors.ts'
import type { TaskHooks } from './task-hooks.ts'
import type { TopicCreator } from './topic-creator.ts'

type Written = { readonly failures: readonly WriteFailure[] }

export class ProducingWriter implements RecordWriter {
  readonly #producer: RecordProducer
  readonly #creator: TopicCreator | undefined
  readonly #hooks: TaskHooks | undefined
  #lastReady: Promise<unknown> = Promise.resolve()

  constructor(
    producer: RecordProducer,
    creator: TopicCreator | undefined,
    hooks: TaskHooks | undefined,
  ) {
    this.#producer = producer
    this.#creator = creator
    this.#hooks = hooks
  }

  /** To open a transactional id fences who has it: whoever may have lost the work leaves it alone. */
  async open(): Promise<void> {
    this.#assertOurs()
    await this.#producer.open()
    this.#assertOurs()
  }

  async write(records: readonly OutgoingRecord[]): Promise<Written> {
    const topics = new Set<string>()
    let last = ''
    for (const { topic } of records) {
      if (topic === last) continue
      last = topic
      topics.add(topic)
    }
    for (const topic of topics) this.#hooks?.usesTopic(topic)
    const ready = this.#lastReady.then(() => this.#ensure(topics))
    // A topic that cannot be created is the failure of this call; the next one tries again.
    this.#lastReady = ready.catch(() => undefined)
    await ready
    return await this.#producer.send(records)
  }

  async close(): Promise<void> {
    await this.#producer.close()
    await this.#creator?.close()
  }

  /** Gives up what is not acknowledged. */
  async cutOff(): Promise<void> {
    await this.#producer.close(0)
    await this.#creator?.close()
  }

  #assertOurs(): void {
    if (this.#hooks?.mayWrite?.() !== false) return
    const message = 'the membership of the worker is not certain: others may have the work'
    throw new ScamanderError(CONNECT_ERRORS.CUT_OFF, message)
  }

  async #ensure(topics: ReadonlySet<string>): Promise<void> {
    const creator = this.#creator
    if (creator === undefined) return
    for (const topic of topics) {
      if (creator.isKnown(topic)) continue
      try {
        await creator.ensure(topic)
      } catch (error) {
        throw toKafkaError(error, `create topic ${topic}`)
      }
    }
  }
}
