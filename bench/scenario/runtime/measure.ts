/**
 * The measurements on one kind of worker, one after the other on the same process.
 * Called by main.ts. Numbers are what a client outside the process sees.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectorStateInfo } from '../../../src/api.ts'
import type { SandboxDescription } from '../../../src/sandbox/index.ts'
import { readMemoryMb } from '../../support/process-usage.ts'
import { BenchWorker, type WorkerKind } from './bench-worker.ts'
import { sinkConfig } from './connectors.ts'

export interface RuntimeFigures {
  readonly kind: WorkerKind
  readonly startMs: readonly number[]
  readonly idleRssMb: number
  readonly createMs: number
  readonly runningMs: number
  readonly runningRssMb: number
  readonly expandMs: number
  readonly expandWorstMs: number
}

interface Counts {
  readonly running: number
  readonly all: number
  readonly say: (line: string) => void
}

const STARTS = 3
const IDLE_MS = 10_000
const AT_ONCE = 8
const RUNNING_MS_MAX = 300_000
const ASKED = 20
const ALL_KNOWN_MS_MAX = 10_000
const EXPANDED = '/connectors?expand=status&expand=info'

export async function measureWorker(
  kind: WorkerKind,
  servers: SandboxDescription,
  counts: Counts,
): Promise<RuntimeFigures> {
  const { say } = counts
  const { bootstrapServers } = servers.kafka!
  const startMs: number[] = []
  for (let i = 1; i < STARTS; i++) {
    const short = await BenchWorker.start(kind, bootstrapServers)
    startMs.push(short.startMs)
    await short.stop()
  }
  const worker = await BenchWorker.start(kind, bootstrapServers)
  try {
    startMs.push(worker.startMs)
    await sleep(IDLE_MS)
    const idleRssMb = await readMemoryMb(worker.pid, 'VmRSS')
    say(`${kind}: idle with ${idleRssMb.toFixed(0)} MB; creating ${counts.running} sinks`)
    const created = await createRunning(worker, servers, counts.running)
    const runningRssMb = await readMemoryMb(worker.pid, 'VmRSS')
    say(`${kind}: creating ${counts.all - counts.running} more, stopped`)
    await inParallel(counts.running, counts.all, i =>
      worker.call('POST', '/connectors', {
        name: `stopped-${i}`,
        config: sinkConfig(servers),
        initial_state: 'STOPPED',
      }),
    )
    const times = await askOften(worker, counts.all)
    return {
      ...{ kind, startMs, idleRssMb, ...created, runningRssMb },
      expandMs: times[times.length >> 1]!,
      expandWorstMs: times.at(-1)!,
    }
  } finally {
    await worker.stop()
  }
}

async function createRunning(worker: BenchWorker, servers: SandboxDescription, count: number) {
  const startedMs = performance.now()
  await inParallel(0, count, i =>
    worker.call('POST', '/connectors', { name: `sink-${i}`, config: sinkConfig(servers) }),
  )
  const createMs = performance.now() - startedMs
  for (;;) {
    const all = (await worker.call('GET', '/connectors?expand=status')) as Record<
      string,
      { readonly status: ConnectorStateInfo }
    >
    const states = Object.values(all).flatMap(({ status }) => status.tasks.map(one => one.state))
    const running = states.filter(state => state === 'RUNNING').length
    if (running === count) return { createMs, runningMs: performance.now() - startedMs }
    if (states.includes('FAILED')) throw new Error('a task failed')
    if (performance.now() - startedMs > RUNNING_MS_MAX) throw new Error(`only ${running} run`)
    await sleep(100)
  }
}

async function askOften(worker: BenchWorker, count: number): Promise<number[]> {
  const times: number[] = []
  // A worker of a cluster knows of the last ones a moment after they were taken.
  const deadlineMs = performance.now() + ALL_KNOWN_MS_MAX
  while (Object.keys((await worker.call('GET', EXPANDED)) as object).length < count) {
    if (performance.now() > deadlineMs) throw new Error(`not all of ${count} connectors are known`)
    await sleep(100)
  }
  for (let i = 0; i < ASKED; i++) {
    const startedMs = performance.now()
    const answer = (await worker.call('GET', EXPANDED)) as object
    times.push(performance.now() - startedMs)
    const found = Object.keys(answer).length
    if (found !== count) throw new Error(`expected ${count} connectors, found ${found}`)
  }
  return times.sort((a, b) => a - b)
}

async function inParallel(
  first: number,
  end: number,
  work: (i: number) => Promise<unknown>,
): Promise<void> {
  let next = first
  const lane = async () => {
    while (next < end) await work(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}
