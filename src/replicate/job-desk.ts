/**
 * Jobs and tasks: kept, changed, planned and previewed. The replicator is built on it and runs them.
 * Invariants: nothing is saved half: a wrong field refuses the whole change; what a run is using is not
 * changed under it; a task never writes the table that it reads.
 * Spec: backlog-replication 2.3 to 2.6, 2.8.
 */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type {
  JobDraft,
  JobInfo,
  JobPatch,
  RunInfo,
  RunMode,
  SchedulePreview,
  ScheduleSpec,
  TaskDraft,
  TaskPatch,
  TaskPlan,
  TaskPreview,
} from '../api-v1.ts'
import { ControlSession } from '../cassandra/index.ts'
import { type ConnectionRecord, cassandraSettings } from './connection.ts'
import { findForQuery, usesFields } from './custom-fields.ts'
import { checkKeyspace } from './destination-keyspace.ts'
import { changed, conflict, unknown } from './errors.ts'
import { findTable } from './find-table.ts'
import { isAfter, placedSchedule } from './job-chain.ts'
import { jobFields, toSchedule } from './job-change.ts'
import {
  type ChangeOf,
  changedSettings,
  type JobRecord,
  SETTINGS_DEFAULT,
  type TaskRecord,
} from './job-record.ts'
import { toJobInfo } from './job-view.ts'
import { TEXTS } from './named-fields.ts'
import { previewTask } from './preview.ts'
import { planQuery, queryView } from './query-plan.ts'
import { RecordDesk } from './record-desk.ts'
import { isTimed, NO_SCHEDULE, nextRuns, textOf } from './schedule.ts'
import { keyspaceOf, readAndWritten, TableWriters } from './shared-tables.ts'
import { newTask, patched, taskOf } from './task-change.ts'
import { checkConsent, lostBy } from './task-consent.ts'
import { isLosing } from './task-options.ts'
import { planTable } from './task-plan.ts'
import { type FindTable, setUpTask, type TaskSetup } from './task-setup.ts'
import { fieldError, hasKeyOf, type TaskTarget, toTarget } from './task-target.ts'

export abstract class JobDesk extends RecordDesk {
  readonly #find = (id: string) => this.store.get<ConnectionRecord>('connection', id)

  /** The run of a job that is under way. */
  protected abstract activeRun(jobId: string): RunInfo | undefined
  abstract runs(of: { readonly jobId: string; readonly limit: number }): RunInfo[]
  /** Everything else that is kept of a job. */
  protected abstract forgetJob(id: string): void
  /** Jobs that events of a job start. */
  protected abstract startedBy(jobId: string): readonly string[]

  jobs(): JobInfo[] {
    const all = this.store.all<JobRecord>('job')
    const writers = this.#writers(all)
    return all.map(one => this.#shownJob(one, writers)).sort((a, b) => a.name.localeCompare(b.name))
  }

  job(id: string): JobInfo {
    return this.#shownJob(this.jobRecord(id))
  }

  async addJob(draft: JobDraft): Promise<JobInfo> {
    const { labels = [], schedule = NO_SCHEDULE, ...fields } = jobFields(draft)
    this.checkName('job', draft.name)
    this.#checkConnection('source', draft.source)
    this.#checkDestination(draft.destination)
    const now = new Date().toISOString()
    const type = draft.type ?? 'standard'
    if (type !== 'standard' && type !== 'sync_all')
      throw fieldError('type', 'type: expected standard or sync_all')
    const settings = changedSettings(SETTINGS_DEFAULT, fields.settings ?? {}, Date.now())
    const { name, source, destination } = draft
    const record: JobRecord = {
      ...{ id: randomUUID(), name, source, destination, type, enabled: true, labels },
      ...{
        settings,
        schedule: this.#placed(schedule),
        tasks: [],
        version: 1,
        createdAt: now,
        updatedAt: now,
      },
    }
    await this.#checkKeyspace(record)
    const tasks = type === 'sync_all' ? await this.newTables(record) : []
    this.checkName('job', name)
    this.#putJob({ ...record, tasks })
    return this.#shownJob({ ...record, tasks })
  }

  /** As `patchJob`, after a look at the destination where the change names another place in it. */
  async changeJob(id: string, patch: JobPatch, of: ChangeOf = {}): Promise<JobInfo> {
    const old = this.jobRecord(id)
    checkVersion(old, of)
    const { settings, destination = old.destination } = jobFields(patch)
    this.#checkDestination(destination)
    const next = { ...old, destination, settings: { ...old.settings, ...settings } }
    const isMoved = [next, old].map(one => `${one.destination} ${one.settings.keyspace ?? ''}`)
    if (isMoved[0] !== isMoved[1]) await this.#checkKeyspace(next)
    return this.patchJob(id, patch, of)
  }

  patchJob(id: string, patch: JobPatch, of: ChangeOf = {}): JobInfo {
    const old = this.jobRecord(id)
    checkVersion(old, of)
    const { settings, ...fields } = jobFields(patch)
    if (fields.name !== undefined && fields.name !== old.name) this.checkName('job', fields.name)
    if (fields.destination !== undefined) this.#checkDestination(fields.destination)
    const { schedule } = fields
    const part = {
      ...fields,
      ...(schedule === undefined ? {} : { schedule: this.#placed(schedule, id) }),
      settings: changedSettings(old.settings, settings ?? {}, Date.now()),
    }
    return this.#changeJob(old, part, of)
  }

  /** In words and times, without being kept. */
  previewSchedule(given: ScheduleSpec): SchedulePreview {
    const spec = this.#placed(toSchedule(given))
    const next = isTimed(spec) ? nextRuns(spec, new Date(), 5) : []
    return { items: next.map(one => one.toISOString()), text: textOf(spec, this.#nameOf) }
  }

  readonly #nameOf = (id: string) => this.store.get<JobRecord>('job', id)?.name

  /** The job that it comes after, by its id; `ownId`: of the job that is there already. */
  #placed(spec: ScheduleSpec, ownId?: string): ScheduleSpec {
    const startedBy = (id: string) => this.startedBy(id)
    return placedSchedule(spec, { ownId, jobs: this.store.all<JobRecord>('job'), startedBy })
  }

  deleteJob(id: string): void {
    const job = this.jobRecord(id)
    this.checkIdle(job)
    const after = this.store.all<JobRecord>('job').filter(one => isAfter(one, id))
    if (after.length > 0) {
      const names = after.map(one => one.name).join(', ')
      throw conflict(`the schedule of ${names} comes after job ${job.name}; change that first`)
    }
    for (const task of job.tasks) this.#dropTask(task.id)
    this.store.delete('job', id)
    this.forgetJob(id)
    this.emit({ event: 'change', data: { kind: 'job', id } })
  }

  async addTasks(jobId: string, drafts: readonly TaskDraft[]): Promise<JobInfo> {
    const job = this.jobRecord(jobId)
    const tasks: TaskRecord[] = []
    for (const draft of drafts) {
      const task = newTask(draft)
      const writers = this.#writers(this.store.all<JobRecord>('job')).warningsOf(job, task)
      checkConsent(task, { confirm: draft.confirm, writers })
      tasks.push({ ...task, ...queryView(await this.setUp(job, task)) })
    }
    const old = this.jobRecord(jobId)
    return this.#changeJob(old, { tasks: [...old.tasks, ...tasks] })
  }

  async patchTask(
    jobId: string,
    taskId: string,
    patch: TaskPatch,
    of: ChangeOf = {},
  ): Promise<JobInfo> {
    const job = this.jobRecord(jobId)
    const known = taskOf(job, taskId)
    checkVersion(job, of)
    const task = patched(known, patch)
    const isOther = [patch.columns, patch.query, patch.destination, patch.mode, patch.options].some(
      one => one !== undefined,
    )
    if (isOther) this.checkIdle(job)
    const writers = this.#writers(this.store.all<JobRecord>('job')).warningsOf(job, task)
    checkConsent(task, { confirm: patch.confirm, reload: patch.reload, known, writers })
    const next = await this.setUp(job, task)
    const kept = { ...task, ...queryView(next) }
    checkVersion(this.jobRecord(jobId), of)
    if (isOther && !isDeepStrictEqual(contentOf(known), contentOf(task))) {
      const before = await this.#targetOf(job, known)
      this.checkIdle(job)
      checkVersion(this.jobRecord(jobId), of)
      const isSame = before !== undefined && hasKeyOf(before, next.target)
      // How many rows there were says whether an empty source is believed.
      if (isSame || patch.reload === true) this.store.doubtTask(taskId)
      else this.store.forgetTask(taskId)
    }
    if (patch.reload === true) this.store.put('reload', taskId, true)
    const old = this.jobRecord(jobId)
    const tasks = old.tasks.map(one => (one.id === taskId ? kept : one))
    return this.#changeJob(old, { tasks }, of)
  }

  deleteTask(jobId: string, taskId: string): JobInfo {
    const job = this.jobRecord(jobId)
    const { table } = taskOf(job, taskId)
    this.checkIdle(job)
    this.#dropTask(taskId)
    const { settings } = job
    // The next run of a job of all tables would make it again.
    const isLeftOut = job.type === 'sync_all' && table !== null && !settings.exclude.includes(table)
    return this.#changeJob(job, {
      tasks: job.tasks.filter(one => one.id !== taskId),
      ...(isLeftOut ? { settings: { ...settings, exclude: [...settings.exclude, table] } } : {}),
    })
  }

  reorderTasks(jobId: string, ids: readonly string[]): JobInfo {
    if (!TEXTS.fits(ids))
      throw fieldError('items', 'items: expected the ids of tasks in their order')
    const job = this.jobRecord(jobId)
    const place = (id: string) => (ids.includes(id) ? ids.indexOf(id) : ids.length)
    return this.#changeJob(job, { tasks: [...job.tasks].sort((a, b) => place(a.id) - place(b.id)) })
  }

  /** The next run reads everything again. */
  resetTask(jobId: string, taskId: string): void {
    const job = this.jobRecord(jobId)
    taskOf(job, taskId)
    this.checkIdle(job)
    this.store.doubtTask(taskId)
  }

  async planTask(jobId: string, taskId: string, patch: TaskPatch): Promise<TaskPlan> {
    const job = this.jobRecord(jobId)
    const known = taskOf(job, taskId)
    const task = patched(known, patch)
    const confirm = lostBy(task, known)
    const setup = await this.setUp(job, task)
    const { target, tables } = setup
    const settings = cassandraSettings(this.properties(job.destination))
    const control = await ControlSession.open(settings, { logger: this.logger })
    try {
      const existing = await findTable(control, target.keyspace, target.table)
      const comment = `scamander job=${job.id} task=${taskId}`
      const plan = planTable(setup, { existing, comment, rows: this.store.rows.count(taskId) })
      return {
        ...{ keyspace: target.keyspace, table: target.table, ...plan, ...queryView(setup) },
        sourceTables: tables.map(one => one.name),
        ...(confirm === undefined ? {} : { confirm }),
      }
    } finally {
      await control.close()
    }
  }

  async previewTask(jobId: string, draft: TaskDraft, signal: AbortSignal): Promise<TaskPreview> {
    const job = this.jobRecord(jobId)
    const setup = await this.setUp(job, newTask(draft))
    const source = await this.openSource(job, signal)
    try {
      const queryPlan = await planQuery(setup, source, { signal, onRequest: () => undefined })
      const shown = { ...(await previewTask(setup, source, signal)), ...queryView(setup) }
      return queryPlan === undefined ? shown : { ...shown, queryPlan }
    } finally {
      if (source.kind === 'cassandra') await source.session.close()
    }
  }

  /** Tables of the source of a job of all tables that have no task yet. */
  protected async newTables(job: JobRecord): Promise<TaskRecord[]> {
    const known = new Set([...job.tasks.map(one => one.table), ...job.settings.exclude])
    const tables = [...(await this.tablesOf(job.source)).keys()].filter(one => !known.has(one))
    const tasks = tables.map(table => newTask({ table }))
    for (const { table, destination } of tasks)
      this.#checkNotRead(job, { destination, tables: [table ?? ''] })
    return tasks
  }

  /** They stay with the job; returns those whose tables nobody else took up meanwhile. */
  protected keepTasks(id: string, tasks: readonly TaskRecord[]): TaskRecord[] {
    const old = this.jobRecord(id)
    const known = new Set([...old.tasks.map(one => one.table), ...old.settings.exclude])
    const added = tasks.filter(one => !known.has(one.table))
    if (added.length > 0) this.#changeJob(old, { tasks: [...old.tasks, ...added] })
    return added
  }

  protected keyspaceOf(job: JobRecord): string {
    return keyspaceOf(job, this.#find)
  }

  /** Whether a run is using it or not. */
  protected keepTask(id: string, task: TaskRecord): void {
    const old = this.jobRecord(id)
    this.#changeJob(old, { tasks: old.tasks.map(one => (one.id === task.id ? task : one)) })
  }

  protected async setUp(job: JobRecord, task: TaskRecord, known?: FindTable): Promise<TaskSetup> {
    if (known === undefined && usesFields(task)) await this.needFields(job.source)
    const all = known ?? (await this.finder(job.source))
    const find = task.query === null ? all : findForQuery(all, task.query)
    const keyspace = keyspaceOf(job, this.#find)
    const setup = await setUpTask(task, { job, keyspace, find })
    const tables = setup.tables.map(one => one.name)
    this.#checkNotRead(job, { destination: setup.target.table, tables })
    return setup
  }

  /** Throws before a run that loses rows of others: they may write the table since its mode was chosen. */
  protected checkAlone(job: JobRecord, task: TaskRecord, mode: RunMode = 'incremental'): void {
    const reload = this.store.get<boolean>('reload', task.id) === true
    const isEmptied = reload || isLosing(task.mode)
    if (!isEmptied || (mode !== 'incremental' && mode !== 'full')) return
    const writers = this.#writers(this.store.all<JobRecord>('job')).warningsOf(job, task)
    checkConsent(task, { confirm: task.destination, reload, writers })
  }

  /** Undefined: of what cannot be set up any more nothing is known to compare. */
  async #targetOf(job: JobRecord, task: TaskRecord): Promise<TaskTarget | undefined> {
    try {
      return (await this.setUp(job, task)).target
    } catch {
      const { destination: table, columns: specs } = task
      const keyspace = keyspaceOf(job, this.#find)
      const isHistory = task.mode === 'append'
      // A column that the source lost changes no key.
      return specs.length === 0
        ? undefined
        : toTarget({ keyspace, table, specs, system: [], isHistory })
    }
  }

  protected jobRecord(id: string): JobRecord {
    const record = this.store.get<JobRecord>('job', id)
    if (record === undefined) throw unknown(`there is no job ${id}`)
    return record
  }

  /** A run would undo what is done to its rows and cursors meanwhile. */
  protected checkIdle(job: JobRecord): void {
    if (this.activeRun(job.id) !== undefined)
      throw conflict(`job ${job.name} is running; stop it first`)
  }

  #writers(jobs: readonly JobRecord[]): TableWriters {
    const connections = new Map(
      this.store.all<ConnectionRecord>('connection').map(one => [one.id, one]),
    )
    return new TableWriters(jobs, id => connections.get(id))
  }

  #shownJob(job: JobRecord, writers = this.#writers(this.store.all<JobRecord>('job'))): JobInfo {
    return toJobInfo(job, {
      source: this.record(job.source),
      destination: this.record(job.destination),
      runs: this.runs({ jobId: job.id, limit: 5 }),
      active: this.activeRun(job.id),
      nameOf: this.#nameOf,
      freshAt: task => this.store.get<string>('fresh', task) ?? null,
      warningsOf: task => writers.warningsOf(job, task),
    })
  }

  #checkNotRead(
    job: JobRecord,
    of: { readonly destination: string; readonly tables: readonly string[] },
  ): void {
    const table = readAndWritten(job, of, this.#find)
    if (table === undefined) return
    const message = `destination: the task would write ${table}, the table that it reads; choose another table name or keyspace`
    throw fieldError('destination', message)
  }

  async #checkKeyspace(job: JobRecord): Promise<void> {
    const { keyspace } = job.settings
    if (keyspace === undefined) return
    const { name } = this.record(job.destination)
    const of = { keyspace, connection: name, logger: this.logger }
    await checkKeyspace(cassandraSettings(this.properties(job.destination)), of)
  }

  #checkConnection(field: 'source' | 'destination', id: unknown): ConnectionRecord {
    const found = typeof id === 'string' ? this.#find(id) : undefined
    if (found === undefined) throw fieldError(field, `${field}: expected the id of a connection`)
    return found
  }

  #checkDestination(id: string): void {
    if (this.#checkConnection('destination', id).connector !== 'cassandra')
      throw fieldError('destination', 'destination: expected a Cassandra connection')
  }

  #changeJob(old: JobRecord, part: Partial<JobRecord>, { by }: ChangeOf = {}): JobInfo {
    const { id, version, updatedBy: _before, ...rest } = old
    const updatedAt = new Date().toISOString()
    const updatedBy = by === undefined ? {} : { updatedBy: by }
    const record = { ...rest, ...part, id, version: version + 1, updatedAt, ...updatedBy }
    this.#putJob(record)
    return this.#shownJob(record)
  }

  #dropTask(id: string): void {
    this.store.forgetTask(id)
    this.store.delete('source-schema', id)
  }

  #putJob(record: JobRecord): void {
    this.store.put('job', record.id, record)
    this.emit({ event: 'change', data: { kind: 'job', id: record.id } })
  }
}

/** What somebody else saved since then is not overwritten. */
function checkVersion({ name, version }: JobRecord, of: ChangeOf): void {
  if (of.version === undefined || of.version === version) return
  throw changed(
    `job ${name} was changed meanwhile: expected version ${of.version}, found ${version}`,
  )
}

/** What its rows come from; saved again as it is, they stay known as written. */
function contentOf({ columns, query, destination, mode, options }: TaskRecord): unknown {
  const { deletes: _kept, batchRows: _rows, ...content } = options ?? {}
  return [columns, query, destination, mode === 'append', content]
}
