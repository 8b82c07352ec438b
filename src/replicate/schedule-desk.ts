/**
 * Starts runs that nobody asks for: those that are due, those that were missed while the server was down,
 * and those after another job; and the switch that pauses them all. Part of the replicator.
 * Invariants: a due time has one run or one SKIPPED, also with several processes on one database; while
 * paused nothing starts, and what was due then is not caught up; a run that was stopped, skipped or dry
 * leads to no other.
 * Spec: backlog-replication 2.10.
 */
import type { PauseInfo, RunInfo } from '../api-v1.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import { isAfter } from './job-chain.ts'
import type { JobRecord } from './job-record.ts'
import { linkOf, type RunCause, type RunChains } from './run-cause.ts'
import { type Due, Scheduler } from './scheduler.ts'
import type { Store } from './store.ts'

export interface ScheduleHost {
  readonly store: Store
  readonly logger: Logger
  readonly chains: RunChains
  /** Returns the id of the run. */
  readonly start: (jobId: string, cause: RunCause) => string
  readonly skip: (job: JobRecord, cause: RunCause, why: string) => void
  readonly isActive: (jobId: string) => boolean
  readonly onSwitched: () => void
}

/** Runs of one job that are looked through for one that had the same due time. */
const LOOKED_THROUGH = 10
const NOT_PAUSED: PauseInfo = { paused: false, by: null, at: null }
const STILL_GOING = 'the run before was still going'
const MISSED = 'the server was down when it was due, and catching up is off'

export class ScheduleDesk {
  readonly #host: ScheduleHost
  readonly #scheduler: Scheduler
  #work: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(host: ScheduleHost) {
    const { store, logger } = host
    this.#host = host
    this.#scheduler = new Scheduler({
      logger,
      jobs: () => store.all<JobRecord>('job'),
      isPaused: () => this.pause().paused,
      sinceMs: job => this.#sinceMs(job),
      onDue: (job, due) => this.#onDue(job, due),
    })
  }

  start(): void {
    this.#scheduler.start()
    for (const job of this.#host.store.all<JobRecord>('job')) this.#catchUpChain(job)
  }

  stop(): void {
    this.#isStopped = true
    this.#scheduler.stop()
  }

  /** Resolves when nothing is being started. */
  async close(): Promise<void> {
    this.stop()
    await this.#work
  }

  pause(): PauseInfo {
    return this.#host.store.get<PauseInfo>('switch', 'schedules') ?? NOT_PAUSED
  }

  setPause(paused: boolean, by: string): PauseInfo {
    const next: PauseInfo = { paused, by, at: new Date().toISOString() }
    this.#host.store.put('switch', 'schedules', next)
    this.#host.onSwitched()
    return next
  }

  /** Called with every run that ended. */
  onEnded(run: RunInfo): void {
    if (!isFollowed(run)) return
    for (const job of this.#host.store.all<JobRecord>('job'))
      if (isAfter(job, run.jobId)) this.#follow(job, run)
  }

  #follow(job: JobRecord, run: RunInfo): void {
    const { store, logger } = this.#host
    if (!mayFollow(job, run)) return
    const told = (level: 'info' | 'warn', text: string) =>
      store.log(run.id, {
        level,
        task: null,
        text: `job ${job.name} comes after this one: ${text}`,
      })
    if (this.pause().paused) {
      told('warn', 'it was not started, all schedules are paused')
      return
    }
    this.#work = this.#work.then(async () => {
      try {
        // Whoever lost the work to another process starts nothing: the other one does.
        await store.settled()
        if (this.#isStopped) return
        told('info', this.#started(job, run))
      } catch (error) {
        logger.warn(`job ${job.name} was not started after ${run.jobName}: ${messageOf(error)}`)
        told('warn', messageOf(error))
      }
    })
  }

  #started(job: JobRecord, run: RunInfo): string {
    const { chains, start, skip, isActive } = this.#host
    const after = linkOf(run)
    if (isActive(job.id)) {
      skip(job, { trigger: 'chained', after }, STILL_GOING)
      return `${STILL_GOING}; it was recorded as skipped`
    }
    const id = chains.follow(after, job.id, link =>
      start(job.id, { trigger: 'chained', after: link }),
    )
    return `its run ${id} was started`
  }

  /** The server ended between the end of one run and the start of the next. */
  #catchUpChain(job: JobRecord): void {
    const { schedule } = job
    if (schedule.interval !== 'after_job' || schedule.catchUp === false) return
    const [last] = this.#host.store.runs<RunInfo>({ jobId: schedule.afterJob ?? '', limit: 1 })
    if (last?.finishedAt === null || last === undefined || !isFollowed(last)) return
    if (Date.parse(last.finishedAt) > this.#sinceMs(job) && !this.pause().paused)
      this.#follow(job, last)
  }

  #onDue(job: JobRecord, { dueMs, isMissed }: Due): void {
    const { start, skip, isActive } = this.#host
    const dueAt = new Date(dueMs).toISOString()
    if (this.#isHandled(job.id, dueAt)) return
    const cause: RunCause = { trigger: 'schedule', dueAt }
    if (isActive(job.id)) {
      // What runs now began after the time that was missed.
      if (!isMissed) skip(job, cause, STILL_GOING)
    } else if (isMissed && job.schedule.catchUp === false) skip(job, cause, MISSED)
    else start(job.id, isMissed ? { ...cause, isCatchUp: true } : cause)
  }

  /** By another process on the same database, or by this one before it started anew. */
  #isHandled(jobId: string, dueAt: string): boolean {
    return this.#host.store
      .runs<RunInfo>({ jobId, limit: LOOKED_THROUGH })
      .some(one => one.dueAt !== undefined && one.dueAt >= dueAt)
  }

  /** As long as a server runs it sees every due time, so all before its last sign were seen. */
  #sinceMs(job: JobRecord): number {
    const [last] = this.#host.store.runs<RunInfo>({ jobId: job.id, limit: 1 })
    const signs = [job.updatedAt, last?.startedAt, this.pause().at ?? undefined]
    return Math.max(...signs.flatMap(one => (one === undefined ? [] : Date.parse(one))))
  }
}

function isFollowed({ mode, state, finishedAt }: RunInfo): boolean {
  return finishedAt !== null && mode !== 'dry-run' && state !== 'SKIPPED' && state !== 'CANCELLED'
}

function mayFollow({ enabled, schedule, tasks }: JobRecord, { state }: RunInfo): boolean {
  if (!enabled || !schedule.on || !tasks.some(one => one.enabled)) return false
  return schedule.afterOn === 'always' || state === 'SUCCESS' || state === 'WARNING'
}
