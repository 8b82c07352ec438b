/**
 * One run of a job: sessions, tables, then groups of tasks that share one reading of the source.
 * Called by the replicator, which holds one run per job at a time.
 * Invariants: a cursor is stored after the rows before it were acknowledged, and stays where the run
 * began once more rows were refused than the job allows, so that they are read again; missing rows are deletes
 * only after a whole and faultless reading; more than a fifth of a table (at least 1,000 rows) is never
 * deleted without consent; one failed task does not stop the others unless the job says so.
 * Spec: backlog-replication 1.8, 2.8, 2.9, 2.12.
 */
import type { RunMode, RunState } from '../api-v1.ts'
import type { BacklogClient, Caller } from '../backlog/index.ts'
import { BACKLOG_ERRORS } from '../backlog/index.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import {
  type CassandraConnectionSettings,
  type ReadSession,
  WriteSession,
} from '../cassandra/index.ts'
import type { ConsistencyName } from '../cql/index.ts'
import {
  type BacklogCursor,
  BacklogReader,
  type CatalogueTable,
  type SourcePage,
} from '../source/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import { findTable, hasRows } from './find-table.ts'
import type { JobRecord } from './job-record.ts'
import { readAhead } from './read-ahead.ts'
import type { RetryPlan } from './retry-plan.ts'
import type { LiveRun, LiveTask } from './run-state.ts'
import { type SourceReading, sourcePages } from './source-pages.ts'
import type { SourceTable } from './source-table.ts'
import { SqlEngine } from './sql-engine.ts'
import type { Store } from './store.ts'
import { commonCursor, groupsOf, rootOf, rowsOf } from './table-family.ts'
import { type OutRow, TableWriter } from './table-writer.ts'
import { Projector, type TaskSetup } from './task-setup.ts'
import { planTarget, type TaskTarget } from './task-target.ts'

export type OpenSource =
  | { readonly kind: 'backlog'; readonly client: BacklogClient }
  | {
      readonly kind: 'cassandra'
      readonly session: ReadSession
      readonly keyspace: string
      readonly pageSize: number
      readonly consistency: ConsistencyName
    }

export interface RunJobOptions {
  readonly store: Store
  readonly logger: Logger
  readonly job: JobRecord
  readonly setups: readonly (
    | TaskSetup
    | { readonly taskId: string; readonly table: string; readonly error: unknown }
  )[]
  readonly source: OpenSource
  readonly destination: CassandraConnectionSettings
  readonly writeConcurrency: number
  readonly consistency: ConsistencyName
  readonly run: LiveRun
  readonly mode: RunMode
  readonly acceptDeletes: boolean
  /** Only rejected rows of an earlier run are read, where the source can be asked for them. */
  readonly retry: RetryPlan | undefined
}

type QueryReading = Pick<SourceReading, 'projects' | 'onFault'>

interface ReadyTask {
  readonly setup: TaskSetup
  readonly live: LiveTask
  readonly writer: TableWriter
  readonly projector: Projector
}

const PLANNER = { batchBy: 'replica-set', rowsMax: 64, partitionsMax: 10, bytesMax: 4_800 } as const
const GUARD_ROWS = 1_000
const GUARD_SHARE = 0.2
const DELETE_PAGE = 1_000
const QUERY_LIMIT_MS = 30 * 60_000

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
  readonly #session: WriteSession
  #waitedMs = 0

  constructor(options: RunJobOptions, session: WriteSession) {
    this.#of = options
    this.#session = session
  }

  async run(): Promise<RunState> {
    const { run, setups, job } = this.#of
    const ready: ReadyTask[] = []
    for (const setup of setups) {
      const isBroken = 'error' in setup
      const live = run.addTask(
        isBroken ? setup.taskId : setup.task.id,
        isBroken ? setup.table : (setup.task.table ?? setup.task.destination),
      )
      try {
        if (isBroken) throw setup.error
        ready.push(await this.#open(setup, live))
      } catch (error) {
        this.#fail(live, error)
      }
    }
    try {
      for (const group of groupsOf(ready)) {
        if (run.controller.signal.aborted) break
        await this.#runGroup(group)
        run.save()
        if (job.settings.stopOnFirstError && run.tasks.some(one => one.state === 'FAILED')) break
      }
    } finally {
      for (const one of ready) one.projector.close()
    }
    this.#warnIfEmpty()
    return stateOf(run)
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

  async #open(setup: TaskSetup, live: LiveTask): Promise<ReadyTask> {
    const { store, run, job, mode, consistency, source } = this.#of
    const { target, task } = setup
    live.destination = `${target.keyspace}.${target.table}`
    await this.#makeTable(setup)
    const writer = await TableWriter.open({
      ...{
        store,
        session: this.#session,
        target,
        taskId: task.id,
        runId: run.id,
        startUs: run.startUs,
        isPlaceUsed: store.get<boolean>('place-used', task.id) === true,
        isInTokenOrder: source.kind === 'cassandra' && setup.select === undefined,
      },
      ...{
        consistency,
        deletion: job.settings.deletion,
        isDryRun: mode === 'dry-run',
        signal: run.controller.signal,
      },
      onRejected: row => run.reject(task.id, row),
    })
    live.counts = writer.counts
    return { setup, live, writer, projector: await Projector.open(setup) }
  }

  async #makeTable({ target, task }: TaskSetup): Promise<void> {
    const { control } = this.#session
    const { run, job, store } = this.#of
    const existing = await findTable(control, target.keyspace, target.table)
    const plan = planTarget(target, existing, `scamander job=${job.id} task=${task.id}`)
    if (plan.problems.length > 0)
      throw new ScamanderError(REPLICATE_ERRORS.TABLE, plan.problems.join('; '))
    if (plan.action === 'create') store.forgetTask(task.id)
    for (const ddl of plan.ddl) {
      run.schemaChanges.push(ddl)
      run.log('info', ddl, task.table)
      await control.execute(ddl)
    }
    if (plan.action === 'add_columns') store.doubtTask(task.id)
    await this.#notePlace(task.id, target)
  }

  /** What was written to another place says nothing about this one, which may have rows of its own. */
  async #notePlace(taskId: string, { keyspace, table }: TaskTarget): Promise<void> {
    const { store, destination, mode } = this.#of
    if (mode === 'dry-run') return
    const hosts = destination.contactPoints.map(({ host, port }) => `${host}:${port}`).sort()
    const place = JSON.stringify([hosts, keyspace, table])
    const known = store.get<string>('place', taskId)
    if (known === place) return
    const isUsed = await hasRows(this.#session.control, keyspace, table)
    store.transaction(() => {
      if (known !== undefined) store.doubtTask(taskId)
      store.put('place', taskId, place)
      store.put('place-used', taskId, isUsed)
    })
  }

  /** Tasks of one group end alike: they read together. */
  async #runGroup(group: readonly ReadyTask[]): Promise<void> {
    const { run } = this.#of
    for (const { live } of group) {
      live.state = 'RUNNING'
      live.startedMs = Date.now()
    }
    try {
      const isQuery = group[0]!.setup.select !== undefined
      const isComplete = isQuery ? await this.#query(group[0]!) : await this.#tables(group)
      for (const one of group) {
        if (isComplete) await this.#deleteMissing(one)
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

  #finish(one: ReadyTask): void {
    const { job, store, run } = this.#of
    const { live, setup } = one
    if (this.#isRefused(one)) {
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
    store.put('fresh', setup.task.id, new Date(run.startedMs).toISOString())
  }

  async #tables(group: readonly ReadyTask[]): Promise<boolean> {
    const { source } = this.#of
    if (source.kind === 'cassandra') return await this.#scan(group[0]!)
    const root = rootOf(group[0]!.setup.tables[0]!)
    const { mode, store } = this.#of
    const starts = group.map(one => store.get<BacklogCursor>('cursor', one.setup.task.id))
    const only = this.#onlyOf(group)
    const isFull =
      mode === 'full' ||
      mode === 'reconcile' ||
      (mode === 'retry' ? only === undefined : group.some(one => one.setup.task.mode === 'full'))
    // What a load that was cut off had read is tried again too.
    const isAnew = mode === 'retry' && only === undefined
    const cursor = commonCursor(starts, { isAnew, isFull, isConsent: this.#of.acceptDeletes })
    const reader = this.#reader(root, { group, cursor, isFull, client: source.client, only })
    for await (const page of readAhead(reader.pages())) {
      for (const one of group) {
        one.live.activity = page.at
        await this.#applyPage(one, page, root)
      }
      this.#keepCursors(group, starts, page.cursor)
      this.#of.run.touch()
    }
    return reader.isComplete
  }

  /** Of a retry: what is read for all of them; undefined: everything. */
  #onlyOf(group: readonly ReadyTask[]): string[] | undefined {
    const { retry } = this.#of
    if (retry === undefined) return undefined
    const scopes = group.map(one => retry.get(one.setup.task.id))
    return scopes.includes(undefined) ? undefined : [...new Set(scopes.flatMap(one => one ?? []))]
  }

  #reader(
    root: CatalogueTable,
    of: {
      group: readonly ReadyTask[]
      cursor: BacklogCursor
      isFull: boolean
      client: BacklogClient
      only: readonly string[] | undefined
    },
  ): BacklogReader {
    const { run } = this.#of
    return new BacklogReader(root, {
      ...{ client: of.client, cursor: of.cursor, isFull: of.isFull, nowMs: run.startedMs },
      ...(of.only === undefined ? {} : { only: of.only }),
      caller: this.#caller(of.group.map(one => one.live)),
      warn: text => {
        for (const { live } of of.group) run.warn(live, text)
      },
      onTotal: rows => {
        for (const { live, setup } of of.group)
          if (setup.tables[0]!.name === root.name) live.rowsTotal = rows
      },
    })
  }

  async #applyPage(one: ReadyTask, page: SourcePage, root: CatalogueTable): Promise<void> {
    const { mode } = this.#of
    const sourceRows = rowsOf(one.setup.tables[0]!, page, root)
    const values = await one.projector.project(sourceRows.map(row => row.values))
    const rows = values.map(
      (row, index): OutRow => ({ values: row, scope: sourceRows[index]!.scope }),
    )
    const keys = await one.writer.write(rows)
    if (mode === 'dry-run') return
    const gone = [
      ...one.writer.missingOfScopes(page.scopesDone, keys),
      ...one.writer.missingOfScopes(page.scopesGone, NOTHING),
    ]
    const isChild = one.setup.tables[0]!.name !== root.name || root.iteration === 'issue'
    await one.writer.delete(gone, isChild)
    one.writer.keepScopes(page.scopesSame)
  }

  /** Tasks that read together go on together. */
  #keepCursors(
    group: readonly ReadyTask[],
    starts: readonly (BacklogCursor | undefined)[],
    cursor: BacklogCursor,
  ): void {
    const { store, mode } = this.#of
    // A retry reads here and there, and passes nothing.
    if (mode === 'dry-run' || mode === 'retry') return
    const isLost = group.some(one => this.#isRefused(one))
    store.transaction(() => {
      for (const [index, { setup }] of group.entries()) {
        const kept = isLost ? starts[index] : cursor
        if (kept === undefined) store.delete('cursor', setup.task.id)
        else store.put('cursor', setup.task.id, kept)
      }
    })
  }

  #isRefused({ live }: ReadyTask): boolean {
    const { mode, job } = this.#of
    // What a retry refuses stays in the list; it passes nothing.
    return mode !== 'retry' && live.counts.rejected > job.settings.rejectedMax
  }

  /** A table of Cassandra, whole. */
  async #scan(one: ReadyTask): Promise<boolean> {
    for await (const page of readAhead(this.#pagesOf(one.setup.tables[0]!, one.live))) {
      const values = await one.projector.project(page)
      await one.writer.writeBehind(values.map(row => ({ values: row, scope: '' })))
      this.#of.run.touch()
    }
    await one.writer.flush()
    // A reading that was stopped ends as one that is whole.
    this.#stopIfAsked()
    return true
  }

  /** All rows of the tables, the statement over them, and its rows. */
  async #query({ setup, live, writer }: ReadyTask): Promise<boolean> {
    const { store, acceptDeletes, mode } = this.#of
    const known = acceptDeletes ? undefined : store.get<BacklogCursor>('cursor', setup.task.id)
    const projects = new Set(known?.projects)
    const engine = await SqlEngine.open()
    try {
      let isComplete = true
      const of = { projects, onFault: () => (isComplete = false) }
      for (const table of setup.tables) {
        await engine.stage(table.name, table.columns)
        for await (const page of this.#pagesOf(table, live, of)) {
          await engine.append(table.name, page)
          live.activity = `reading ${table.name}`
          this.#of.run.touch()
        }
        if (this.#of.source.kind === 'backlog' && table.key.length > 0)
          await engine.unite(table.name, table.key)
      }
      this.#stopIfAsked()
      live.activity = 'running the query'
      const { signal } = this.#of.run.controller
      for await (const page of engine.select(setup.select!, QUERY_LIMIT_MS, signal)) {
        await writer.writeBehind(page.map(values => ({ values, scope: '' })))
        this.#of.run.touch()
      }
      await writer.flush()
      if (mode !== 'dry-run' && projects.size > 0)
        store.put('cursor', setup.task.id, { projects: [...projects] })
      return isComplete
    } finally {
      engine.close()
    }
  }

  #pagesOf(table: SourceTable, live: LiveTask, of: QueryReading = NO_QUERY) {
    const { source, run } = this.#of
    return sourcePages({
      ...{ source, table, nowMs: run.startedMs, signal: run.controller.signal, ...of },
      caller: this.#caller([live]),
      warn: text => run.warn(live, text),
      onTotal: rows => {
        live.rowsTotal = rows
      },
    })
  }

  async #deleteMissing({ setup, live, writer }: ReadyTask): Promise<void> {
    const { store, mode, acceptDeletes, run } = this.#of
    if (mode === 'dry-run') return
    let count = 0
    for (const keys of writer.missing()) count += keys.length
    if (count === 0) return
    const all = store.rows.count(setup.task.id)
    const limit = Math.max(GUARD_ROWS, all * GUARD_SHARE)
    if ((count > limit || count === all) && !acceptDeletes) {
      live.parkedDeletes = count
      run.warn(
        live,
        `${count} rows are gone from the source; they were kept, because that is more than a fifth of the table. Run with "accept deletes" to remove them.`,
      )
      return
    }
    for (const keys of writer.missing()) {
      this.#stopIfAsked()
      for (let at = 0; at < keys.length; at += DELETE_PAGE)
        await writer.delete(keys.slice(at, at + DELETE_PAGE))
    }
  }

  #caller(lives: readonly LiveTask[]): Caller {
    const { run, job } = this.#of
    return {
      signal: run.controller.signal,
      onRequest: kind => void run.requests[kind]++,
      onWait: ms => {
        this.#waitedMs += ms
        run.requests.waitedMs = this.#waitedMs
        const limit = job.settings.waitMaxSeconds * 1000
        if (limit > 0 && this.#waitedMs > limit) {
          throw new ScamanderError(
            BACKLOG_ERRORS.WAIT_LIMIT,
            `the rate limit made this run wait more than ${job.settings.waitMaxSeconds} s`,
          )
        }
        for (const live of lives) {
          live.state = ms > 0 ? 'WAITING_RATE_LIMIT' : 'RUNNING'
          if (ms > 0) live.activity = `waiting for the rate limit, ${Math.ceil(ms / 1000)} s`
        }
        run.touch()
      },
    }
  }

  #stopIfAsked(): void {
    if (this.#of.run.controller.signal.aborted)
      throw new ScamanderError(REPLICATE_ERRORS.STOPPED, 'the run was stopped')
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

const NOTHING = { has: () => false }
const NO_QUERY: QueryReading = { projects: new Set(), onFault: () => undefined }

function stateOf(run: LiveRun): RunState {
  const states = new Set(run.tasks.map(one => one.state))
  if (run.controller.signal.aborted) return 'CANCELLED'
  if (states.has('FAILED')) return states.size === 1 ? 'FAILED' : 'PARTIAL'
  if (states.has('PARTIAL')) return 'PARTIAL'
  return states.has('WARNING') ? 'WARNING' : 'SUCCESS'
}
