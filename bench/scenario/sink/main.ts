/**
 * `npm run bench:sink`: 1 million records from one topic into one table, by Scamander and by its
 * alternatives, on the same servers, one after the other. See README.md beside this file.
 * Invariant: servers and clients are stopped at the end, after a failure and on Ctrl-C.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Job } from './job.ts'
import { type BenchOptions, readOptions, USAGE } from './options.ts'
import { buildReport, OURS, renderPage, renderReport } from './report.ts'
import { type RunResult, runClient } from './run-client.ts'
import { runPeer } from './run-peer.ts'
import { BenchServers } from './servers.ts'

const PAGE = fileURLToPath(new URL('../../../docs/benchmarks/sink.md', import.meta.url))
const TOPIC = 'orders'
const WARM_TOPIC = 'warm-up'
const SOAK_REPORT = 500_000
const PAUSE_MS = 3_000

const CLIENTS = [
  { client: OURS, file: 'scamander-client.ts', table: 'by_scamander' },
  { client: 'cassandra-driver', file: 'driver-client.ts', table: 'by_driver' },
] as const
const PEER = { client: 'JVM Connect worker', table: 'by_peer' } as const

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) return say(USAGE)
  if (process.platform !== 'linux') throw new Error('expected Linux: CPU is read from /proc')
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort())
  const servers = await BenchServers.start(ending.signal, say)
  try {
    if (options.soak === undefined) await compare(servers, options, ending.signal)
    else await soak(servers, options, ending.signal)
  } finally {
    await servers.stop()
  }
}

async function compare(
  servers: BenchServers,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<void> {
  const total = options.records + options.warmup
  say(`filling the topic with ${total} records`)
  await servers.fillTopic(TOPIC, total, options.partitions)
  await servers.fillTopic(WARM_TOPIC, options.serverWarmup, options.partitions)
  const runs: RunResult[] = []
  // A cold server is slow whoever writes: one run of each client that does not count.
  for (const run of CLIENTS) {
    const warming = { total: options.serverWarmup, table: run.table, round: 0 }
    const job = { ...toJob(servers, options, warming), topic: WARM_TOPIC, warmup: 1 }
    await runOne(servers, options, { ...run, round: 0, job, signal })
  }
  for (let round = 1; round <= options.rounds; round++) {
    for (const run of orderOf(round, options)) {
      signal.throwIfAborted()
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
      const job = toJob(servers, options, { total, table: run.table, round })
      const result = await runOne(servers, options, { ...run, round, job, signal })
      runs.push(result)
      say(`round ${round}: ${run.client} ${Math.round(result.recordsPerSecond)} records/s`)
    }
  }
  const { cassandra, kafka } = servers.description
  const versions = {
    cassandra: `${cassandra?.version}, 2 GiB of heap`,
    kafka: kafka?.version ?? '',
  }
  const report = buildReport(runs, options, versions)
  if (options.json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
  else for (const line of renderReport(report)) process.stdout.write(`${line}\n`)
  if (!options.writeDocs) return
  await mkdir(dirname(PAGE), { recursive: true })
  await writeFile(PAGE, renderPage(report))
  say('wrote docs/benchmarks/sink.md')
}

async function runOne(
  servers: BenchServers,
  options: BenchOptions,
  run: {
    readonly client: string
    readonly file?: string
    readonly round: number
    readonly job: Job
    readonly signal: AbortSignal
  },
): Promise<RunResult> {
  const { client, file, round, job, signal } = run
  if (file !== undefined) return await runClient(servers, { client, file, round }, job, { signal })
  return await runPeer(servers, { client, round, jars: options.peer! }, job, signal)
}

/** Whoever runs first meets a colder server: every other round goes backwards. */
function orderOf(round: number, options: BenchOptions) {
  const all = options.peer === undefined ? [...CLIENTS] : [...CLIENTS, PEER]
  return round % 2 === 1 ? all : all.reverse()
}

/** One long run of Scamander; its memory must stay flat. */
async function soak(
  servers: BenchServers,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<void> {
  const total = options.soak! + options.warmup
  say(`filling the topic with ${total} records`)
  await servers.fillTopic(TOPIC, total, options.partitions)
  const [ours] = CLIENTS
  const job = toJob(servers, options, { total, table: ours.table, round: 0 })
  const points: { records: number; rssMb: number }[] = []
  const onProgress = (records: number, rssMb: number) => {
    points.push({ records, rssMb })
    if (!options.json) process.stdout.write(`${records} records: RSS ${rssMb.toFixed(0)} MB\n`)
  }
  const reporting = { ...job, reportEvery: Math.min(SOAK_REPORT, options.soak!) }
  const run = { client: ours.client, file: ours.file, round: 0 }
  const result = await runClient(servers, run, reporting, { signal, onProgress })
  const text = options.json
    ? JSON.stringify({ ...result, points }, undefined, 2)
    : `peak RSS ${result.rssPeakMb.toFixed(0)} MB, ${Math.round(result.recordsPerSecond)} records/s`
  process.stdout.write(`${text}\n`)
}

function toJob(
  servers: BenchServers,
  options: BenchOptions,
  run: { readonly total: number; readonly table: string; readonly round: number },
): Job {
  const { cassandra, kafka } = servers.description
  const { warmup, tasks, protocol, batchBy } = options
  return {
    bootstrapServers: kafka!.bootstrapServers,
    cassandraPort: cassandra!.port,
    localDc: cassandra!.localDatacenter,
    topic: TOPIC,
    table: run.table,
    group: `${run.table}-${run.round}`,
    total: run.total,
    reportEvery: 0,
    ...{ warmup, tasks, protocol, batchBy },
  }
}

await main()
