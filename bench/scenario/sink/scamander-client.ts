/**
 * Client: Scamander, as users run it: the launcher, `connect-standalone`, a worker.properties and the
 * JSON of a connector. This process starts it, reads its counter of written records at /metrics
 * (twice a second, ten times a second near the end), and tells the marks with the product's own CPU.
 * Invariants: the product is ended before this process; its CPU and memory are its own alone, the
 * answers to these questions included.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'
import { cpuSecondsOf } from '../../support/process-usage.ts'
import { type Job, Progress, readJob } from './job.ts'
import { KEYSPACE, mapping } from './record-shape.ts'

const SCAMANDER = fileURLToPath(new URL('../../../scamander', import.meta.url))
const WRITTEN = 'scamander_pipeline_records_written_total{'
const ASK_MS = 500
/** In the last second of work, so that its end is seen in time. */
const ASK_OFTEN_MS = 100
const LAST_MS = 1_000
const START_MS_MAX = 60_000

const job = readJob()
const folder = mkdtempSync(join(tmpdir(), 'scamander-bench-sink-'))
const url = `http://127.0.0.1:${await freePort()}`
const product = start()
const exited = new Promise<number | null>(resolve => product.once('exit', resolve))
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => product.kill(name))
process.once('exit', () => product.kill('SIGKILL'))
const pid = product.pid!
const progress = new Progress(job, () => ({ pid, cpuSeconds: cpuSecondsOf(pid) }))
try {
  await untilDone()
} finally {
  product.kill('SIGTERM')
  await exited
  rmSync(folder, { recursive: true, force: true })
}
process.disconnect?.()

function start(): ChildProcess {
  const worker = join(folder, 'worker.properties')
  const connector = join(folder, 'sink.json')
  writeFileSync(worker, workerProperties(job))
  writeFileSync(connector, connectorJson(job))
  const args = ['connect-standalone', worker, connector, '--log-level', 'warn']
  return spawn(SCAMANDER, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

async function untilDone(): Promise<void> {
  const deadlineMs = performance.now() + START_MS_MAX
  let askMs = ASK_OFTEN_MS
  let last = { written: 0, atMs: performance.now() }
  while (!progress.isDone) {
    await new Promise(resolve => setTimeout(resolve, askMs))
    if (product.exitCode !== null) throw new Error(`the worker ended with ${product.exitCode}`)
    const text = await textOf('/metrics')
    if (text === undefined && performance.now() > deadlineMs) throw new Error('no answer in time')
    if (text !== undefined) {
      const now = { written: writtenIn(text), atMs: performance.now() }
      progress.update(now.written)
      askMs = nextAskMs(last, now)
      last = now
    }
    const status = (await textOf(`/connectors/${job.group}/status`)) ?? ''
    if (status.includes('"FAILED"')) throw new Error(status)
  }
}

interface Answer {
  readonly written: number
  readonly atMs: number
}

/** Each question costs the product a millisecond or two, which counts as its own CPU. */
function nextAskMs(before: Answer, now: Answer): number {
  const perMs = (now.written - before.written) / (now.atMs - before.atMs)
  const leftMs = (job.total - now.written) / perMs
  return perMs > 0 && leftMs > LAST_MS ? ASK_MS : ASK_OFTEN_MS
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    const response = await fetch(url + path)
    return response.ok ? await response.text() : undefined
  } catch {
    return undefined
  }
}

function writtenIn(metrics: string): number {
  const lines = metrics.split('\n').filter(line => line.startsWith(WRITTEN))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

function workerProperties({ bootstrapServers }: Job): string {
  return `
bootstrap.servers=${bootstrapServers}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
offset.storage.file.filename=${join(folder, 'offsets')}
offset.flush.interval.ms=5000
listeners=${url}
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
