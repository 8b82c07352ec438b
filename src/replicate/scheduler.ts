/**
 * Looks every few seconds for jobs that are due and has them started.
 * One per replicator, which gives the jobs and starts their runs.
 * Invariants: a job is due once for all times that passed since the last look, and only when it has a task
 * to run; what was due before the start is told as missed; whatever one job throws is logged and stops
 * neither the others nor the clock.
 * Spec: backlog-replication 2.10.
 */
import { createHash } from 'node:crypto'
import { messageOf } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import type { JobRecord } from './job-record.ts'
import { lastRun } from './schedule.ts'

export interface SchedulerHost {
  readonly logger: Logger
  readonly jobs: () => readonly JobRecord[]
  /** Asked at the first look at a job: times up to then were seen by somebody, or are none of the schedule. */
  readonly sinceMs: (job: JobRecord) => number
  readonly isPaused: () => boolean
  readonly onDue: (job: JobRecord, due: Due) => void
}

export interface Due {
  readonly dueMs: number
  /** Nobody looked when it was due: the server was down, or this machine slept. */
  readonly isMissed: boolean
}

const TICK_MS = 5_000
const LATE_MS = 60_000

export class Scheduler {
  readonly #host: SchedulerHost
  readonly #beganMs: number
  /** Jobs that were looked at since the start. */
  readonly #seen = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #tickedMs: number

  constructor(host: SchedulerHost, nowMs = Date.now()) {
    this.#host = host
    this.#tickedMs = nowMs
    this.#beganMs = nowMs
  }

  start(): void {
    this.tick(Date.now())
    this.#timer = setInterval(() => this.tick(Date.now()), TICK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  tick(nowMs: number): void {
    const { jobs, logger, isPaused } = this.#host
    try {
      const all = jobs()
      const isStill = isPaused()
      const tickedMs = this.#tickedMs
      this.#tickedMs = nowMs
      for (const job of all) {
        try {
          if (!isStill) this.#look(job, { tickedMs, nowMs })
        } catch (error) {
          logger.error(`the schedule of job ${job.name} failed: ${messageOf(error)}`, error)
        }
      }
    } catch (error) {
      logger.error(`schedules cannot be read: ${messageOf(error)}`, error)
    }
  }

  #look(job: JobRecord, { tickedMs, nowMs }: { tickedMs: number; nowMs: number }): void {
    const { sinceMs, onDue } = this.#host
    const fromMs = this.#seen.has(job.id) ? tickedMs : sinceMs(job)
    this.#seen.add(job.id)
    if (!job.enabled || !job.tasks.some(one => one.enabled)) return
    const found = dueOf(job, fromMs, nowMs)
    if (found === undefined) return
    const isMissed = found.startMs <= this.#beganMs || nowMs - found.startMs > LATE_MS
    onDue(job, { dueMs: found.dueMs, isMissed })
  }
}

/** The last time that a run should have started at, after one moment and up to another. */
function dueOf(job: JobRecord, fromMs: number, nowMs: number) {
  const { schedule } = job
  const spreadMs = (schedule.spreadSeconds ?? 0) * 1000
  let untilMs = nowMs
  // The newest may only be due in a moment; the spread is less than the time to the one before.
  for (let look = 0; look < 2; look++) {
    const dueMs = lastRun(schedule, { afterMs: fromMs - spreadMs, untilMs })
    if (dueMs === undefined) return undefined
    const startMs = dueMs + spreadOf(job.id, dueMs, spreadMs)
    if (startMs <= nowMs) return startMs > fromMs ? { dueMs, startMs } : undefined
    untilMs = dueMs - 1
  }
  return undefined
}

/** The same for the same job and time, so that a server that starts anew means the same moment. */
function spreadOf(id: string, dueMs: number, spreadMs: number): number {
  if (spreadMs === 0) return 0
  const digest = createHash('sha256').update(`${id} ${dueMs}`).digest()
  return digest.readUInt32BE(0) % (spreadMs + 1)
}
