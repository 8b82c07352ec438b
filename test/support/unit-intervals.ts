/**
 * When each task ran where, from the debug lines of the workers' logs: to find tasks that ran in two
 * places at once. Used by the fault tests of distributed mode.
 * Invariant: a process that was killed or frozen counts as running nothing while it was.
 */
import type { ClusterWorker } from './cluster-workers.ts'

export interface Interval {
  readonly workerId: string
  readonly fromMs: number
  readonly toMs: number
}

/** Times in which a process did not run, by worker. */
export interface Silence {
  readonly workerId: string
  readonly fromMs: number
  /** Infinity: it was killed. */
  readonly toMs: number
}

export interface Overlap {
  readonly unit: string
  readonly workers: string
  readonly ms: number
}

const BEGINS = 'the task begins here'
const ENDED = 'the task has ended here'

/** The longest overlap of every task that had one, longest first. */
export function overlaps(
  workers: readonly ClusterWorker[],
  silences: readonly Silence[],
): Overlap[] {
  const byUnit = new Map<string, Interval[]>()
  for (const worker of workers) collect(worker, silences, byUnit)
  const found: Overlap[] = []
  for (const [unit, intervals] of byUnit) {
    for (const a of intervals) {
      for (const b of intervals) {
        if (a.workerId >= b.workerId) continue
        const ms = Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs)
        if (ms > 0) found.push({ unit, workers: `${a.workerId} ${b.workerId}`, ms })
      }
    }
  }
  return found.sort((a, b) => b.ms - a.ms)
}

/** Tasks that a worker began after that time, in the order of its log. */
export function begunSince(worker: ClusterWorker, sinceMs: number): string[] {
  return worker
    .logs()
    .split('\n')
    .filter(line => line.includes(BEGINS))
    .map(line => JSON.parse(line))
    .filter(({ time }) => Date.parse(time) > sinceMs)
    .map(({ connector, task }) => `${connector}-${task}`)
}

function collect(
  worker: ClusterWorker,
  silences: readonly Silence[],
  byUnit: Map<string, Interval[]>,
): void {
  const { workerId } = worker
  const began = new Map<string, number>()
  const mine = silences.filter(one => one.workerId === workerId)
  const end = (unit: string, atMs: number) => {
    const fromMs = began.get(unit)
    began.delete(unit)
    if (fromMs === undefined) return
    const known = byUnit.get(unit) ?? []
    byUnit.set(unit, known)
    for (const one of withoutSilences({ workerId, fromMs, toMs: atMs }, mine)) known.push(one)
  }
  for (const line of worker.logs().split('\n')) {
    if (!line.includes(BEGINS) && !line.includes(ENDED)) continue
    const { time, msg, connector, task } = JSON.parse(line)
    const unit = `${connector}-${task}`
    if (msg === BEGINS) began.set(unit, Date.parse(time))
    else end(unit, Date.parse(time))
  }
  for (const unit of [...began.keys()]) end(unit, Date.now())
}

function withoutSilences(whole: Interval, silences: readonly Silence[]): Interval[] {
  let parts = [whole]
  for (const silence of silences) {
    parts = parts.flatMap(part => {
      if (silence.toMs <= part.fromMs || silence.fromMs >= part.toMs) return [part]
      const before = { ...part, toMs: Math.min(part.toMs, silence.fromMs) }
      const after = { ...part, fromMs: Math.max(part.fromMs, silence.toMs) }
      return [before, after].filter(one => one.toMs > one.fromMs)
    })
  }
  return parts
}
