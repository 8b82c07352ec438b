/**
 * One run of the bench: a standalone worker as users start it, with a token-range source, from its
 * start until the topic holds every row. Started and measured from outside by main.ts.
 * Invariant: the worker ends, and the run fails when the topic holds any row twice.
 */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { TopicAdmin, toClientSettings } from '../../../src/kafka/index.ts'
import type { SandboxDescription } from '../../../src/sandbox/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'
import type { MeasuredRun } from '../../support/measure.ts'
import { type ProcessUsage, readCpuSecondsOfAll, watchUsage } from '../../support/process-usage.ts'
import { KEYSPACE, TABLE } from '../copy/fill-table.ts'

const SCAMANDER = fileURLToPath(new URL('../../../scamander', import.meta.url))
const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const COUNT_MS = 50

export interface SourceRun {
  readonly description: SandboxDescription
  readonly rows: number
  readonly tasks: number
  readonly folder: string
  /** Further settings of the connector. */
  readonly more?: Readonly<Record<string, string>>
}

export async function runSource(name: string, run: SourceRun): Promise<MeasuredRun> {
  const { description, rows, folder } = run
  const kafka = description.kafka!
  const id = `${process.pid}-${Date.now()}`
  const topic = `bench-source-${id}-${TABLE}`
  const files = [join(folder, `worker-${id}.properties`), join(folder, `source-${id}.properties`)]
  await writeFile(files[0]!, toText(workerSettings(run, id)))
  await writeFile(files[1]!, toText(connectorSettings(run, topic, id)))
  const bootstrap = { 'bootstrap.servers': kafka.bootstrapServers }
  const admin = new TopicAdmin(toClientSettings(bootstrap, Logger.silent()).connection)
  const count = async () =>
    (await admin.offsetRanges([topic])).reduce((sum, { start, end }) => sum + end - start, 0)
  const servers = [...description.cassandra!.nodes.map(node => node.pid!), kafka.pid!]
  const before = await readCpuSecondsOfAll(servers)
  const startMs = performance.now()
  const usage = await runWorker(files, async isOver => {
    while (!isOver() && (await count().catch(() => 0)) < rows) await sleep(COUNT_MS)
  })
  const seconds = (performance.now() - startMs) / 1000
  const serverCpuSeconds = (await readCpuSecondsOfAll(servers)) - before
  const found = await count()
  await admin.deleteTopics([topic])
  await admin.close()
  if (found !== rows) throw new Error(`expected ${rows} records, found ${found}`)
  return { name, seconds, serverCpuSeconds, ...usage }
}

/** Until `work` is done, then the worker is stopped. */
async function runWorker(
  files: readonly string[],
  work: (isOver: () => boolean) => Promise<void>,
): Promise<ProcessUsage> {
  const args = ['--log-level', 'warn', 'connect-standalone', ...files]
  const child = spawn(SCAMANDER, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  const watch = watchUsage(child.pid!)
  try {
    await work(() => child.exitCode !== null)
    child.kill('SIGTERM')
    const code = await exited
    if (code !== 0) throw new Error(`the worker ended with code ${code}`)
    return watch.stop()
  } finally {
    watch.stop()
    process.off('exit', kill)
    kill()
  }
}

function workerSettings({ description, folder }: SourceRun, id: string): Record<string, string> {
  return {
    'bootstrap.servers': description.kafka!.bootstrapServers,
    'key.converter': JSON_CONVERTER,
    'key.converter.schemas.enable': 'false',
    'value.converter': JSON_CONVERTER,
    'value.converter.schemas.enable': 'false',
    'offset.storage.file.filename': join(folder, `offsets-${id}`),
    listeners: 'http://127.0.0.1:0',
    'scamander.metrics.listeners': '',
  }
}

function connectorSettings(run: SourceRun, topic: string, id: string): Record<string, string> {
  const { contactPoints, port, localDatacenter } = run.description.cassandra!
  return {
    name: `bench-source-${id}`,
    'connector.class': 'com.datastax.oss.kafka.source.CassandraSourceConnector',
    'tasks.max': String(run.tasks),
    contactPoints: contactPoints.join(','),
    port: String(port),
    'loadBalancing.localDc': localDatacenter,
    keyspace: KEYSPACE,
    'table.name.format': TABLE,
    'topic.prefix': topic.slice(0, -TABLE.length),
    mode: 'once',
    'topic.creation.default.partitions': '4',
    'topic.creation.default.replication.factor': '1',
    ...run.more,
  }
}

function toText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
