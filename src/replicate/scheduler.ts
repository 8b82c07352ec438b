/**
 * Looks every few seconds for jobs that are due and has them started.
 * One per replicator, which gives the jobs and starts their runs.
 * Invariants: a job is due once per time of its schedule, and only when it has a task to run; whatever
 * one job throws is logged and stops neither the others nor the clock.
 * Spec: backlog-replication 2.10.
 */
import { messageOf } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import type { JobRecord } from './job-record.ts'
import { nextRun } from './schedule.ts'

export interface SchedulerHost {
  readonly logger: Logger
  readonly jobs: () => readonly JobRecord[]
  /** A job that still runs is told as skipped. */
  readonly onDue: (job: JobRecord) => void
}

const TICK_MS = 5_000

export class Scheduler {
  readonly #host: SchedulerHost
  #timer: NodeJS.Timeout | undefined
  #tickedMs: number

  constructor(host: SchedulerHost, nowMs = Date.now()) {
    this.#host = host
    this.#tickedMs = nowMs
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(Date.now()), TICK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  tick(nowMs: number): void {
    const { jobs, onDue, logger } = this.#host
    try {
      const all = jobs()
      const from = new Date(this.#tickedMs)
      this.#tickedMs = nowMs
      for (const job of all) {
        try {
          if (isDue(job, from, nowMs)) onDue(job)
        } catch (error) {
          logger.error(`the schedule of job ${job.name} failed: ${messageOf(error)}`, error)
        }
      }
    } catch (error) {
      logger.error(`schedules cannot be read: ${messageOf(error)}`, error)
    }
  }
}

function isDue(job: JobRecord, from: Date, nowMs: number): boolean {
  if (!job.enabled || !job.tasks.some(one => one.enabled)) return false
  const next = nextRun(job.schedule, from)
  return next !== undefined && next.getTime() <= nowMs
}
