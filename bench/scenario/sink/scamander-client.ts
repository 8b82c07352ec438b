/**
 * Client: Scamander, as users run it: the standalone worker with a worker.properties and the JSON of
 * a connector. What is written is heard from the worker's own counter, which it updates per delivery.
 */
import { readConfigText, readProperties } from '../../../src/config/index.ts'
import { parseWorker, StandaloneWorker } from '../../../src/connect/index.ts'
import {
  Logger,
  type MetricDescriptor,
  MetricRegistry,
  type Series,
} from '../../../src/telemetry/index.ts'
import { type Job, Progress, readJob } from './job.ts'
import { KEYSPACE, mapping } from './record-shape.ts'

const WRITTEN = 'scamander_pipeline_records_written_total'
const CHECK_MS = 200

/** Hears what the counters of written records are given. */
class ListeningRegistry extends MetricRegistry {
  readonly #heard: (amount: number) => void

  constructor(heard: (amount: number) => void) {
    super()
    this.#heard = heard
  }

  override series(descriptor: MetricDescriptor, ...labels: readonly string[]): Series {
    const series = super.series(descriptor, ...labels)
    if (descriptor.name !== WRITTEN) return series
    const add = (amount = 1) => {
      series.add(amount)
      this.#heard(amount)
    }
    return { ...series, add }
  }
}

const job = readJob()
const progress = new Progress(job)
let written = 0
const registry = new ListeningRegistry(amount => {
  written += amount
  progress.update(written)
})
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

while (!progress.isDone) {
  await new Promise(resolve => setTimeout(resolve, CHECK_MS))
  const failed = worker.status(job.group).tasks.find(task => task.state === 'FAILED')
  if (failed !== undefined) throw new Error(failed.trace)
}
await worker.close()
process.disconnect?.()

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
