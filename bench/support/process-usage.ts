/**
 * CPU and memory of other processes, from /proc: the servers, workers, and peers that are not Node.
 * Used by every scenario. Linux only; the benchmarks say so when they are started elsewhere.
 */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** USER_HZ: 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100

/** User and system time of all threads since the process began. */
export async function readCpuSeconds(pid: number): Promise<number> {
  return secondsIn(await readFile(`/proc/${pid}/stat`, 'utf8'))
}

/** The same at once, for a mark that counts at this moment. */
export function cpuSecondsOf(pid: number): number {
  return secondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

function secondsIn(text: string): number {
  // The name may hold blanks: fields are counted after its closing parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** `VmRSS`: now; `VmHWM`: the most it ever was. */
export async function readMemoryMb(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]
  return Number(kib ?? Number.NaN) / 1024
}

/** Of several processes together. */
export async function readCpuSecondsOfAll(pids: readonly number[]): Promise<number> {
  return (await Promise.all(pids.map(readCpuSeconds))).reduce((sum, one) => sum + one, 0)
}

export interface ProcessUsage {
  readonly cpuSeconds: number
  readonly rssPeakMb: number
}

/** What is used after the last reading is not counted. */
const POLL_MS = 25

/** Reads a process again and again until it is told to stop, and answers with the last reading. */
export function watchUsage(pid: number): { stop(): ProcessUsage } {
  let usage: ProcessUsage = { cpuSeconds: 0, rssPeakMb: 0 }
  const read = async () => {
    const cpuSeconds = await readCpuSeconds(pid)
    const peak = await readMemoryMb(pid, 'VmHWM')
    usage = { cpuSeconds, rssPeakMb: Number.isNaN(peak) ? usage.rssPeakMb : peak }
  }
  // The process may be gone between two readings.
  const timer = setInterval(() => void read().catch(() => undefined), POLL_MS)
  return {
    stop: () => {
      clearInterval(timer)
      return usage
    },
  }
}
