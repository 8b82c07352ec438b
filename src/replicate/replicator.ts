/**
 * Replication as the server and the commands use it: connections, jobs, tasks, previews, runs.
 * One per process and data folder. Runs of one job come one after the other; the scheduler says which
 * jobs are due. Listeners hear of every change.
 * Invariants: nothing is saved half: a wrong field refuses the whole change; a run that was cut off by
 * the end of the process is told as failed at the next start, and the run after it goes on.
 * Spec: backlog-replication 2.
 */
import { randomUUID } from 'node:crypto'
import type {
  JobDraft,
  JobInfo,
  JobPatch,
  RunInfo,
  RunRequest,
  TaskDraft,
  TaskPatch,
  TaskPlan,
  TaskPreview,
} from '../api-v1.ts'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { ControlSession } from '../cassandra/index.ts'
import type { ConsistencyName } from '../cql/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { AlertDesk } from './alert-desk.ts'
import { cassandraSettings } from './connection.ts'
import { cutOffRuns, keepRequest } from './cut-off-runs.ts'
import { executeOn } from './destination-statement.ts'
import { conflict, REPLICATE_ERRORS, unknown } from './errors.ts'
import { findTable } from './find-table.ts'
import { HookDesk } from './hook-desk.ts'
import { jobFields } from './job-change.ts'
import { type JobRecord, SETTINGS_DEFAULT, type TaskRecord } from './job-record.ts'
import { toJobInfo } from './job-view.ts'
import { previewTask } from './preview.ts'
import { RecordDesk } from './record-desk.ts'
import { type OpenSource, runJob } from './run-job.ts'
import { LiveRun } from './run-state.ts'
import { NO_SCHEDULE } from './schedule.ts'
import { Scheduler } from './scheduler.ts'
import { Store } from './store.ts'
import { kindOf, newTask, patched, taskOf } from './task-change.ts'
import { setUpTask } from './task-setup.ts'
import { fieldError, hasKeyOf, planTarget } from './task-target.ts'
import { TokenDesk } from './token-desk.ts'
import { UserDesk } from './user-desk.ts'

export type Trigger = RunInfo['trigger']

export class Replicator extends RecordDesk {
  readonly alerts: AlertDesk
  readonly hooks: HookDesk
  readonly tokens: TokenDesk
  readonly users: UserDesk
  readonly #active = new Map<string, LiveRun>()
  readonly #finished = new Map<string, Promise<RunInfo>>()
  readonly #scheduler: Scheduler
  /** Runs that another process did not end. */
  readonly #cutOff: readonly RunInfo[]
  #isClosing = false

  /** `state`: a data folder, or a store that is shared; of that the replicator goes on with what was cut off. */
  constructor(state: string | Store, logger: Logger) {
    super(typeof state === 'string' ? new Store(state) : state, logger)
    const { store } = this
    this.tokens = new TokenDesk(store)
    this.users = new UserDesk(store)
    this.alerts = new AlertDesk({ store, logger, emit: event => this.emit(event) })
    this.hooks = new HookDesk({
      ...{ store, logger },
      execute: (job, cql) => executeOn(this.properties(job.destination), cql, logger),
      onCalled: id => this.emit({ event: 'change', data: { kind: 'hook', id } }),
      tellChannel: (id, message, signal) => this.alerts.tellChannel(id, message, signal),
      startRun: id => this.startRun(id, {}, 'chained').id,
    })
    this.#scheduler = new Scheduler({
      logger,
      jobs: () => store.all<JobRecord>('job'),
      onDue: job =>
        this.#active.has(job.id) ? this.#skip(job) : void this.startRun(job.id, {}, 'schedule'),
    })
    this.onEvent(({ event, data }) => {
      if (event !== 'run') return
      this.hooks.onRun(data)
      if (data.finishedAt !== null) this.alerts.judge(data)
    })
    this.#cutOff = cutOffRuns(store)
  }

  /** Starts schedules. */
  start(): void {
    this.#scheduler.start()
    this.alerts.start()
    if (this.store.isShared) for (const run of this.#cutOff) this.#takeUp(run)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#scheduler.stop()
    this.hooks.stop()
    while (this.#finished.size > 0) {
      for (const run of this.#active.values()) run.controller.abort()
      await Promise.allSettled(this.#finished.values())
    }
    await this.hooks.close()
    await this.alerts.close()
    this.store.close()
  }

  // Jobs

  jobs(): JobInfo[] {
    return this.store
      .all<JobRecord>('job')
      .map(one => this.#shownJob(one))
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  job(id: string): JobInfo {
    return this.#shownJob(this.#jobRecord(id))
  }

  async addJob(draft: JobDraft): Promise<JobInfo> {
    const { labels = [], schedule = NO_SCHEDULE, ...fields } = jobFields(draft)
    this.checkName('job', draft.name)
    this.record(draft.source)
    this.#checkDestination(draft.destination)
    const now = new Date().toISOString()
    const type = draft.type ?? 'standard'
    const settings = { ...SETTINGS_DEFAULT, ...fields.settings }
    const tables =
      type === 'sync_all'
        ? [...(await this.tablesOf(draft.source)).keys()].filter(
            one => !settings.exclude.includes(one),
          )
        : []
    const tasks = tables.map(table => newTask({ table }))
    const { name, source, destination } = draft
    const record: JobRecord = {
      ...{ id: randomUUID(), name, source, destination, type, enabled: true, labels },
      ...{ settings, schedule, tasks, version: 1, createdAt: now, updatedAt: now },
    }
    this.#putJob(record)
    return this.#shownJob(record)
  }

  patchJob(id: string, patch: JobPatch, version?: number): JobInfo {
    const old = this.#jobRecord(id)
    if (version !== undefined && version !== old.version)
      throw conflict(`job ${old.name} was changed by somebody else`)
    const { settings, ...fields } = jobFields(patch)
    if (fields.name !== undefined && fields.name !== old.name) this.checkName('job', fields.name)
    if (fields.destination !== undefined) this.#checkDestination(fields.destination)
    return this.#changeJob(old, { ...fields, settings: { ...old.settings, ...settings } })
  }

  deleteJob(id: string): void {
    const job = this.#jobRecord(id)
    this.#checkIdle(job)
    for (const task of job.tasks) this.store.forgetTask(task.id)
    this.store.delete('job', id)
    this.emit({ event: 'change', data: { kind: 'job', id } })
  }

  async addTasks(jobId: string, drafts: readonly TaskDraft[]): Promise<JobInfo> {
    const job = this.#jobRecord(jobId)
    const tasks = drafts.map(newTask)
    for (const task of tasks) await this.#setUp(job, task)
    const old = this.#jobRecord(jobId)
    return this.#changeJob(old, { tasks: [...old.tasks, ...tasks] })
  }

  async patchTask(jobId: string, taskId: string, patch: TaskPatch): Promise<JobInfo> {
    const job = this.#jobRecord(jobId)
    const known = taskOf(job, taskId)
    const task = patched(known, patch)
    const isOther = [patch.columns, patch.query, patch.destination].some(one => one !== undefined)
    if (isOther) this.#checkIdle(job)
    const { target } = await this.#setUp(job, task)
    if (isOther) {
      // What cannot be set up any more has no key to compare.
      const before = await this.#setUp(job, known).catch(() => undefined)
      this.#checkIdle(job)
      if (before !== undefined && hasKeyOf(before.target, target)) this.store.doubtTask(taskId)
      else this.store.forgetTask(taskId)
    }
    const old = this.#jobRecord(jobId)
    return this.#changeJob(old, { tasks: old.tasks.map(one => (one.id === taskId ? task : one)) })
  }

  deleteTask(jobId: string, taskId: string): JobInfo {
    const job = this.#jobRecord(jobId)
    taskOf(job, taskId)
    this.#checkIdle(job)
    this.store.forgetTask(taskId)
    return this.#changeJob(job, { tasks: job.tasks.filter(one => one.id !== taskId) })
  }

  reorderTasks(jobId: string, ids: readonly string[]): JobInfo {
    const job = this.#jobRecord(jobId)
    const place = (id: string) => (ids.includes(id) ? ids.indexOf(id) : ids.length)
    return this.#changeJob(job, { tasks: [...job.tasks].sort((a, b) => place(a.id) - place(b.id)) })
  }

  /** The next run reads everything again. */
  resetTask(jobId: string, taskId: string): void {
    const job = this.#jobRecord(jobId)
    taskOf(job, taskId)
    this.#checkIdle(job)
    this.store.doubtTask(taskId)
  }

  async planTask(jobId: string, taskId: string, patch: TaskPatch): Promise<TaskPlan> {
    const job = this.#jobRecord(jobId)
    const { target, tables, select } = await this.#setUp(job, patched(taskOf(job, taskId), patch))
    const control = await ControlSession.open(cassandraSettings(this.properties(job.destination)), {
      logger: this.logger,
    })
    try {
      const plan = planTarget(
        target,
        await findTable(control, target.keyspace, target.table),
        `scamander job=${job.id} task=${taskId}`,
      )
      return {
        keyspace: target.keyspace,
        table: target.table,
        ...plan,
        ...kindOf(select),
        sourceTables: tables.map(one => one.name),
      }
    } finally {
      await control.close()
    }
  }

  async previewTask(jobId: string, draft: TaskDraft, signal: AbortSignal): Promise<TaskPreview> {
    const job = this.#jobRecord(jobId)
    const setup = await this.#setUp(job, newTask(draft))
    const source = await this.openSource(job, signal)
    try {
      return { ...(await previewTask(setup, source, signal)), ...kindOf(setup.select) }
    } finally {
      if (source.kind === 'cassandra') await source.session.close()
    }
  }

  // Runs

  runs(of: {
    jobId?: string | undefined
    beforeMs?: number | undefined
    limit: number
  }): RunInfo[] {
    return this.store
      .runs<RunInfo>(of)
      .map(one =>
        this.#active.get(one.jobId)?.id === one.id ? this.#active.get(one.jobId)!.info() : one,
      )
  }

  run(id: string): RunInfo {
    for (const live of this.#active.values()) if (live.id === id) return live.info()
    const run = this.store.run<RunInfo>(id)
    if (run === undefined) throw unknown(`there is no run ${id}`)
    return run
  }

  startRun(jobId: string, request: RunRequest, trigger: Trigger): RunInfo {
    if (this.#isClosing) throw new ScamanderError(REPLICATE_ERRORS.STOPPED, 'the server ends')
    const job = this.#jobRecord(jobId)
    if (this.#active.has(jobId)) throw conflict(`job ${job.name} is running already`)
    const chosen = job.tasks.filter(one =>
      request.tasks === undefined ? one.enabled : request.tasks.includes(one.id),
    )
    if (chosen.length === 0)
      throw fieldError('tasks', `job ${job.name} has no task to run: add tasks first`)
    const mode = request.mode ?? 'incremental'
    const run = this.#newRun(job, { mode, trigger })
    run.save()
    keepRequest(this.store, run.id, { ...request, mode })
    this.#active.set(jobId, run)
    const finished = this.#execute(run, { ...job, tasks: chosen }, request).finally(() => {
      this.#active.delete(jobId)
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
    return this.run(runId)
  }

  async #execute(run: LiveRun, job: JobRecord, request: RunRequest): Promise<RunInfo> {
    let source: OpenSource | undefined
    try {
      await this.hooks.before(run.info(), job, run.controller.signal)
      source = await this.openSource(job, run.controller.signal)
      const find = await this.finder(job.source)
      const setups = []
      for (const task of job.tasks) {
        try {
          setups.push(await setUpTask(task, { job, keyspace: this.#keyspaceOf(job), find }))
        } catch (error) {
          setups.push({ taskId: task.id, table: task.table ?? task.destination, error })
        }
      }
      const properties = this.properties(job.destination)
      if (properties['readOnly'] === true)
        throw fieldError('destination', 'the destination connection is read-only')
      const state = await runJob({
        ...{ store: this.store, logger: this.logger, job, setups, source, run },
        mode: request.mode ?? 'incremental',
        destination: cassandraSettings(properties),
        writeConcurrency: Number(properties['writeConcurrency'] ?? 128),
        consistency: properties['consistencyLevel'] as ConsistencyName,
        acceptDeletes: request.acceptDeletes === true,
      })
      return this.ended(run, state, run.tasks.find(one => one.error !== null)?.error ?? null)
    } catch (error) {
      const isStopped = run.controller.signal.aborted
      run.log('error', messageOf(error))
      return this.ended(run, isStopped ? 'CANCELLED' : 'FAILED', messageOf(error))
    } finally {
      if (source?.kind === 'cassandra') await source.session.close()
      this.store.delete('run-request', run.id)
    }
  }

  /** What the job was asked for, without consent to deletes: that was given for what was known then. */
  #takeUp(run: RunInfo): void {
    const request = this.store.get<RunRequest>('run-request', run.id) ?? { mode: run.mode }
    this.store.delete('run-request', run.id)
    const { acceptDeletes: _given, ...again } = request
    try {
      if (run.state === 'CANCELLED') this.startRun(run.jobId, again, run.trigger)
      else this.alerts.judge(run)
    } catch (error) {
      this.logger.error(`run ${run.id} cannot be taken up: ${messageOf(error)}`, error)
    }
  }

  #skip(job: JobRecord): void {
    const run = this.#newRun(job, { mode: 'incremental', trigger: 'schedule' })
    run.end('SKIPPED', 'the run before was still going')
  }

  #newRun(job: JobRecord, of: Pick<RunInfo, 'mode' | 'trigger'>): LiveRun {
    const onChange = (data: RunInfo) => this.emit({ event: 'run', data })
    const { id: jobId, name: jobName } = job
    const [before] = this.store.runs<RunInfo>({ jobId, limit: 1 })
    const afterMs = before === undefined ? 0 : Date.parse(before.startedAt)
    return new LiveRun(randomUUID(), {
      store: this.store,
      jobId,
      jobName,
      ...of,
      afterMs,
      onChange,
    })
  }

  #setUp(job: JobRecord, task: TaskRecord) {
    return this.finder(job.source).then(find =>
      setUpTask(task, { job, keyspace: this.#keyspaceOf(job), find }),
    )
  }

  #keyspaceOf(job: JobRecord): string {
    return job.settings.keyspace ?? String(this.record(job.destination).properties['database'])
  }

  #jobRecord(id: string): JobRecord {
    const record = this.store.get<JobRecord>('job', id)
    if (record === undefined) throw unknown(`there is no job ${id}`)
    return record
  }

  #shownJob(job: JobRecord): JobInfo {
    return toJobInfo(job, {
      source: this.record(job.source),
      destination: this.record(job.destination),
      runs: this.runs({ jobId: job.id, limit: 5 }),
      active: this.#active.get(job.id)?.info(),
      freshAt: task => this.store.get<string>('fresh', task) ?? null,
    })
  }

  /** A run would undo what is done to its rows and cursors meanwhile. */
  #checkIdle(job: JobRecord): void {
    if (this.#active.has(job.id)) throw conflict(`job ${job.name} is running; stop it first`)
  }

  #checkDestination(id: string): void {
    if (this.record(id).connector !== 'cassandra')
      throw fieldError('destination', 'destination: expected a Cassandra connection')
  }

  #changeJob(old: JobRecord, part: Partial<JobRecord>): JobInfo {
    const record = {
      ...old,
      ...part,
      id: old.id,
      version: old.version + 1,
      updatedAt: new Date().toISOString(),
    }
    this.#putJob(record)
    return this.#shownJob(record)
  }

  #putJob(record: JobRecord): void {
    this.store.put('job', record.id, record)
    this.emit({ event: 'change', data: { kind: 'job', id: record.id } })
  }
}
