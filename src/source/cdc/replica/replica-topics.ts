/**
 * The topics of queues and state that are kept in Kafka: names, settings, what they forget.
 *
 *     PREFIX-state                    compacted, one partition: configuration, nodes, definitions, owner
 *     PREFIX-q.DEST.KS.TABLE.NUMBER   one per channel, one partition: key = number, value = frame
 *
 * Used by QueueReplica and at a start. Invariant: nothing is ever deleted by age or size, only by name.
 * Spec: cdc-replication 1.4; docs/adr/0032-queues-in-topics.md.
 */
import { createHash } from 'node:crypto'
import { type ConnectionSettings, TopicAdmin } from '../../../kafka/index.ts'
import type { QueueTopicSettings } from '../capture-config.ts'
import type { Channel } from '../state/records.ts'

const NAME_CHARS_MAX = 249
/** The largest mutation of Cassandra by far. */
export const FRAME_BYTES_MAX = 32 * 1024 * 1024
const BYTES_MAX = String(FRAME_BYTES_MAX + 1024 * 1024)
const REPLICAS_MAX = 3

export function stateTopicOf(prefix: string): string {
  return `${prefix}-state`
}

type Named = Pick<Channel, 'id' | 'cluster' | 'destination' | 'keyspace' | 'table'>

/** Told apart by the number of the queue, which is never used again. */
export function queueTopicOf(prefix: string, channel: Named): string {
  const { id, cluster, destination, keyspace, table } = channel
  const key = JSON.stringify([cluster, destination, keyspace, table, id])
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 8)
  const plain = [destination, keyspace, table].map(one => one.replace(/[^A-Za-z0-9_-]/g, '-'))
  const tail = `.${id}-${digest}`
  return `${prefix}-q.${plain.join('.')}`.slice(0, NAME_CHARS_MAX - tail.length) + tail
}

export class ReplicaTopics {
  readonly prefix: string
  readonly #settings: QueueTopicSettings
  readonly #admin: TopicAdmin
  readonly #ensured = new Set<string>()

  constructor(connection: ConnectionSettings, settings: QueueTopicSettings) {
    this.prefix = settings.prefix
    this.#settings = settings
    this.#admin = new TopicAdmin(connection)
  }

  get state(): string {
    return stateTopicOf(this.prefix)
  }

  nameOf(channel: Named): string {
    return queueTopicOf(this.prefix, channel)
  }

  ensureState(): Promise<void> {
    // It is written every second and read whole at a start: compacted soon.
    return this.#ensure(this.state, {
      ...{ 'cleanup.policy': 'compact', 'segment.ms': '3600000', 'segment.bytes': '16777216' },
      ...{ 'min.cleanable.dirty.ratio': '0.1', 'max.message.bytes': BYTES_MAX },
    })
  }

  ensureQueue(channel: Named): Promise<void> {
    return this.#ensure(this.nameOf(channel), {
      ...{ 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' },
      'max.message.bytes': BYTES_MAX,
    })
  }

  /** First and next offset; undefined: there is no such topic. */
  async range(topic: string): Promise<{ start: number; end: number } | undefined> {
    if ((await this.#admin.describeTopic(topic)) === undefined) return undefined
    const [range] = await this.#admin.offsetRanges([topic])
    return range
  }

  forget(topic: string, before: number): Promise<void> {
    return this.#admin.deleteRecords(topic, 0, before)
  }

  async delete(topic: string): Promise<void> {
    this.#ensured.delete(topic)
    await this.#admin.deleteTopics([topic])
  }

  close(): Promise<void> {
    return this.#admin.close()
  }

  async #ensure(name: string, configs: Readonly<Record<string, string>>): Promise<void> {
    if (this.#ensured.has(name)) return
    if ((await this.#admin.describeTopic(name)) === undefined) {
      const replicas = await this.#replicas()
      const safe: Record<string, string> = replicas >= 3 ? { 'min.insync.replicas': '2' } : {}
      const topic = { name, partitions: 1, replicationFactor: replicas }
      await this.#admin.createTopic({ ...topic, configs: { ...configs, ...safe } })
    }
    this.#ensured.add(name)
  }

  async #replicas(): Promise<number> {
    const { replicationFactor } = this.#settings
    if (replicationFactor > 0) return replicationFactor
    return Math.min(REPLICAS_MAX, Math.max(1, await this.#admin.brokerCount()))
  }
}
