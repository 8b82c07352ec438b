/**
 * A consumer, producer and admin of the product for tests, with everything closed after each test.
 * Used by the integration tests of the Kafka room. `Reader` remembers what it was given and checks
 * the order within each partition.
 * Invariant: groups and topics have unique names, so test files never see each other's records.
 */
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { AssignmentListener, RawMessage, TopicPosition } from '../../src/flow/index.ts'
import {
  RecordProducer,
  TopicAdmin,
  TopicConsumer,
  type TopicSelection,
  toClientSettings,
} from '../../src/kafka/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { testKafka } from './topic.ts'

export const logger = Logger.silent()
/** Called after each test, last first. */
export const closing: (() => Promise<unknown>)[] = []
let elsewhere: string | undefined

/** Uses another broker than the shared sandbox's, until the end of the test. */
export function useBroker(bootstrapServers: string): void {
  elsewhere = bootstrapServers
  closing.push(async () => {
    elsewhere = undefined
  })
}

export function bootstrapServers(): string {
  return elsewhere ?? testKafka().bootstrapServers
}

export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close()
}

export function settingsOf(properties: Record<string, string> = {}) {
  return toClientSettings(
    {
      'bootstrap.servers': bootstrapServers(),
      'group.id': `g-${randomBytes(6).toString('hex')}`,
      'session.timeout.ms': '10000',
      'heartbeat.interval.ms': '300',
      'metadata.max.age.ms': '500',
      'fetch.max.wait.ms': '100',
      ...properties,
    },
    logger,
  )
}

export function admin(): TopicAdmin {
  const made = new TopicAdmin(settingsOf().connection)
  closing.push(() => made.close())
  return made
}

export async function newTopic(partitions = 1, configs: Record<string, string> = {}, prefix = 't') {
  const name = `${prefix}-${randomBytes(6).toString('hex')}`
  const made = admin()
  await made.createTopic({ name, partitions, replicationFactor: 1, configs })
  closing.push(() => made.deleteTopics([name]))
  return name
}

export async function produce(
  topic: string,
  count: number,
  properties: Record<string, string> = {},
) {
  const producer = new RecordProducer({ settings: settingsOf(properties), logger })
  const start = produced.get(topic) ?? 0
  const records = Array.from({ length: count }, (_, i) => ({
    topic,
    key: Buffer.from(`key ${start + i}`),
    value: Buffer.from(`value ${start + i}`),
    headers: i % 10 === 0 ? [{ name: 'n', value: Buffer.from(`${start + i}`) }] : [],
    timestampMs: 1_700_000_000_000 + start + i,
  }))
  const { failures } = await producer.send(records)
  await producer.close()
  produced.set(topic, start + count)
  expect(failures).toEqual([])
}

const produced = new Map<string, number>()

/** A consumer that remembers what it was given, and checks the order within each partition. */
export class Reader implements AssignmentListener {
  readonly consumer: TopicConsumer
  readonly values = new Map<string, number>()
  readonly given: TopicPosition[] = []
  readonly next = new Map<string, TopicPosition>()
  readonly log: string[] = []
  commitOnRevoke = true

  constructor(selection: TopicSelection, properties: Record<string, string> = {}) {
    this.consumer = new TopicConsumer({ settings: settingsOf(properties), selection, logger })
    closing.push(() => this.consumer.close())
  }

  async open(): Promise<this> {
    await this.consumer.open(this, AbortSignal.timeout(60_000))
    return this
  }

  assigned(positions: readonly TopicPosition[]): void {
    this.log.push(`+${positions.length}`)
    this.given.push(...positions)
  }

  async revoked(partitions: readonly { topic: string; partition: number }[]): Promise<void> {
    this.log.push(`-${partitions.length}`)
    const names = partitions.map(one => `${one.topic}-${one.partition}`)
    const positions = names.flatMap(name => this.next.get(name) ?? [])
    for (const name of names) this.next.delete(name)
    if (this.commitOnRevoke) await this.consumer.commit(positions)
  }

  async commitAll(metadata?: string): Promise<void> {
    const positions = [...this.next.values()]
    await this.consumer.commit(
      positions.map(position => (metadata === undefined ? position : { ...position, metadata })),
    )
  }

  async readOnce(): Promise<readonly RawMessage[]> {
    const { items } = await this.consumer.read(AbortSignal.timeout(60_000))
    for (const message of items) {
      const { topic, partition, offset } = message
      const name = `${topic}-${partition}`
      const expected = this.next.get(name)?.offset
      if (expected !== undefined && offset < expected) throw new Error(`${name} went back`)
      this.next.set(name, { topic, partition, offset: offset + 1 })
      const value = message.value()!.toString()
      this.values.set(value, (this.values.get(value) ?? 0) + 1)
    }
    return items
  }

  async readUntil(done: () => boolean, timeoutMs = 60_000): Promise<void> {
    const untilMs = Date.now() + timeoutMs
    while (!done()) {
      if (Date.now() > untilMs)
        throw new Error(`not within ${timeoutMs} ms: ${this.values.size} values`)
      await this.readOnce()
    }
  }
}
