/**
 * The ledger of a cluster's fault tests: many topics with a connector each, one task per partition,
 * numbered records flowing to all partitions, and afterwards every confirmed record looked for in
 * the table.
 * Invariants: a record counts only once Kafka confirmed it; a number that was not confirmed is sent
 * again before any later one of its partition.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, Producer } from '@platformatic/kafka'
import { expect } from 'vitest'
import type { CassandraDescription, KafkaDescription } from '../../src/sandbox/index.ts'
import type { ClusterWorker } from './cluster-workers.ts'
import type { TestKeyspace } from './keyspace.ts'
import { type Settings, until } from './standalone.ts'

const ROUND_MS = 100
/** Lanes whose rows are read at once at the end. */
const READS_MAX = 10

/** One partition of one topic. */
interface Lane {
  readonly topic: string
  readonly partition: number
}

export class ClusterLedger {
  readonly names: readonly string[]
  /** Of each topic; as many tasks has its connector. */
  readonly partitions: number
  readonly #lanes: readonly Lane[]
  /** Confirmed records per lane. */
  readonly #counts: number[]
  readonly #kafka: KafkaDescription
  readonly #cassandra: CassandraDescription
  readonly #keyspace: TestKeyspace
  readonly #stop = new AbortController()
  #flowing: Promise<void> | undefined

  constructor(
    prefix: string,
    size: { readonly topics: number; readonly partitions: number },
    servers: { kafka: KafkaDescription; cassandra: CassandraDescription; keyspace: TestKeyspace },
  ) {
    this.names = Array.from({ length: size.topics }, (_, i) => `${prefix}-${i}`)
    this.partitions = size.partitions
    const numbers = Array.from({ length: size.partitions }, (_, partition) => partition)
    this.#lanes = this.names.flatMap(topic => numbers.map(partition => ({ topic, partition })))
    this.#counts = this.#lanes.map(() => 0)
    this.#kafka = servers.kafka
    this.#cassandra = servers.cassandra
    this.#keyspace = servers.keyspace
  }

  async open(): Promise<void> {
    const { client, name } = this.#keyspace
    await client.execute(
      `CREATE TABLE ${name}.deliveries (topic text, part int, seq int, v text, PRIMARY KEY ((topic, part), seq))`,
    )
    await this.#withAdmin(admin =>
      admin.createTopics({ topics: [...this.names], partitions: this.partitions, replicas: 1 }),
    )
  }

  /** Of one topic; named after it. */
  sink(name: string, more: Settings = {}): Settings {
    const { contactPoints, port, localDatacenter } = this.#cassandra
    return {
      name,
      'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
      topics: name,
      'tasks.max': String(this.partitions),
      contactPoints: contactPoints.join(','),
      port: String(port),
      'loadBalancing.localDc': localDatacenter,
      [`topic.${name}.${this.#keyspace.name}.deliveries.mapping`]:
        'topic=key.t, part=key.p, seq=key.n, v=value',
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
    return this.#counts.reduce((sum, one) => sum + one, 0)
  }

  /** Every confirmed record is in the table; waits for the last of them. */
  async verify(timeoutMs = 120_000): Promise<void> {
    const waiting = this.#lanes.map((lane, index) => ({ lane, count: this.#counts[index]! }))
    const readAll = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await this.#verifyLane(next.lane, next.count, timeoutMs)
      }
    }
    await Promise.all(Array.from({ length: READS_MAX }, readAll))
  }

  async #verifyLane({ topic, partition }: Lane, count: number, timeoutMs: number): Promise<void> {
    const { client, name } = this.#keyspace
    const query = `SELECT seq FROM ${name}.deliveries WHERE topic = ? AND part = ?`
    const options = { fetchSize: 100_000, prepare: true }
    const read = async () => {
      const { rows } = await client.execute(query, [topic, partition], options)
      return new Set(rows.map(row => Number(row['seq'])))
    }
    // The last record first; then those before it, of which none may be missing.
    const isThere = async () => count === 0 || (await read()).has(count - 1)
    await until(`the last of ${topic}-${partition}`, isThere, timeoutMs)
    const seen = await read()
    const missing = Array.from({ length: count }, (_, seq) => seq).filter(seq => !seen.has(seq))
    expect({ topic, partition, missing }).toEqual({ topic, partition, missing: [] })
  }

  /** Waits until more of every partition is committed than now: each task makes progress. */
  async untilProgress(): Promise<void> {
    const before = await until('the committed offsets', () => this.#committed())
    let slow: readonly string[] = []
    try {
      const hasMoved = async () => {
        const after = await this.#committed()
        if (after === undefined) return false
        slow = this.#lanes
          .filter((_, index) => after[index]! <= before[index]!)
          .map(lane => `${lane.topic}-${lane.partition}`)
        return slow.length === 0
      }
      await until('all tasks make progress', hasMoved, 120_000)
    } catch (error) {
      throw new Error(`${String(error)}: not ${slow.join(', ')}; sent ${this.#counts.join(' ')}`)
    }
  }

  /** By lane; undefined: Kafka does not tell now. */
  async #committed(): Promise<number[] | undefined> {
    const groups = this.names.map(name => `connect-${name}`)
    const asked = this.#withAdmin(async admin => {
      const found = await admin.listConsumerGroupOffsets({ groups })
      return this.#lanes.map(({ topic, partition }) => {
        const [told] = found.find(one => one.groupId === `connect-${topic}`)?.topics ?? []
        const at = told?.partitions.find(one => one.partitionIndex === partition)
        return Number(at?.committedOffset ?? -1)
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
      const messages = this.#lanes.map(({ topic, partition }, index) => {
        const n = this.#counts[index]!
        const key = Buffer.from(JSON.stringify({ t: topic, p: partition, n }))
        return { topic, partition, key, value: Buffer.from(`v${n}`) }
      })
      try {
        await producer.send({ messages, acks: -1 })
        for (let index = 0; index < this.#counts.length; index++) this.#counts[index]! += 1
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
