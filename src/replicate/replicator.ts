/**
 * Replication as the server and the commands use it: connections, jobs, tasks, previews, runs.
 * One per process and data folder. Runs of one job come one after the other; the scheduler says which
 * jobs are due. Listeners hear of every change.
 * Invariants: one run of a job at a time; a run that was cut off by the end of the process is told as
 * failed at the next start, and the run after it goes on.
 * Spec: backlog-replication 2.
 */
import { randomUUID } from 'node:crypto'
import type { RetentionInfo, RetentionSpec, RunInfo, RunRequest, SchemaChange } from '../api-v1.ts'
import { PRODUCT_VERSION } from '../base/product-version.ts'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { ConsistencyName } from '../cql/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { AlertDesk } from './alert-desk.ts'
import { cassandraSettings } from './connection.ts'
import { usesFields } from './custom-fields.ts'
import { cutOffRuns, endLeftRuns, keepRequest } from './cut-off-runs.ts'
import { executeOn } from './destination-statement.ts'
import { conflict, REPLICATE_ERRORS, unknown } from './errors.ts'
import { HistoryKeeper } from './history-keeper.ts'
import { HookDesk } from './hook-desk.ts'
import { JobDesk } from './job-desk.ts'
import { JobLeases } from './job-leases.ts'
import { currentSettings, type JobRecord, type TaskRecord } from './job-record.ts'
import type { OpenSource } from './open-source.ts'
import { noteRetry, type RetryPlan, retryPlan } from './retry-plan.ts'
import { causeOf, type RunCause, RunChains } from './run-cause.ts'
import { runFailure } from './run-failure.ts'
import type { RunsAsked } from './run-history.ts'
import { runJob } from './run-job.ts'
import { type RunOrder, runRequest, tasksOf } from './run-order.ts'
import { LiveRun } from './run-state.ts'
import { ScheduleDesk } from './schedule-desk.ts'
import { SchemaDesk, type SchemaListener } from './schema-desk.ts'
import { Store } from './store.ts'
import { checkRunConsent } from './task-consent.ts'
import type { FindTable } from './task-setup.ts'
import { fieldError } from './task-target.ts'
import { TokenDesk } from './token-desk.ts'
import { UserDesk } from './user-desk.ts'

export type Trigger = RunInfo['trigger']

export class Replicator extends JobDesk {
  readonly alerts: AlertDesk
  readonly hooks: HookDesk
  readonly schema: SchemaDesk
  readonly tokens: TokenDesk
  readonly users: UserDesk
  readonly #active = new Map<string, LiveRun>()
  readonly #finished = new Map<string, Promise<RunInfo>>()
  readonly schedules: ScheduleDesk
  readonly #leases: JobLeases
  readonly #history: HistoryKeeper
  /** Runs that another process did not end. */
  readonly #cutOff: readonly RunInfo[]
  #isClosing = false

  /** `state`: a data folder, or a store that is shared; of that the replicator goes on with what was cut off. */
  constructor(
    state: string | Store,
    logger: Logger,
    { retention = {} }: { readonly retention?: Partial<RetentionSpec> } = {},
  ) {
    super(typeof state === 'string' ? new Store(state) : state, logger)
    const { store } = this
    this.#history = new HistoryKeeper({ store, logger, fixed: retention })
    this.tokens = new TokenDesk(store)
    this.schema = new SchemaDesk({
      store,
      jobOf: id => this.jobRecord(id),
      keyspaceOf: job => this.keyspaceOf(job),
      keepTask: (id, task) => this.keepTask(id, task),
      checkIdle: job => this.checkIdle(job),
      find: job => this.finder(job.source),
      check: (job, task) => this.setUp(job, task),
    })
    this.users = new UserDesk(store)
    this.alerts = new AlertDesk({ store, logger, emit: event => this.emit(event) })
    const chains = new RunChains()
    this.hooks = new HookDesk({
      ...{ store, logger, chains },
      execute: (job, cql) => executeOn(this.properties(job.destination), cql, logger),
      onCalled: id => this.emit({ event: 'change', data: { kind: 'hook', id } }),
      tellChannel: (id, message, signal) => this.alerts.tellChannel(id, message, signal),
      startRun: (id, after) => this.#start(id, {}, { trigger: 'chained', after }).id,
    })
    this.schedules = new ScheduleDesk({
      ...{ store, logger, chains },
      start: (id, cause) => this.#start(id, {}, cause).id,
      skip: (job, cause, why) =>
        void this.#newRun(job, { mode: 'incremental', ...cause }).end('SKIPPED', why),
      isActive: id => this.activeRun(id) !== undefined,
      onSwitched: () => this.emit({ event: 'change', data: { kind: 'job', id: '' } }),
    })
    const onLost = (id: string) => this.#active.get(id)?.controller.abort()
    this.#leases = new JobLeases({ store, logger, onLost })
    this.onEvent(({ event, data }) => {
      if (event !== 'run') return
      this.hooks.onRun(data)
      if (data.finishedAt === null) return
      this.alerts.judge(data)
      this.schedules.onEnded(data)
    })
    this.#cutOff = cutOffRuns(store, id => this.#leases.heldElsewhere(id) !== undefined)
  }

  /** Starts schedules. */
  start(): void {
    this.alerts.start()
    this.#history.start()
    if (this.store.isShared) for (const run of this.#cutOff) this.#takeUp(run)
    this.schedules.start()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.schedules.stop()
    this.hooks.stop()
    while (this.#finished.size > 0) {
      for (const run of this.#active.values()) run.controller.abort()
      await Promise.allSettled(this.#finished.values())
    }
    await this.hooks.close()
    await this.schedules.close()
    await this.alerts.close()
    await this.#history.close()
    this.store.close()
  }

  // Runs

  override runs(of: RunsAsked): RunInfo[] {
    return this.store.history
      .list<RunInfo>(of)
      .map(one =>
        this.#active.get(one.jobId)?.id === one.id ? this.#active.get(one.jobId)!.info() : one,
      )
  }

  retention(): RetentionInfo {
    return this.#history.retention()
  }

  setRetention(given: RetentionSpec): Promise<RetentionInfo> {
    return this.#history.set(given)
  }

  run(id: string): RunInfo {
    for (const live of this.#active.values()) if (live.id === id) return live.info()
    const run = this.store.run<RunInfo>(id)
    if (run === undefined) throw unknown(`there is no run ${id}`)
    return run
  }

  startRun(jobId: string, request: RunRequest, trigger: Trigger): RunInfo {
    this.#checkOpen()
    const order = runRequest(request)
    checkRunConsent(tasksOf(this.jobRecord(jobId), order), order)
    return this.#start(jobId, order, { trigger })
  }

  /** Reads the rejected rows of a run again, and writes those that can be written now. */
  retryRejected(runId: string, trigger: Trigger): RunInfo {
    const run = this.run(runId)
    if (run.finishedAt === null) throw conflict(`run ${runId} is still going; wait for its end`)
    const plan = retryPlan(this.store, run)
    if (plan.size === 0)
      throw conflict(`run ${runId} has no rejected rows that were not tried again`)
    const known = new Set(this.jobRecord(run.jobId).tasks.map(one => one.id))
    const tasks = [...plan.keys()].filter(id => known.has(id))
    if (tasks.length === 0)
      throw conflict(`the tasks of the rejected rows of run ${runId} were deleted since`)
    return this.#start(run.jobId, { mode: 'retry', tasks, retryOf: runId }, { trigger })
  }

  #checkOpen(): void {
    if (this.#isClosing) throw new ScamanderError(REPLICATE_ERRORS.STOPPED, 'the server ends')
  }

  #start(jobId: string, order: RunOrder, cause: RunCause): RunInfo {
    this.#checkOpen()
    const job = this.jobRecord(jobId)
    if (this.#active.has(jobId)) throw conflict(`job ${job.name} is running already`)
    const tasks = tasksOf(job, order)
    if (!this.#leases.take(jobId))
      throw conflict(
        `job ${job.name} is run by ${this.#leases.heldElsewhere(jobId)}, another server`,
      )
    if (!this.store.isShared) endLeftRuns(this.store, jobId)
    const { mode = 'incremental', retryOf } = order
    const run = this.#newRun(job, { mode, ...cause, retryOf })
    run.save()
    keepRequest(this.store, run.id, { ...order, mode })
    this.#active.set(jobId, run)
    const finished = this.#execute(run, { ...job, tasks }, order).finally(() => {
      this.#active.delete(jobId)
      this.#leases.release(jobId)
      this.#finished.delete(run.id)
    })
    this.#finished.set(run.id, finished)
    finished.catch(error =>
      this.logger.error(`the end of run ${run.id} cannot be kept: ${messageOf(error)}`, error),
    )
    return run.info()
  }

  /** Resolves when the run ended. */
  async waitFor(runId: string): Promise<RunInfo> {
    return (await this.#finished.get(runId)) ?? this.run(runId)
  }

  cancelRun(runId: string): RunInfo {
    for (const live of this.#active.values()) if (live.id === runId) live.controller.abort()
    const run = this.run(runId)
    const holder = this.#leases.heldElsewhere(run.jobId)
    if (run.finishedAt === null && holder !== undefined)
      throw conflict(`the run is at ${holder}, another server; stop it there`)
    return run
  }

  async #execute(run: LiveRun, job: JobRecord, order: RunOrder): Promise<RunInfo> {
    let source: OpenSource | undefined
    let asked = job.source
    try {
      await this.hooks.before(run.info(), job, run.controller.signal)
      source = await this.openSource(job, run.controller.signal)
      const tasks = [...job.tasks, ...(await this.#addedTables(run, job, order))]
      if (tasks.length === 0)
        throw fieldError('tasks', `job ${job.name} has no task to run: the source has no tables`)
      if (tasks.some(usesFields)) await this.#renewFields(run, job.source)
      const find = await this.finder(job.source)
      const setups = []
      for (const given of tasks) {
        const task = this.#observed(run, job, { task: given, find, order })
        try {
          const setup = await this.setUp(job, task, find)
          this.checkAlone(job, task, order.mode)
          setups.push(setup)
        } catch (error) {
          setups.push({ taskId: task.id, table: task.table ?? task.destination, error })
        }
      }
      const properties = this.properties(job.destination)
      if (properties['readOnly'] === true)
        throw fieldError('destination', 'the destination connection is read-only')
      const retry = this.#retryOf(order)
      asked = job.destination
      const state = await runJob({
        ...{ store: this.store, logger: this.logger, job, setups, source, run, retry },
        mode: order.mode ?? 'incremental',
        destination: cassandraSettings(properties),
        writeConcurrency: Number(properties['writeConcurrency'] ?? 128),
        consistency: properties['consistencyLevel'] as ConsistencyName,
        acceptDeletes: order.acceptDeletes === true,
      })
      if (order.retryOf !== undefined) noteRetry(this.store, order.retryOf, run.info())
      return this.ended(run, state, run.tasks.find(one => one.error !== null)?.error ?? null)
    } catch (error) {
      const isStopped = run.controller.signal.aborted
      const said = runFailure(error, this.record(asked).name)
      run.log('error', said)
      return this.ended(run, isStopped ? 'CANCELLED' : 'FAILED', said)
    } finally {
      if (source?.kind === 'cassandra') await source.session.close()
      this.store.delete('run-request', run.id)
    }
  }

  /** The task as it goes on after changes of the source's schema. */
  #observed(
    run: LiveRun,
    job: JobRecord,
    of: { readonly task: TaskRecord; readonly find: FindTable; readonly order: RunOrder },
  ): TaskRecord {
    const { task, find, order } = of
    // What a retry and a dry run read is no news to the job.
    if (order.mode === 'dry-run' || order.mode === 'retry') return task
    return this.schema.observe(job, task, { ...this.#toldBy(run), find })
  }

  #toldBy(run: LiveRun): SchemaListener {
    const onChange = (task: TaskRecord, change: SchemaChange) => run.tellChange(task, change)
    return { runId: run.id, onChange }
  }

  /** Without an answer the fields are those of the last run. */
  async #renewFields(run: LiveRun, source: string): Promise<void> {
    const { signal } = run.controller
    const onRequest = (kind: 'sent' | 'retried') => void run.requests[kind]++
    try {
      await this.readFields(source, { signal, onRequest })
    } catch (error) {
      if (signal.aborted) throw error
      run.log('warn', `custom fields are those of the last run: ${messageOf(error)}`)
    }
  }

  #retryOf({ retryOf }: RunOrder): RetryPlan | undefined {
    return retryOf === undefined ? undefined : retryPlan(this.store, this.run(retryOf))
  }

  /** A job of all tables takes those up that came since. */
  async #addedTables(run: LiveRun, job: JobRecord, { mode, tasks }: RunOrder) {
    if (job.type !== 'sync_all' || tasks !== undefined || mode === 'dry-run') return []
    const added = this.keepTasks(job.id, await this.newTables(this.jobRecord(job.id)))
    if (added.length === 0) return []
    run.log('info', `new tables of the source: ${added.map(one => one.table).join(', ')}`)
    for (const task of added) this.schema.noteTable(job, task, this.#toldBy(run))
    return added
  }

  /** What the job was asked for, without consent to deletes: that was given for what was known then. */
  #takeUp(run: RunInfo): void {
    const request = this.store.get<RunOrder>('run-request', run.id) ?? { mode: run.mode }
    this.store.delete('run-request', run.id)
    const { acceptDeletes: _given, ...again } = request
    try {
      if (run.state === 'CANCELLED') this.#start(run.jobId, again, causeOf(run))
      else this.alerts.judge(run)
    } catch (error) {
      this.logger.error(`run ${run.id} cannot be taken up: ${messageOf(error)}`, error)
    }
  }

  /** Also one that another server on the same database has under way. */
  protected override activeRun(jobId: string): RunInfo | undefined {
    const own = this.#active.get(jobId)?.info()
    if (own !== undefined || this.#leases.heldElsewhere(jobId) === undefined) return own
    return this.store.openRuns<RunInfo>().find(one => one.jobId === jobId)
  }

  protected override startedBy(jobId: string): readonly string[] {
    return this.hooks.jobsStartedBy(jobId)
  }

  protected override forgetJob(id: string): void {
    this.hooks.forgetJob(id)
    this.alerts.forgetJob(id)
    this.schema.forgetJob(id)
    this.#history.soon()
  }

  #newRun(
    job: JobRecord,
    of: RunCause & Pick<RunInfo, 'mode'> & { readonly retryOf?: string | undefined },
  ): LiveRun {
    const onChange = (data: RunInfo) => this.emit({ event: 'run', data })
    const { id: jobId, name: jobName, version } = job
    const { logLevel } = currentSettings(job.settings, Date.now())
    const used = { product: PRODUCT_VERSION, job: version }
    const [before] = this.store.runs<RunInfo>({ jobId, limit: 1 })
    const afterMs = before === undefined ? 0 : Date.parse(before.startedAt)
    return new LiveRun(randomUUID(), {
      store: this.store,
      jobId,
      ...{ jobName, logLevel, used },
      ...of,
      afterMs,
      onChange,
    })
  }
}
