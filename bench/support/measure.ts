/**
 * Runs commands one after the other and measures them from outside: wall time, CPU and memory of the
 * processes, and the CPU of the servers over the same span; and the table of such runs.
 * Used by the scenarios that move a table. The same for us and for the peer. A command that fails ends the benchmark.
 */
import { spawn } from 'node:child_process'
import { type ProcessUsage, readCpuSecondsOfAll, watchUsage } from './process-usage.ts'

export interface MeasuredRun extends ProcessUsage {
  readonly name: string
  readonly seconds: number
  readonly serverCpuSeconds: number
}

export async function measure(
  name: string,
  steps: readonly { readonly command: string; readonly args: readonly string[] }[],
  servers: readonly number[],
): Promise<MeasuredRun> {
  const before = await readCpuSecondsOfAll(servers)
  const startMs = performance.now()
  let cpuSeconds = 0
  let rssPeakMb = 0
  for (const step of steps) {
    const used = await runStep(name, step)
    cpuSeconds += used.cpuSeconds
    rssPeakMb = Math.max(rssPeakMb, used.rssPeakMb)
  }
  const seconds = (performance.now() - startMs) / 1000
  const serverCpuSeconds = (await readCpuSecondsOfAll(servers)) - before
  return { name, seconds, cpuSeconds, rssPeakMb, serverCpuSeconds }
}

async function runStep(
  name: string,
  { command, args }: { readonly command: string; readonly args: readonly string[] },
): Promise<ProcessUsage> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const stop = () => child.kill('SIGKILL')
  process.once('exit', stop)
  const watch = watchUsage(child.pid!)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  }).finally(() => {
    watch.stop()
    process.off('exit', stop)
  })
  if (code !== 0) throw new Error(`${name}: ${command} ended with code ${code}`)
  return watch.stop()
}

/** As docs/benchmarks has it. */
export function renderRuns(rows: number, runs: readonly MeasuredRun[]): string {
  const head =
    '| run | seconds | rows/s | client CPU s | peak RSS MB | servers CPU s |\n|---|---|---|---|---|---|\n'
  const lines = runs.map(one => {
    const perSecond = Math.round(rows / one.seconds).toLocaleString('en-US')
    const numbers = [one.seconds.toFixed(1), perSecond, one.cpuSeconds.toFixed(1)]
    return `| ${one.name} | ${[...numbers, one.rssPeakMb.toFixed(0), one.serverCpuSeconds.toFixed(1)].join(' | ')} |\n`
  })
  return head + lines.join('')
}
