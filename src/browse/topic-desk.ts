/**
 * The topics of the worker's Kafka as people look at them: lists, partitions, settings, consumers,
 * records; making, filling and deleting a topic. One per server; connects with the first question.
 * Invariants: without Kafka every question is refused with what to do; lists are bounded and tell what
 * they left out; a topic is deleted only when its name was typed.
 * Spec: ui 4.5, 5.7.
 */
import type {
  DataKafkaInfo,
  RecordDetail,
  RecordDraft,
  RecordsPage,
  TopicConsumers,
  TopicDetail,
  TopicDraft,
  TopicInfo,
} from '../api-v1-data.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import {
  type KafkaClientSettings,
  RecordProducer,
  TopicAdmin,
  TopicInspector,
} from '../kafka/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { BROWSE_ERRORS, badQuery } from './errors.ts'
import { RecordParts } from './record-parts.ts'
import { consumersOf } from './topic-consumers.ts'
import { type RecordsQuery, TopicRecords } from './topic-records.ts'

export interface TopicDeskOptions {
  /** Undefined: there is no Kafka. */
  readonly kafka: { readonly settings: KafkaClientSettings; readonly servers: string } | undefined
  /** Of a registry converter, without a prefix; undefined: none. */
  readonly registry: Readonly<Record<string, string>> | undefined
  readonly logger: Logger
}

/** Offsets are asked for so many topics of a list. */
const COUNTED_MAX = 2_000
const NAME = /^[\w.-]{1,249}$/
const PARTITIONS_MAX = 10_000
const PRODUCE_BYTES_MAX = 1024 * 1024

export class TopicDesk {
  readonly #options: TopicDeskOptions
  readonly #parts: RecordParts
  #inspector: TopicInspector | undefined
  #admin: TopicAdmin | undefined

  constructor(options: TopicDeskOptions) {
    this.#options = options
    this.#parts = new RecordParts(options.registry)
  }

  info(): DataKafkaInfo {
    const { kafka } = this.#options
    return {
      isSetUp: kafka !== undefined,
      bootstrapServers: kafka?.servers ?? '',
      hasRegistry: this.#parts.hasRegistry,
    }
  }

  /** Brokers, and partitions whose replicas are not all in sync. */
  async health(): Promise<{ readonly brokers: number; readonly underReplicated: number }> {
    return await this.#look.health()
  }

  async topics(): Promise<TopicInfo[]> {
    const topics = (await this.#look.topics()).sort((a, b) => (a.name < b.name ? -1 : 1))
    const names = topics.slice(0, COUNTED_MAX).map(one => one.name)
    const counts = new Map<string, { records: bigint; end: bigint }>()
    for (const { topic, start, end } of await this.#manage.offsetRanges(names)) {
      const known = counts.get(topic) ?? { records: 0n, end: 0n }
      const records = known.records + BigInt(end - start)
      counts.set(topic, { records, end: known.end + BigInt(end) })
    }
    return topics.map(({ name, partitions }) => {
      const count = counts.get(name)
      return {
        ...{ name, partitions: partitions.length, replicas: partitions[0]?.replicas.length ?? 0 },
        records: count === undefined ? null : String(count.records),
        end: count === undefined ? null : String(count.end),
      }
    })
  }

  async topic(name: string): Promise<TopicDetail> {
    const topic = await this.#find(name)
    const [starts, ends, settings] = await Promise.all([
      this.#look.starts(topic),
      this.#look.ends(topic),
      this.#look.settings(name),
    ])
    const partitions = topic.partitions.map(({ leader, replicas }, partition) => ({
      ...{ partition, replicas, leader: leader < 0 ? null : leader },
      start: String(starts.get(partition) ?? 0),
      end: String(ends.get(partition) ?? 0),
    }))
    return { name, partitions, settings }
  }

  async consumers(name: string): Promise<TopicConsumers> {
    return await consumersOf(this.#look, this.#manage, await this.#find(name))
  }

  async records(name: string, query: RecordsQuery): Promise<RecordsPage> {
    return await new TopicRecords(this.#look, this.#parts).page(await this.#find(name), query)
  }

  async record(name: string, partition: number, offset: number): Promise<RecordDetail> {
    const topic = await this.#find(name)
    return await new TopicRecords(this.#look, this.#parts).record(topic, partition, offset)
  }

  async addTopic({ name, partitions = -1 }: TopicDraft): Promise<void> {
    if (typeof name !== 'string' || !NAME.test(name) || name === '.' || name === '..') {
      throw badQuery('name', 'expected 1 to 249 letters, digits, dots, hyphens and underscores')
    }
    const isCount = Number.isInteger(partitions) && partitions >= 1 && partitions <= PARTITIONS_MAX
    if (!isCount && partitions !== -1) {
      throw badQuery('partitions', `expected 1 to ${PARTITIONS_MAX}`)
    }
    const isMade = await this.#manage.createTopic({ name, partitions, replicationFactor: -1 })
    if (!isMade) throw badQuery('name', 'there is a topic of that name already')
  }

  async deleteTopic(name: string, confirm: string): Promise<void> {
    await this.#find(name)
    if (confirm !== name) {
      const message = `delete topic: expected its confirmation by the name ${name}`
      throw new ScamanderError(BROWSE_ERRORS.CONFIRM, message, { context: { field: 'confirm' } })
    }
    await this.#manage.deleteTopics([name])
  }

  async produce(name: string, draft: RecordDraft): Promise<void> {
    const { partitions } = await this.#find(name)
    const { key, value, partition, headers = {} } = draft
    if (typeof headers !== 'object' || headers === null) {
      throw badQuery('headers', 'expected an object of texts')
    }
    const isPlace = partition === undefined || [...partitions.keys()].includes(partition)
    if (!isPlace) throw badQuery('partition', `expected 0 to ${partitions.length - 1}`)
    const bytes = (field: string, text: unknown) => {
      if (text === null || text === undefined) return null
      if (typeof text !== 'string') throw badQuery(field, 'expected a text or null')
      if (Buffer.byteLength(text) <= PRODUCE_BYTES_MAX) return Buffer.from(text)
      throw badQuery(field, `expected at most ${PRODUCE_BYTES_MAX} bytes`)
    }
    const named = Object.entries(headers).map(([header, text]) => ({
      name: header,
      value: bytes('headers', text),
    }))
    const record = {
      topic: name,
      key: bytes('key', key),
      value: bytes('value', value),
      headers: named,
    }
    await this.#send(partition === undefined ? record : { ...record, partition })
  }

  async close(): Promise<void> {
    await Promise.all([this.#inspector?.close(), this.#admin?.close()])
  }

  async #send(record: Parameters<RecordProducer['send']>[0][number]): Promise<void> {
    const { logger } = this.#options
    const producer = new RecordProducer({ settings: this.#kafka.settings, logger })
    try {
      const { failures } = await producer.send([record])
      const [failed] = failures
      if (failed !== undefined) throw failed.error
    } finally {
      await producer.close()
    }
  }

  async #find(name: string) {
    const topic = NAME.test(name) ? await this.#look.topic(name) : undefined
    // Those of Kafka itself are in no list, and nobody fills or deletes them from here.
    if (topic?.isInternal === false) return topic
    throw new ScamanderError(BROWSE_ERRORS.UNKNOWN, `there is no topic ${name}`)
  }

  get #kafka() {
    const { kafka } = this.#options
    if (kafka !== undefined) return kafka
    throw new ScamanderError(BROWSE_ERRORS.NOT_SET_UP, 'this server has no Kafka')
  }

  get #look(): TopicInspector {
    this.#inspector ??= new TopicInspector(this.#kafka.settings.connection)
    return this.#inspector
  }

  get #manage(): TopicAdmin {
    this.#admin ??= new TopicAdmin(this.#kafka.settings.connection)
    return this.#admin
  }
}
