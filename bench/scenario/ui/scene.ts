/**
 * The servers and the data for the parts that need them: a table of many small rows, and sinks that all read
 * one topic, which a feeder fills unevenly, so that each has a rate that changes.
 * Invariants: keyspace and topic have names of their own and are removed at the end; the server runs in this
 * process, as for the other parts.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, concurrent } from 'cassandra-driver'
import { readProperties } from '../../../src/config/index.ts'
import { RecordProducer, TopicAdmin, toClientSettings } from '../../../src/kafka/index.ts'
import type { CassandraDescription, SandboxDescription } from '../../../src/sandbox/index.ts'
import { type Start, startServer } from '../../../src/server/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'

export interface Scene {
  readonly url: string
  readonly keyspace: string
  readonly connection: string
  /** Sends records until it is aborted. */
  feed(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

interface SceneOptions {
  readonly servers: SandboxDescription
  readonly dataFolder: string
  readonly rows: number
  readonly sinks: number
}

export const TABLE = 'quotes'
const STRING = 'org.apache.kafka.connect.storage.StringConverter'
const FEED_MS = 250
const FEED_RECORDS_MAX = 4

export async function openScene(options: SceneOptions): Promise<Scene> {
  const cassandra = options.servers.cassandra!
  const { bootstrapServers } = options.servers.kafka!
  const name = `bench_ui_${randomBytes(4).toString('hex')}`
  const logger = Logger.silent()
  const settings = toClientSettings({ 'bootstrap.servers': bootstrapServers }, logger)
  const admin = new TopicAdmin(settings.connection)
  const client = await fillTable(cassandra, name, options.rows)
  await admin.createTopic({ name, partitions: 1, replicationFactor: 1 })
  const server = await startServer({
    ...{ dataFolder: options.dataFolder, listen: 'http://127.0.0.1:0', logger },
    worker: readProperties(worker(bootstrapServers, options.dataFolder)),
    connectors: Array.from({ length: options.sinks }, (_, at) =>
      readProperties(sink(`sink-${at}`, name, cassandra)),
    ),
  })
  return {
    ...{
      url: server.url,
      keyspace: name,
      connection: await addConnection(server, cassandra, name),
    },
    feed: signal => feed(new RecordProducer({ settings, logger }), name, signal),
    close: async () => {
      await server.close()
      await admin.deleteTopics([name])
      await admin.close()
      await client.execute(`DROP KEYSPACE ${name}`)
      await client.shutdown()
    },
  }
}

async function fillTable(
  cassandra: CassandraDescription,
  keyspace: string,
  rows: number,
): Promise<Client> {
  const client = new Client({
    contactPoints: [...cassandra.contactPoints],
    localDataCenter: cassandra.localDatacenter,
    protocolOptions: { port: cassandra.port, maxVersion: 4 },
  })
  await client.connect()
  const replication = `{'class': 'NetworkTopologyStrategy', '${cassandra.localDatacenter}': 1}`
  await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = ${replication}`)
  await client.execute(`CREATE TABLE ${keyspace}.sunk (k text PRIMARY KEY, v text)`)
  await client.execute(
    `CREATE TABLE ${keyspace}.${TABLE} (id int PRIMARY KEY, symbol text, at timestamp, price double, volume bigint, note text)`,
  )
  const insert = `INSERT INTO ${keyspace}.${TABLE} (id, symbol, at, price, volume, note) VALUES (?, ?, ?, ?, ?, ?)`
  const values = Array.from({ length: rows }, (_, id) => [
    ...[id, `SYM${id % 997}`, new Date(1_700_000_000_000 + id * 1_000), id * 1.25],
    ...[String(id * 1_009), `row ${id} of the table, as long as a note is`],
  ])
  await concurrent.executeConcurrent(client, insert, values, { concurrencyLevel: 64 })
  return client
}

function worker(bootstrapServers: string, folder: string): string {
  return [
    `bootstrap.servers=${bootstrapServers}`,
    ...[`key.converter=${STRING}`, `value.converter=${STRING}`],
    `offset.storage.file.filename=${join(folder, 'offsets')}`,
    ...['listeners=http://127.0.0.1:0', 'scamander.metrics.listeners=', ''],
  ].join('\n')
}

function sink(name: string, topic: string, cassandra: CassandraDescription): string {
  return [
    ...[`name=${name}`, `topics=${topic}`, 'tasks.max=1', 'connectionPoolLocalSize=1'],
    'connector.class=com.datastax.oss.kafka.sink.CassandraSinkConnector',
    `contactPoints=${cassandra.contactPoints.join(',')}`,
    ...[`port=${cassandra.port}`, `loadBalancing.localDc=${cassandra.localDatacenter}`],
    ...[`topic.${topic}.${topic}.sunk.mapping=k=key, v=value`, ''],
  ].join('\n')
}

async function addConnection(
  { replicator }: Start,
  cassandra: CassandraDescription,
  database: string,
): Promise<string> {
  const properties = {
    ...{ server: cassandra.contactPoints.join(','), port: cassandra.port, database },
    ...{ authScheme: 'None', consistencyLevel: 'ONE' },
  }
  const draft = { name: 'bench', connector: 'cassandra', properties } as const
  const { connection } = await replicator.saveConnection(draft, AbortSignal.timeout(30_000))
  if (connection === null) throw new Error('the connection of the benchmark was not saved')
  return connection.id
}

/** None to four records, four times a second: every sink has a rate, and it changes. */
async function feed(producer: RecordProducer, topic: string, signal: AbortSignal): Promise<void> {
  await producer.open()
  try {
    for (let turn = 0; !signal.aborted; turn++) {
      const count = turn % (FEED_RECORDS_MAX + 1)
      const records = Array.from({ length: count }, (_, at) => ({
        ...{ topic, headers: [] },
        ...{ key: Buffer.from(`k${turn % 100}-${at}`), value: Buffer.from('value') },
      }))
      await producer.send(records)
      await sleep(FEED_MS)
    }
  } finally {
    await producer.close()
  }
}
