/**
 * What a client process is told, and what it tells back. A client is a process of its own, so that
 * its CPU and memory are its own. It marks two moments: the warm-up is over, the last record is
 * written. Everything between the two counts.
 */
import { resourceUsage } from 'node:process'

export interface Job {
  readonly bootstrapServers: string
  readonly cassandraPort: number
  readonly localDc: string
  readonly topic: string
  readonly table: string
  /** Consumer group and connector name: fresh for each run. */
  readonly group: string
  readonly total: number
  readonly warmup: number
  readonly tasks: number
  readonly protocol: number | undefined
  readonly batchBy: string
  /** A message each time this many records were written; 0: none. */
  readonly reportEvery: number
}

export interface Mark {
  readonly kind: 'start' | 'progress' | 'end'
  /** Records written. */
  readonly count: number
  readonly atMs: number
  /** CPU of the process since it began. */
  readonly cpuSeconds: number
  /** The process under measurement. */
  readonly pid: number
}

type Usage = Pick<Mark, 'cpuSeconds' | 'pid'>

export function readJob(): Job {
  return JSON.parse(process.argv[2] ?? '') as Job
}

/** Tells the parent where the client is. */
export class Progress {
  readonly #job: Job
  readonly #usage: () => Usage
  #hasStarted = false
  #nextReport: number
  #count = 0

  /** `usage` of the process under measurement: by default this one. */
  constructor(job: Job, usage: () => Usage = ownUsage) {
    this.#job = job
    this.#usage = usage
    this.#nextReport = job.reportEvery
  }

  get isDone(): boolean {
    return this.#count >= this.#job.total
  }

  /** `count` records are written. */
  update(count: number): void {
    const { warmup, total, reportEvery } = this.#job
    if (this.isDone) return
    this.#count = count
    if (!this.#hasStarted && count >= warmup) {
      this.#hasStarted = true
      this.#send('start')
    }
    if (reportEvery > 0 && count >= this.#nextReport) {
      this.#nextReport += reportEvery
      this.#send('progress')
    }
    if (count >= total) this.#send('end')
  }

  #send(kind: Mark['kind']): void {
    const atMs = performance.timeOrigin + performance.now()
    process.send?.({ kind, count: this.#count, atMs, ...this.#usage() } satisfies Mark)
  }
}

function ownUsage(): Usage {
  const { userCPUTime, systemCPUTime } = resourceUsage()
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, pid: process.pid }
}
