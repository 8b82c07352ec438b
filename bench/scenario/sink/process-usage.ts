/**
 * CPU and memory of other processes, from /proc: the servers, and peers that are not Node.
 * Linux only; the benchmark says so when it is started elsewhere.
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
