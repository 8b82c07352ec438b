/**
 * Runs commands one after the other and measures them from outside: wall time, CPU and memory of the
 * processes from /proc, and the CPU of the servers over the same span.
 * The same for us and for the peer. A command that fails ends the benchmark.
 */
import { spawn } from 'node:child_process'
import { readCpuSeconds, readMemoryMb } from '../sink/process-usage.ts'

export interface MeasuredRun {
  readonly name: string
  readonly seconds: number
  readonly cpuSeconds: number
  readonly rssPeakMb: number
  readonly serverCpuSeconds: number
}

/** CPU is read that often; what a process uses after the last reading is not counted. */
const POLL_MS = 25

export async function measure(
  name: string,
  steps: readonly { readonly command: string; readonly args: readonly string[] }[],
  servers: readonly number[],
): Promise<MeasuredRun> {
  const serverCpu = async () =>
    (await Promise.all(servers.map(readCpuSeconds))).reduce((sum, one) => sum + one, 0)
  const before = await serverCpu()
  const startMs = performance.now()
  let cpuSeconds = 0
  let rssPeakMb = 0
  for (const step of steps) {
    const used = await runStep(name, step)
    cpuSeconds += used.cpuSeconds
    rssPeakMb = Math.max(rssPeakMb, used.rssPeakMb)
  }
  const seconds = (performance.now() - startMs) / 1000
  return { name, seconds, cpuSeconds, rssPeakMb, serverCpuSeconds: (await serverCpu()) - before }
}

async function runStep(
  name: string,
  { command, args }: { readonly command: string; readonly args: readonly string[] },
): Promise<{ cpuSeconds: number; rssPeakMb: number }> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const stop = () => child.kill('SIGKILL')
  process.once('exit', stop)
  let cpuSeconds = 0
  let rssPeakMb = 0
  const read = async () => {
    cpuSeconds = await readCpuSeconds(child.pid!)
    const peak = await readMemoryMb(child.pid!, 'VmHWM')
    if (!Number.isNaN(peak)) rssPeakMb = peak
  }
  // The process may be gone between two readings.
  const timer = setInterval(() => void read().catch(() => undefined), POLL_MS)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  }).finally(() => {
    clearInterval(timer)
    process.off('exit', stop)
  })
  if (code !== 0) throw new Error(`${name}: ${command} ended with code ${code}`)
  return { cpuSeconds, rssPeakMb }
}
