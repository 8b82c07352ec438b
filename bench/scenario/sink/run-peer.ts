/**
 * Runs the reference product beside us: a standalone Kafka Connect worker on the JVM with the
 * DataStax sink. Its jars lie in a folder that the user names; nothing of it is in this repository.
 * What it has written is read from the offsets it commits (every half second), its CPU and memory
 * from /proc. Invariant: the worker is ended in every case.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readCpuSeconds, readMemoryMb } from '../../support/process-usage.ts'
import type { Job } from './job.ts'
import { KEYSPACE, mapping } from './record-shape.ts'
import type { RunResult } from './run-client.ts'
import type { BenchServers } from './servers.ts'

const POLL_MS = 100
const STALL_MS = 180_000
const MAIN_CLASS = 'org.apache.kafka.connect.cli.ConnectStandalone'
const REST_PORT = 18_083

interface Reading {
  readonly count: number
  readonly atMs: number
  readonly cpuSeconds: number
  readonly cassandraSeconds: number
}

export async function runPeer(
  servers: BenchServers,
  run: { readonly client: string; readonly round: number; readonly jars: string },
  job: Job,
  signal: AbortSignal,
): Promise<RunResult> {
  await servers.freshTable(job.table)
  const folder = await mkdtemp(join(tmpdir(), 'scamander-bench-peer-'))
  const files = [join(folder, 'worker.properties'), join(folder, 'sink.properties')] as const
  await writeFile(files[0], workerProperties(job, folder))
  await writeFile(files[1], sinkProperties(job))
  const args = ['-Xmx1g', '-cp', join(resolve(run.jars), '*'), MAIN_CLASS, ...files]
  const child = spawn('java', args, { stdio: ['ignore', 'ignore', 'inherit'], signal })
  try {
    const { start, end } = await observe(child, servers, job)
    const records = end.count - start.count
    const perMillion = 1e6 / records
    const rssPeakMb = await readMemoryMb(child.pid!, 'VmHWM')
    const rows = await servers.countRows(job.table)
    if (rows !== job.total) throw new Error(`${run.client}: ${rows} rows instead of ${job.total}`)
    return {
      client: run.client,
      round: run.round,
      records,
      recordsPerSecond: records / ((end.atMs - start.atMs) / 1000),
      cpuSecondsPerMillion: (end.cpuSeconds - start.cpuSeconds) * perMillion,
      cassandraCpuSecondsPerMillion: (end.cassandraSeconds - start.cassandraSeconds) * perMillion,
      rssPeakMb,
    }
  } finally {
    await endOf(child)
    await rm(folder, { recursive: true, force: true })
  }
}

async function observe(
  child: ChildProcess,
  servers: BenchServers,
  job: Job,
): Promise<{ start: Reading; end: Reading }> {
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`the JVM worker ended with code ${code}`)))
  })
  let start: Reading | undefined
  let last = 0
  let changedMs = performance.now()
  while (true) {
    await Promise.race([failed, new Promise(resolve => setTimeout(resolve, POLL_MS))])
    const committed = await servers.admin.groupOffsets(`connect-${job.group}`)
    const count = committed.reduce((sum, one) => sum + one.offset, 0)
    if (count !== last) changedMs = performance.now()
    last = count
    if (performance.now() - changedMs > STALL_MS)
      throw new Error('the JVM worker makes no progress')
    if (start === undefined && count >= job.warmup) start = await read(child, servers, count)
    if (start !== undefined && count >= job.total) {
      return { start, end: await read(child, servers, count) }
    }
  }
}

async function read(child: ChildProcess, servers: BenchServers, count: number): Promise<Reading> {
  const atMs = performance.now()
  const cpuSeconds = await readCpuSeconds(child.pid!)
  return { count, atMs, cpuSeconds, cassandraSeconds: await servers.cassandraCpuSeconds() }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}

function workerProperties(job: Job, folder: string): string {
  return `
bootstrap.servers=${job.bootstrapServers}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
offset.storage.file.filename=${join(folder, 'offsets')}
offset.flush.interval.ms=500
listeners=http://127.0.0.1:${REST_PORT}
plugin.discovery=only_scan
`
}

function sinkProperties(job: Job): string {
  return `
name=${job.group}
connector.class=com.datastax.oss.kafka.sink.CassandraSinkConnector
tasks.max=${job.tasks}
topics=${job.topic}
contactPoints=127.0.0.1
port=${job.cassandraPort}
loadBalancing.localDc=${job.localDc}
topic.${job.topic}.${KEYSPACE}.${job.table}.mapping=${mapping()}
`
}
