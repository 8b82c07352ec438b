/**
 * Runs one client process to its end and returns what it used. Called by main.ts for each run.
 * Invariants: CPU and time count between the client's two marks; a client that ends early, or whose
 * table does not hold every record, is an error and no result.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { readMemoryMb } from '../../support/process-usage.ts'
import type { Job, Mark } from './job.ts'
import type { BenchServers } from './servers.ts'

export interface RunResult {
  readonly client: string
  readonly round: number
  readonly records: number
  readonly recordsPerSecond: number
  readonly cpuSecondsPerMillion: number
  readonly cassandraCpuSecondsPerMillion: number
  readonly rssPeakMb: number
}

export interface RunHooks {
  readonly signal: AbortSignal
  readonly onProgress?: (count: number, rssMb: number) => void
}

/** As the launcher has it; the discarded first runs fill it for both clients. */
const COMPILE_CACHE = fileURLToPath(
  new URL('../../../node_modules/.cache/compile', import.meta.url),
)

/** `file` is a module of this folder. */
export async function runClient(
  servers: BenchServers,
  run: {
    readonly client: string
    readonly file: string
    readonly round: number
  },
  job: Job,
  hooks: RunHooks,
): Promise<RunResult> {
  await servers.freshTable(job.table)
  const script = fileURLToPath(new URL(run.file, import.meta.url))
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const
  const child = fork(script, [JSON.stringify(job)], {
    stdio: [...stdio],
    signal: hooks.signal,
    execArgv: [],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  })
  const { start, end, cassandraSeconds, rssPeakMb } = await observe(child, servers, hooks)
  const records = end.count - start.count
  const perMillion = 1e6 / records
  const rows = await servers.countRows(job.table)
  if (rows !== job.total) {
    throw new Error(`${run.client}: expected ${job.total} rows in ${job.table}, found ${rows}`)
  }
  return {
    client: run.client,
    round: run.round,
    records,
    recordsPerSecond: records / ((end.atMs - start.atMs) / 1000),
    cpuSecondsPerMillion: (end.cpuSeconds - start.cpuSeconds) * perMillion,
    cassandraCpuSecondsPerMillion: cassandraSeconds * perMillion,
    rssPeakMb,
  }
}

interface Observation {
  readonly start: Mark
  readonly end: Mark
  readonly cassandraSeconds: number
  readonly rssPeakMb: number
}

async function observe(
  child: ChildProcess,
  servers: BenchServers,
  hooks: RunHooks,
): Promise<Observation> {
  let start: Mark | undefined
  let end: Mark | undefined
  let rssPeakMb = Number.NaN
  let before = Promise.resolve(Number.NaN)
  let after = Promise.resolve(Number.NaN)
  const reading: Promise<void>[] = []
  child.on('message', message => {
    const mark = message as Mark
    if (mark.kind === 'start') {
      start = mark
      before = servers.cassandraCpuSeconds()
    } else if (mark.kind === 'end') {
      end = mark
      after = servers.cassandraCpuSeconds()
      const peak = readMemoryMb(mark.pid, 'VmHWM').then(mb => {
        rssPeakMb = mb
      })
      reading.push(peak)
    } else {
      const now = readMemoryMb(mark.pid, 'VmRSS').then(mb => hooks.onProgress?.(mark.count, mb))
      reading.push(now)
    }
  })
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject)
  child.once('exit', resolve)
  const code = await promise
  await Promise.all(reading)
  if (start === undefined || end === undefined || code !== 0) {
    throw new Error(`the client ended with code ${code} before its work was done`)
  }
  return { start, end, cassandraSeconds: (await after) - (await before), rssPeakMb }
}
