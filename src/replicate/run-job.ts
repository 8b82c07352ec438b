/**
 * One run of a job: a session that writes, the tasks made ready, then groups of them that share one
 * reading of the source, and how each ended. Called by the replicator, which holds one run per job at a
 * time. What a task does before it reads is in task-opening, its reading in table-reading and
 * query-reading, its deletes in missing-rows; what they share is in run-scope.
 * Invariants: missing rows are deletes only after a whole and faultless reading; one failed task does not
 * stop the others unless the job says so.
 * Spec: backlog-replication 1.8, 2.8, 2.9, 2.12.
 */
import type { RunState } from '../api-v1.ts'
import { BACKLOG_ERRORS } from '../backlog/index.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import { WriteSession } from '../cassandra/index.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import { deleteMissing } from './missing-rows.ts'
import { readQuery } from './query-reading.ts'
import { type ReadyTask, type RunJobOptions, RunScope } from './run-scope.ts'
import type { LiveRun, LiveTask } from './run-state.ts'
import { groupsOf } from './table-family.ts'
import { TableReading } from './table-reading.ts'
import { TaskOpening } from './task-opening.ts'

const PLANNER = { batchBy: 'replica-set', rowsMax: 64, partitionsMax: 10, bytesMax: 4_800 } as const

export async function runJob(options: RunJobOptions): Promise<RunState> {
  const { run, logger, destination, writeConcurrency } = options
  const { signal } = run.controller
  const session = await WriteSession.open(destination, {
    logger,
    signal,
    requestsMax: writeConcurrency,
    planner: PLANNER,
  })
  try {
    return await new JobRun(options, session).run()
  } finally {
    await session.close()
  }
}

class JobRun {
  readonly #of: RunJobOptions
  readonly #scope: RunScope

  constructor(options: RunJobOptions, session: WriteSession) {
    this.#of = options
    this.#scope = new RunScope(options, session)
  }

  async run(): Promise<RunState> {
    const { run, setups, job } = this.#of
    if (run.transferLevel === 'verbose')
      run.log(
        'warn',
        `this log holds contents of rows: the job logs verbosely until ${job.settings.verboseUntil}`,
      )
    const opening = new TaskOpening(this.#scope)
    const ready: ReadyTask[] = []
    for (const setup of setups) {
      const isBroken = 'error' in setup
      const live = run.addTask(
        isBroken ? setup.taskId : setup.task.id,
        isBroken ? setup.table : (setup.task.table ?? setup.task.destination),
      )
      if (!isBroken) live.query = setup.task.query ?? undefined
      try {
        if (isBroken) throw setup.error
        ready.push(await opening.open(setup, live))
      } catch (error) {
        this.#fail(live, error)
      }
    }
    try {
      await this.#runGroups(groupsOf(ready))
    } finally {
      for (const one of ready) one.projector.close()
    }
    this.#warnIfEmpty()
    return stateOf(run)
  }

  /**
   * They begin in their order, as many at a time as the job allows. Queries go one after the other all the
   * same: each may hold a gigabyte. One that fails lets those under way end, and no other begin when the
   * job says so.
   */
  async #runGroups(groups: readonly (readonly ReadyTask[])[]): Promise<void> {
    const { run, job } = this.#of
    const left = [...groups]
    let isBroken = false
    const isOver = () =>
      isBroken ||
      run.controller.signal.aborted ||
      (job.settings.stopOnFirstError && run.tasks.some(one => one.state === 'FAILED'))
    const begin = async (group: readonly ReadyTask[]) => {
      if (isOver()) return
      await this.#runGroup(group)
      run.save()
    }
    let queries = Promise.resolve()
    const lane = async () => {
      for (let group = left.shift(); group !== undefined; group = left.shift()) {
        const next = group
        const isQuery = group[0]!.setup.select !== undefined
        const turn = isQuery ? queries.then(() => begin(next)) : begin(next)
        // Who waits behind it asks whether all is over; what went wrong is thrown where it began.
        if (isQuery) queries = turn.catch(() => undefined)
        await turn.catch(error => {
          isBroken = true
          throw error
        })
      }
    }
    const count = Math.min(job.settings.parallelTasks ?? 1, groups.length)
    const ends = await Promise.allSettled(Array.from({ length: count }, lane))
    const failed = ends.find(one => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /** Never green but empty: a user without projects is shown nothing, and that is no error to Backlog. */
  #warnIfEmpty(): void {
    const { run, store } = this.#of
    const { tasks } = run
    const isGreen = tasks.length > 0 && tasks.every(one => one.state === 'SUCCESS')
    if (!isGreen || tasks.some(one => one.counts.read > 0 || store.rows.count(one.taskId) > 0))
      return
    for (const live of tasks) {
      run.warn(
        live,
        'nothing was read, now or before: the source shows no rows; check the rights of its user and that there is something to copy',
      )
      live.state = 'WARNING'
    }
  }

  /** Tasks of one group end alike: they read together. */
  async #runGroup(group: readonly ReadyTask[]): Promise<void> {
    const { run } = this.#of
    for (const { live } of group) {
      live.state = 'RUNNING'
      live.startedMs = Date.now()
    }
    try {
      const isComplete = await this.#read(group)
      for (const one of group) {
        if (isComplete) await deleteMissing(this.#scope, one)
        else if (one.isEmptied) run.warn(one.live, EMPTIED)
        this.#finish(one)
      }
    } catch (error) {
      // What is on its way is written or not before the task is told as ended.
      await Promise.allSettled(group.map(one => one.writer.flush()))
      for (const one of group) this.#fail(one.live, error)
    }
    for (const { live } of group) live.endedMs = Date.now()
    run.touch()
  }

  async #read(group: readonly ReadyTask[]): Promise<boolean> {
    const { select, rowSelect } = group[0]!.setup
    const isOverAll = select !== undefined && rowSelect === undefined
    if (isOverAll) return await readQuery(this.#scope, group[0]!)
    return await new TableReading(this.#scope).read(group)
  }

  #finish(one: ReadyTask): void {
    const { job, store, run, mode } = this.#of
    const { live, setup } = one
    if (this.#scope.isRefused(one)) {
      const message = `${live.counts.rejected} rows were rejected, the job allows ${job.settings.rejectedMax}`
      throw new ScamanderError(REPLICATE_ERRORS.REJECTED, message)
    }
    if (live.counts.rejected > 0)
      run.warn(
        live,
        `${live.counts.rejected} rows were rejected and are not in the table; the page of the run has them, and can try them again`,
      )
    live.state = live.warnings.length > 0 || live.parkedDeletes > 0 ? 'WARNING' : 'SUCCESS'
    live.activity = ''
    // These leave rows that changed where they are: `last_run_time()` must not pass them.
    if (mode !== 'dry-run' && mode !== 'retry')
      store.put('fresh', setup.task.id, new Date(run.startedMs).toISOString())
  }

  #fail(live: LiveTask, error: unknown): void {
    const { run } = this.#of
    const code = isScamanderError(error) ? error.code : ''
    const isStopped = isScamanderError(error, 'cancelled') || run.controller.signal.aborted
    live.state = isStopped
      ? 'CANCELLED'
      : code === BACKLOG_ERRORS.WAIT_LIMIT.code
        ? 'PARTIAL'
        : code === BACKLOG_ERRORS.REFUSED.code
          ? 'WARNING'
          : 'FAILED'
    live.error = messageOf(error)
    live.advice = isScamanderError(error) ? error.advice : null
    live.endedMs = Date.now()
    run.log(live.state === 'FAILED' ? 'error' : 'warn', live.error, live.table)
  }
}

const EMPTIED =
  'something could not be read, and this table is emptied before it is loaded: rows of what could not be read are not in it now; run again when it can be read'

function stateOf(run: LiveRun): RunState {
  const states = new Set(run.tasks.map(one => one.state))
  if (run.controller.signal.aborted) return 'CANCELLED'
  if (states.has('FAILED')) return states.size === 1 ? 'FAILED' : 'PARTIAL'
  if (states.has('PARTIAL')) return 'PARTIAL'
  return states.has('WARNING') ? 'WARNING' : 'SUCCESS'
}
