/**
 * Reads a dead-letter topic from where its group is to the end that it had at the start.
 * Used by `dlq show` and by the replay to topics; one reader is one walk.
 * Invariants: only what `commit` was called for is passed; letters that arrive meanwhile are left.
 * Spec: connect-rest 14.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { AssignmentListener, RawMessage, TopicPosition } from '../../flow/index.ts'
import { type KafkaClientSettings, TopicAdmin, TopicConsumer } from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { LetterEnd } from './letter-end.ts'

export interface LetterReaderOptions {
  /** Of a consumer, its group included. */
  readonly settings: KafkaClientSettings
  readonly topic: string
  /** From the first letter, whatever the group has committed. */
  readonly fromStart: boolean
  readonly logger: Logger
}

export class LetterReader {
  readonly #options: LetterReaderOptions
  readonly #consumer: TopicConsumer
  #end = new LetterEnd([])

  constructor(options: LetterReaderOptions) {
    const { settings, topic, logger } = options
    this.#options = options
    this.#consumer = new TopicConsumer({ settings, selection: { topics: [topic] }, logger })
  }

  async open(signal: AbortSignal): Promise<void> {
    const { settings, topic, fromStart } = this.#options
    const ranges = await fetchRanges(settings, topic)
    if (fromStart) await forgetGroup(settings)
    const end = new LetterEnd(ranges)
    this.#end = end
    const listener: AssignmentListener = {
      assigned: positions => end.assigned(positions),
      revoked: async partitions => end.revoked(partitions),
    }
    await this.#consumer.open(listener, signal)
  }

  /** Undefined: the end is reached. May be empty. */
  async read(signal: AbortSignal): Promise<readonly RawMessage[] | undefined> {
    if (this.#end.isRead || signal.aborted) return undefined
    const { items } = await this.#consumer.read(signal)
    const taken = items.filter(one => this.#end.take(one))
    if (items.length === 0) this.#end.moved(this.#consumer.lags())
    return taken
  }

  /** Everything up to these messages is done. */
  async commit(messages: readonly RawMessage[]): Promise<void> {
    const byPartition = new Map<number, TopicPosition>()
    for (const { topic, partition, offset } of messages) {
      byPartition.set(partition, { topic, partition, offset: offset + 1 })
    }
    await this.#consumer.commit([...byPartition.values()])
  }

  async close(): Promise<void> {
    await this.#consumer.close()
  }
}

/** First and next offset of every partition; refused when there is no such topic. */
export async function fetchRanges(settings: KafkaClientSettings, topic: string) {
  const admin = new TopicAdmin(settings.connection)
  try {
    const ranges = await admin.offsetRanges([topic])
    if (ranges.length > 0) return ranges
    throw new ScamanderError(CONNECT_ERRORS.NO_LETTERS, `there is no topic ${topic}`)
  } finally {
    await admin.close()
  }
}

/** Its positions go with it; an absent group is fine. */
export async function forgetGroup({ connection, consumer }: KafkaClientSettings): Promise<void> {
  const admin = new TopicAdmin(connection)
  try {
    await admin.deleteGroup(consumer.groupId)
  } finally {
    await admin.close()
  }
}
