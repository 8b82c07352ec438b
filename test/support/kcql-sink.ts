/**
 * What tests of the KCQL sinks share: settings of a classic sink on the test's servers, waiting for
 * offsets and failures over REST, rows as plain objects.
 * Used by the integration tests of both dialects.
 */
import { type TestKeyspace, testCassandra } from './keyspace.ts'
import { type Settings, type TestWorker, until } from './standalone.ts'
import type { TestTopic } from './topic.ts'

export const CLASSIC_CLASS =
  'com.datamountaineer.streamreactor.connect.cassandra.sink.CassandraSinkConnector'
export const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/** `TOPIC` in the KCQL stands for the test's topic. */
export function classicSettings(
  of: { name: string; keyspace: Pick<TestKeyspace, 'name'>; topic: Pick<TestTopic, 'name'> },
  kcql: string,
  more: Settings = {},
): Record<string, string> {
  const { contactPoints, port } = testCassandra()
  return {
    name: of.name,
    'connector.class': CLASSIC_CLASS,
    'tasks.max': '1',
    topics: of.topic.name,
    'connect.cassandra.kcql': kcql.replaceAll('TOPIC', of.topic.name),
    'connect.cassandra.contact.points': contactPoints.join(','),
    'connect.cassandra.port': String(port),
    'connect.cassandra.key.space': of.keyspace.name,
    ...more,
  }
}

export async function rowsOf(keyspace: TestKeyspace, table: string, columns = '*') {
  const { rows } = await keyspace.client.execute(`SELECT ${columns} FROM ${keyspace.name}.${table}`)
  return rows.map(row => Object.fromEntries(row.keys().map((key: string) => [key, row[key]])))
}

/** Waits until the connector committed up to this offset of its only partition. */
export async function committedUpTo(
  worker: TestWorker,
  connector: string,
  offset: number,
): Promise<void> {
  await until(`offset ${offset}`, async () => {
    const { json } = await worker.call('GET', `/connectors/${connector}/offsets`)
    return json?.offsets?.[0]?.offset.kafka_offset === offset
  })
}

/** Waits for a task that failed; its trace. */
export async function traceOf(worker: TestWorker, connector: string): Promise<string> {
  return await until('a failed task', async () => {
    const { json } = await worker.call('GET', `/connectors/${connector}/status`)
    return json?.tasks?.[0]?.state === 'FAILED' ? (json.tasks[0].trace as string) : undefined
  })
}
