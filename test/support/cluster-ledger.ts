/**
 * The ledger of a cluster's fault tests: one topic and one connector each, many of them, numbered
 * records flowing to all, and afterwards every confirmed record looked for in the table.
 * Invariants: a record counts only once Kafka confirmed it; a number that was not confirmed is sent
 * again before any later one of its topic.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, Producer } from '@platformatic/kafka'
import { expect } from 'vitest'
import type { CassandraDescription, KafkaDescription } from '../../src/sandbox/index.ts'
import type { ClusterWorker } from './cluster-workers.ts'
import type { TestKeyspace } from './keyspace.ts'
import { type Settings, until } from './standalone.ts'

const ROUND_MS = 100

export class ClusterLedger {
  readonly names: readonly string[]
  /** Confirmed records per topic. */
  readonly counts: number[]
  readonly #kafka: KafkaDescription
  readonly #cassandra: CassandraDescription
  readonly #keyspace: TestKeyspace
  readonly #stop = new AbortController()
  #flowing: Promise<void> | undefined

  constructor(
    prefix: string,
    count: number,
    servers: { kafka: KafkaDescription; cassandra: CassandraDescription; keyspace: TestKeyspace },
  ) {
    this.names = Array.from({ length: count }, (_, i) => `${prefix}-${i}`)
    this.counts = this.names.map(() => 0)
    this.#kafka = servers.kafka
    this.#cassandra = servers.cassandra
    this.#keyspace = servers.keyspace
  }

  async open(): Promise<void> {
    const { client, name } = this.#keyspace
    await client.execute(
      `CREATE TABLE ${name}.deliveries (topic text, seq int, v text, PRIMARY KEY (topic, seq))`,
    )
    await this.#withAdmin(admin =>
      admin.createTopics({ topics: [...this.names], partitions: 1, replicas: 1 }),
    )
  }

  /** Of one topic; named after it. */
  sink(name: string, more: Settings = {}): Settings {
    const { contactPoints, port, localDatacenter } = this.#cassandra
    return {
      name,
      'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
      topics: name,
      contactPoints: contactPoints.join(','),
      port: String(port),
      'loadBalancing.localDc': localDatacenter,
      [`topic.${name}.${this.#keyspace.name}.deliveries.mapping`]:
        'topic=key.t, seq=key.n, v=value',
      ...more,
    }
  }

  async create(worker: ClusterWorker): Promise<void> {
    for (const name of this.names) {
      const { status, text } = await worker.call('POST', '/connectors', {
        name,
        config: this.sink(name),
      })
      if (status !== 201) throw new Error(`${status} ${text}`)
    }
  }

  /** Records to every topic until `stop`. */
  flow(): void {
    this.#flowing ??= this.#run()
  }

  /** Ends the flow; answers how many records Kafka confirmed. */
  async stop(): Promise<number> {
    this.#stop.abort()
    await this.#flowing
    return this.counts.reduce((sum, one) => sum + one, 0)
  }

  /** Every confirmed record is in the table; waits for the last of them. */
  async verify(timeoutMs = 60_000): Promise<void> {
    const { client, name } = this.#keyspace
    for (const [index, topic] of this.names.entries()) {
      const count = this.counts[index]!
      const read = async () => {
        const query = `SELECT seq FROM ${name}.deliveries WHERE topic = ?`
        const { rows } = await client.execute(query, [topic], { fetchSize: 100_000, prepare: true })
        return new Set(rows.map(row => Number(row['seq'])))
      }
      // The last record first; then those before it, of which none may be missing.
      await until(`the last of ${topic}`, async () => (await read()).has(count - 1), timeoutMs)
      const seen = await read()
      const missing = Array.from({ length: count }, (_, seq) => seq).filter(seq => !seen.has(seq))
      expect({ topic, missing }).toEqual({ topic, missing: [] })
    }
  }

  /** Waits until every connector has committed more than now. */
  async untilProgress(): Promise<void> {
    const before = await until('the committed offsets', () => this.#committed())
    let slow: readonly string[] = []
    try {
      await until('all connectors make progress', async () => {
        const after = await this.#committed()
        if (after === undefined) return false
        slow = this.names.filter((_, index) => after[index]! <= before[index]!)
        return slow.length === 0
      })
    } catch (error) {
      throw new Error(`${String(error)}: not ${slow.join(', ')}; sent ${this.counts.join(' ')}`)
    }
  }

  /** Undefined: Kafka does not tell now. */
  async #committed(): Promise<number[] | undefined> {
    const groups = this.names.map(name => `connect-${name}`)
    const asked = this.#withAdmin(async admin => {
      const found = await admin.listConsumerGroupOffsets({ groups })
      return groups.map(groupId => {
        const topics = found.find(one => one.groupId === groupId)?.topics ?? []
        return Number(topics[0]?.partitions[0]?.committedOffset ?? -1)
      })
    })
    return await asked.catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#withAdmin(admin => admin.deleteTopics({ topics: [...this.names] })).catch(
      () => undefined,
    )
  }

  async #run(): Promise<void> {
    let producer: Producer | undefined
    while (!this.#stop.signal.aborted) {
      producer ??= new Producer({
        clientId: 'scamander-ledger',
        bootstrapBrokers: this.#kafka.bootstrapServers.split(','),
        retries: 0,
        timeout: 5000,
      })
      const messages = this.names.map((topic, index) => {
        const n = this.counts[index]!
        const key = Buffer.from(JSON.stringify({ t: topic, n }))
        return { topic, partition: 0, key, value: Buffer.from(`v${n}`) }
      })
      try {
        await producer.send({ messages, acks: -1 })
        for (let index = 0; index < this.counts.length; index++) this.counts[index]! += 1
      } catch {
        // Perhaps some of them were taken: the same numbers go once more. A connection to a frozen
        // broker does not close, so nobody waits for it.
        void producer.close().catch(() => undefined)
        producer = undefined
      }
      await sleep(ROUND_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
    await producer?.close().catch(() => undefined)
  }

  async #withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin({
      clientId: 'scamander-ledger',
      bootstrapBrokers: this.#kafka.bootstrapServers.split(','),
      retries: 0,
      timeout: 5000,
    })
    try {
      return await use(admin)
    } finally {
      await admin.close()
    }
  }
}
