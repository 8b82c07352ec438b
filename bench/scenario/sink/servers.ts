/**
 * The servers of the benchmark: one Cassandra with 2 GiB of heap and one Kafka, data in a temporary
 * folder; the topic, filled once; tables, made new for each run and counted after it.
 */
import { isScamanderError } from '../../../src/base/scamander-error.ts'
import { CONNECTION_DEFAULTS, ControlSession } from '../../../src/cassandra/index.ts'
import { RecordProducer, TopicAdmin, toClientSettings } from '../../../src/kafka/index.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'
import { readCpuSeconds } from '../../support/process-usage.ts'
import { createTable, KEYSPACE, recordValue } from './record-shape.ts'

const HEAP_MB = 2_048
const CHUNK = 5_000
const COUNT_RANGES = 512
const COUNT_ATTEMPTS = 5
const COUNT_PAUSE_MS = 2_000

export class BenchServers {
  readonly #sandbox: Sandbox
  readonly #session: ControlSession
  readonly admin: TopicAdmin
  readonly #logger = Logger.create({ level: 'error' })

  private constructor(sandbox: Sandbox, session: ControlSession) {
    this.#sandbox = sandbox
    this.#session = session
    const { bootstrapServers } = sandbox.description.kafka!
    const settings = toClientSettings({ 'bootstrap.servers': bootstrapServers }, this.#logger)
    this.admin = new TopicAdmin(settings.connection)
  }

  static async start(signal: AbortSignal, progress: (line: string) => void): Promise<BenchServers> {
    const sandbox = await startSandbox({ heapMb: HEAP_MB, progress, signal })
    try {
      const { contactPoints, port, localDatacenter } = sandbox.description.cassandra!
      const settings = {
        ...CONNECTION_DEFAULTS,
        contactPoints: contactPoints.map(host => ({ host, port })),
        localDc: localDatacenter,
        requestTimeoutMs: 60_000,
      }
      const logger = Logger.create({ level: 'error' })
      const session = await ControlSession.open(settings, { logger, signal })
      await session.execute(
        `CREATE KEYSPACE ${KEYSPACE} WITH replication = {'class': 'NetworkTopologyStrategy', '${localDatacenter}': 1}`,
      )
      return new BenchServers(sandbox, session)
    } catch (error) {
      await sandbox.stop()
      throw error
    }
  }

  get description() {
    return this.#sandbox.description
  }

  async cassandraCpuSeconds(): Promise<number> {
    return await readCpuSeconds(this.description.cassandra!.nodes[0]!.pid!)
  }

  async fillTopic(topic: string, count: number, partitions: number): Promise<void> {
    await this.admin.createTopic({ name: topic, partitions, replicationFactor: 1 })
    const { bootstrapServers } = this.description.kafka!
    const settings = toClientSettings(
      { 'bootstrap.servers': bootstrapServers, 'batch.size': '262144', 'linger.ms': '5' },
      this.#logger,
    )
    const producer = new RecordProducer({ settings, logger: this.#logger })
    await producer.open()
    try {
      for (let first = 0; first < count; first += CHUNK) {
        const records = []
        for (let i = first; i < Math.min(count, first + CHUNK); i++) {
          const key = Buffer.from(String(i))
          records.push({ topic, key, value: Buffer.from(recordValue(i)), headers: [] })
        }
        const { failures } = await producer.send(records)
        if (failures[0] !== undefined) throw failures[0].error
      }
    } finally {
      await producer.close()
    }
  }

  async freshTable(name: string): Promise<void> {
    await this.#session.execute(createTable(name))
    await this.#session.execute(`TRUNCATE ${KEYSPACE}.${name}`)
  }

  /** In token ranges: one count over a large table would time out. */
  async countRows(name: string): Promise<number> {
    const step = 2n ** 64n / BigInt(COUNT_RANGES)
    let from = -(2n ** 63n)
    let count = 0
    for (let i = 0; i < COUNT_RANGES; i++) {
      const to = from + step - 1n
      count += await this.#countRange(
        `SELECT count(*) AS rows FROM ${KEYSPACE}.${name} WHERE token(id) >= ${from} AND token(id) <= ${to}`,
      )
      from += step
    }
    return count
  }

  /** A server that still flushes and compacts may fail a read that is fine a moment later. */
  async #countRange(cql: string): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        const [row] = await this.#session.execute(cql)
        return Number(row?.['rows'])
      } catch (error) {
        if (!isScamanderError(error, 'retriable') || attempt === COUNT_ATTEMPTS) throw error
        await new Promise(resolve => setTimeout(resolve, COUNT_PAUSE_MS))
      }
    }
  }

  async stop(): Promise<void> {
    await this.admin.close()
    await this.#session.close()
    await this.#sandbox.stop()
  }
}
