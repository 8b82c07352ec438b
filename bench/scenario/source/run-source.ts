/**
 * One run of the bench: a worker with a token-range source, from its start until the topic holds
 * every row. A process of its own, so that its CPU and memory can be read from outside.
 * Started by main.ts: `node run-source.ts sandbox.json rows tasks folder`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sourceOf } from '../../../src/config/index.ts'
import { TopicAdmin, toClientSettings } from '../../../src/kafka/index.ts'
import type { SandboxDescription } from '../../../src/sandbox/index.ts'
import { startStandalone } from '../../../src/server/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'
import { KEYSPACE, TABLE } from '../copy/fill-table.ts'

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const [path = '', rows = '0', tasks = '1', folder = '.'] = process.argv.slice(2)
const { cassandra, kafka } = JSON.parse(readFileSync(path, 'utf8')) as SandboxDescription
if (cassandra === undefined || kafka === undefined) throw new Error('expected both servers')
const topic = `bench-source-${process.pid}-${TABLE}`

const logger = Logger.create({
  level: 'warn',
  sink: line => process.stderr.write(`${JSON.stringify(line)}\n`),
})
const worker = {
  'bootstrap.servers': kafka.bootstrapServers,
  'key.converter': JSON_CONVERTER,
  'key.converter.schemas.enable': 'false',
  'value.converter': JSON_CONVERTER,
  'value.converter.schemas.enable': 'false',
  'offset.storage.file.filename': join(folder, `offsets-${process.pid}`),
  listeners: 'http://127.0.0.1:0',
  'scamander.metrics.listeners': '',
}
const connector = {
  name: `bench-source-${process.pid}`,
  'connector.class': 'com.datastax.oss.kafka.source.CassandraSourceConnector',
  'tasks.max': tasks,
  contactPoints: cassandra.contactPoints.join(','),
  port: String(cassandra.port),
  'loadBalancing.localDc': cassandra.localDatacenter,
  keyspace: KEYSPACE,
  'table.name.format': TABLE,
  'topic.prefix': topic.slice(0, -TABLE.length),
  mode: 'once',
  'topic.creation.default.partitions': '4',
  'topic.creation.default.replication.factor': '1',
}
const running = await startStandalone({
  worker: sourceOf(worker),
  connectors: [sourceOf(connector)],
  logger,
})
const { connection } = toClientSettings(
  { 'bootstrap.servers': kafka.bootstrapServers },
  Logger.silent(),
)
const admin = new TopicAdmin(connection)
const count = async () =>
  (await admin.offsetRanges([topic])).reduce((sum, { start, end }) => sum + end - start, 0)
while ((await count()) < Number(rows)) await sleep(50)
await running.close()
const found = await count()
await admin.deleteTopics([topic])
await admin.close()
if (found !== Number(rows)) throw new Error(`expected ${rows} records, found ${found}`)
process.exit(0)
