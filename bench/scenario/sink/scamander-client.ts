/**
 * Client: Scamander, as users run it: the standalone worker with a worker.properties and the JSON of
 * a connector. What is written is read from the worker's own metrics every 20 ms.
 */
import { readConfigText, readProperties } from '../../../src/config/index.ts'
import { parseWorker, StandaloneWorker } from '../../../src/connect/index.ts'
import { Logger, MetricRegistry } from '../../../src/telemetry/index.ts'
import { type Job, Progress, readJob } from './job.ts'
import { KEYSPACE, mapping } from './record-shape.ts'

const POLL_MS = 20
const WRITTEN = /^scamander_pipeline_records_written_total\{.*\} (\d+)/gm

const job = readJob()
const registry = new MetricRegistry()
const logger = Logger.create({ level: 'warn' })
const worker = new StandaloneWorker({
  config: parseWorker(readProperties(workerProperties(job))),
  logger,
  registry,
})
await worker.open()
const { entries } = readConfigText(connectorJson(job))
const config = Object.fromEntries([...entries].map(([key, entry]) => [key, entry.value]))
const { started } = await worker.create(job.group, config)
for (const failure of await Promise.all(started.starts)) if (failure !== undefined) throw failure

const progress = new Progress(job)
while (!progress.isDone) {
  await new Promise(resolve => setTimeout(resolve, POLL_MS))
  progress.update(await written())
  const failed = worker.status(job.group).tasks.find(task => task.state === 'FAILED')
  if (failed !== undefined) throw new Error(failed.trace)
}
await worker.close()
process.disconnect?.()

async function written(): Promise<number> {
  const text = await registry.exposition()
  let count = 0
  for (const [, value] of text.matchAll(WRITTEN)) count += Number(value)
  return count
}

function workerProperties({ bootstrapServers }: Job): string {
  return `
bootstrap.servers=${bootstrapServers}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
offset.storage.file.filename=/dev/null
offset.flush.interval.ms=5000
`
}

function connectorJson({ group, topic, table, tasks, batchBy, protocol, ...rest }: Job): string {
  const batch =
    batchBy === 'none' ? { maxNumberOfRecordsInBatch: '1' } : { 'scamander.batch.by': batchBy }
  const version = 'datastax-java-driver.advanced.protocol.version'
  return JSON.stringify({
    name: group,
    config: {
      'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
      'tasks.max': String(tasks),
      topics: topic,
      contactPoints: '127.0.0.1',
      port: String(rest.cassandraPort),
      'loadBalancing.localDc': rest.localDc,
      [`topic.${topic}.${KEYSPACE}.${table}.mapping`]: mapping(),
      ...batch,
      ...(protocol !== undefined && { [version]: `V${protocol}` }),
    },
  })
}
