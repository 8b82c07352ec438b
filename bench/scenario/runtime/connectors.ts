/**
 * The connectors of the runtime benchmark: sinks of one task each, all from one topic into one
 * table, so that what is measured is the runtime and not the data.
 */
import { CONNECTION_DEFAULTS, ControlSession } from '../../../src/cassandra/index.ts'
import { TopicAdmin, toClientSettings } from '../../../src/kafka/index.ts'
import type { SandboxDescription } from '../../../src/sandbox/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'

const TOPIC = 'bench-runtime'
const TABLE = 'bench.runtime'

/** The topic and the table. */
export async function createTables({ cassandra, kafka }: SandboxDescription): Promise<void> {
  const logger = Logger.create({ level: 'error' })
  const session = await ControlSession.open(
    {
      ...CONNECTION_DEFAULTS,
      contactPoints: cassandra!.contactPoints.map(host => ({ host, port: cassandra!.port })),
      localDc: cassandra!.localDatacenter,
    },
    { logger, signal: new AbortController().signal },
  )
  const replication = `{'class': 'NetworkTopologyStrategy', '${cassandra!.localDatacenter}': 1}`
  await session.execute(`CREATE KEYSPACE bench WITH replication = ${replication}`)
  await session.execute(`CREATE TABLE ${TABLE} (id text PRIMARY KEY, value text)`)
  await session.close()
  const { bootstrapServers } = kafka!
  const settings = toClientSettings({ 'bootstrap.servers': bootstrapServers }, logger)
  const admin = new TopicAdmin(settings.connection)
  await admin.createTopic({ name: TOPIC, partitions: 1, replicationFactor: 1 })
  await admin.close()
}

export function sinkConfig({ cassandra }: SandboxDescription): Record<string, string> {
  return {
    'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
    'tasks.max': '1',
    topics: TOPIC,
    contactPoints: cassandra!.contactPoints.join(','),
    port: String(cassandra!.port),
    'loadBalancing.localDc': cassandra!.localDatacenter,
    connectionPoolLocalSize: '1',
    [`topic.${TOPIC}.${TABLE}.mapping`]: 'id=key, value=value',
  }
}
