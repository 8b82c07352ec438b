/**
 * Changes of the source's schema: each run compares the tables of its tasks with those of the run before,
 * keeps what it found, and goes on as the job wants; a person approves or ignores what waits. One per
 * replicator.
 * Invariants: a change is told once; what is kept of a table is stored together with what was found and
 * with the task that goes on with it; a table is dropped for it by its name alone.
 * Spec: backlog-replication 2.11; ui 5.3.
 */
import { randomUUID } from 'node:crypto'
import type { NewColumns, SchemaApproval, SchemaChange, SchemaWay } from '../api-v1.ts'
import { qualifiedName, quoteIdentifier } from '../cassandra/index.ts'
import { conflict, unknown } from './errors.ts'
import type { JobRecord, TaskRecord } from './job-record.ts'
import { type FieldCheck, oneOf, pick, TEXT } from './named-fields.ts'
import {
  columnsToKnow,
  type KnownColumn,
  type SchemaFinding,
  takenUp,
  withColumn,
  withSecond,
  withType,
} from './schema-compare.ts'
import { defaultColumns, toSnake } from './source-table.ts'
import type { Store } from './store.ts'
import { nextName } from './task-plan.ts'
import type { FindTable } from './task-setup.ts'
import { fieldError } from './task-target.ts'

export interface SchemaHost {
  readonly store: Store
  readonly jobOf: (id: string) => JobRecord
  readonly keyspaceOf: (job: JobRecord) => string
  /** The task of the job from now on. */
  readonly keepTask: (jobId: string, task: TaskRecord) => void
  /** Throws while the job runs. */
  readonly checkIdle: (job: JobRecord) => void
  readonly find: (job: JobRecord) => Promise<FindTable>
  /** Throws when it cannot be set up. */
  readonly check: (job: JobRecord, task: TaskRecord) => Promise<unknown>
}

/** What a run is told of. */
export interface SchemaListener {
  readonly runId: string
  readonly onChange: (task: TaskRecord, change: SchemaChange) => void
}

type Kept = SchemaChange & { readonly jobId: string }

const KNOWN = 'source-schema'
const CHANGE = 'schema-change'
/** Of a job; older ones that are decided go first. */
const KEPT_MAX = 200

const APPROVAL: Readonly<Record<keyof SchemaApproval, FieldCheck>> = {
  how: oneOf('add', 'v2', 'reload'),
  confirm: TEXT,
}

export class SchemaDesk {
  readonly #host: SchemaHost

  constructor(host: SchemaHost) {
    this.#host = host
  }

  /** Newest first. */
  changes(jobId: string): SchemaChange[] {
    return this.#all(jobId).map(({ jobId: _own, ...change }) => change)
  }

  /** Of all jobs, in one reading: what waits for a decision. */
  pendingByJob(): ReadonlyMap<string, readonly SchemaChange[]> {
    const pending = this.#host.store.all<Kept>(CHANGE).filter(one => one.state === 'pending')
    return Map.groupBy(pending, one => one.jobId)
  }

  pending(jobId: string): number {
    return this.#all(jobId).filter(one => one.state === 'pending').length
  }

  forgetJob(jobId: string): void {
    for (const { id } of this.#all(jobId)) this.#host.store.delete(CHANGE, id)
  }

  /** At the beginning of a run: the task as it goes on. */
  observe(job: JobRecord, task: TaskRecord, of: SchemaListener & { find: FindTable }): TaskRecord {
    const { store, keepTask } = this.#host
    const table = task.table === null ? undefined : of.find(task.table)
    if (table === undefined) return task
    const now = columnsToKnow(table)
    const known = store.get<readonly KnownColumn[]>(KNOWN, task.id)
    if (JSON.stringify(known) === JSON.stringify(now)) return task
    if (known === undefined) {
      store.put(KNOWN, task.id, now)
      return task
    }
    const next = takenUp(task, { table, known, policy: policyOf(job, task) })
    const changes = next.findings.map(one => this.#toKept(job, task, { ...one, runId: of.runId }))
    store.transaction(() => {
      store.put(KNOWN, task.id, now)
      for (const one of changes) this.#put(one)
      if (next.task !== task) keepTask(job.id, next.task)
    })
    for (const one of changes) of.onChange(task, one)
    this.#shorten(job.id)
    return next.task
  }

  /** A table that a job of all tables took up. */
  noteTable(job: JobRecord, task: TaskRecord, { runId, onChange }: SchemaListener): void {
    const finding = { kind: 'table_added', column: null, from: null, to: null, ways: [] } as const
    const change = this.#toKept(job, task, { ...finding, state: 'applied', runId })
    this.#put(change)
    onChange(task, change)
  }

  ignore(jobId: string, id: string): SchemaChange {
    return this.#decide(this.#pendingOf(jobId, id), 'ignored')
  }

  async approve(jobId: string, id: string, given: SchemaApproval): Promise<SchemaChange> {
    const { jobOf, checkIdle, find, check, keepTask, store } = this.#host
    const change = this.#pendingOf(jobId, id)
    const { how = change.ways[0]?.how, confirm } = pick(given, APPROVAL)
    if (!change.ways.some(one => one.how === how))
      throw fieldError('how', `how: expected ${change.ways.map(one => one.how).join(' or ')}`)
    const job = jobOf(jobId)
    checkIdle(job)
    const task = job.tasks.find(one => one.id === change.taskId)
    if (task === undefined) throw conflict(`the task of ${change.table} was deleted; ignore this`)
    if (how === 'reload' && confirm !== task.destination)
      throw fieldError(
        'confirm',
        `confirm: the next run drops ${task.destination} and loads it again; say so by its name`,
      )
    const table = (await find(job))(change.table)
    const source = change.column ?? ''
    const now = table?.columns.find(one => one.name === source)
    if (table === undefined || now === undefined)
      throw conflict(`the source has no column ${change.table}.${source} any more; ignore this`)
    const withFields = task.options?.customFields === true
    const columns = task.columns.length === 0 ? defaultColumns(table, withFields) : task.columns
    const of = { source, type: now.cql }
    const next = {
      ...task,
      columns:
        how === 'add'
          ? withColumn(columns, table, source)
          : how === 'v2'
            ? withSecond(columns, of)
            : withType(columns, of),
    }
    await check(job, next)
    checkIdle(jobOf(jobId))
    store.transaction(() => {
      if (how === 'reload') store.put('reload', task.id, true)
      // All rows are read again, so that the column has what the source has.
      store.doubtTask(task.id)
    })
    keepTask(jobId, next)
    return this.#decide(change, 'applied', how)
  }

  #decide(change: Kept, state: 'applied' | 'ignored', how?: SchemaWay['how']): SchemaChange {
    const { jobId: _own, ...decided } = {
      ...change,
      ...{ state, ways: [], decidedAt: new Date().toISOString() },
      text: textOf({ ...change, state }, how),
    }
    this.#put({ ...decided, jobId: change.jobId })
    return decided
  }

  #pendingOf(jobId: string, id: string): Kept {
    const found = this.#host.store.get<Kept>(CHANGE, id)
    if (found === undefined || found.jobId !== jobId)
      throw unknown(`the job has no schema change ${id}`)
    if (found.state !== 'pending')
      throw conflict(`the change of ${found.table} is ${found.state} already`)
    return found
  }

  #toKept(
    job: JobRecord,
    task: TaskRecord,
    { ways, ...finding }: SchemaFinding & { readonly runId: string },
  ): Kept {
    const change = {
      ...{ id: randomUUID(), jobId: job.id, taskId: task.id, table: task.table ?? '' },
      ...{ ...finding, foundAt: new Date().toISOString(), decidedAt: null },
    }
    const isPending = finding.state === 'pending'
    const at = qualifiedName(this.#host.keyspaceOf(job), task.destination)
    const toWay = (how: SchemaWay['how']) => ({ how, ddl: ddlOf(how, { ...finding, task, at }) })
    return { ...change, text: textOf(change), ways: isPending ? ways.map(toWay) : [] }
  }

  #all(jobId: string): Kept[] {
    const all = this.#host.store.all<Kept>(CHANGE).filter(one => one.jobId === jobId)
    return all.sort((a, b) => b.foundAt.localeCompare(a.foundAt))
  }

  #put(change: Kept): void {
    this.#host.store.put(CHANGE, change.id, change)
  }

  #shorten(jobId: string): void {
    const decided = this.#all(jobId).filter(one => one.state !== 'pending')
    for (const { id } of decided.slice(KEPT_MAX)) this.#host.store.delete(CHANGE, id)
  }
}

function policyOf(job: JobRecord, { options = {} }: TaskRecord): NewColumns {
  if (options.alterSchema !== undefined) return options.alterSchema ? 'add' : 'ignore'
  return job.settings.newColumns ?? (job.type === 'sync_all' ? 'add' : 'ask')
}

function ddlOf(
  how: SchemaWay['how'],
  of: Pick<SchemaFinding, 'column' | 'to'> & { readonly task: TaskRecord; readonly at: string },
): string[] {
  const { column, to, task, at } = of
  if (how === 'reload') return [`DROP TABLE IF EXISTS ${at}`, `CREATE TABLE ${at} (…)`]
  const spec = task.columns.find(one => one.source === column)
  const own = spec?.name ?? toSnake(column ?? '')
  return [`ALTER TABLE ${at} ADD ${quoteIdentifier(how === 'v2' ? nextName(own) : own)} ${to}`]
}

function textOf(
  { kind, table, column, from, to, state }: Omit<Kept, 'text' | 'ways'>,
  how: SchemaWay['how'] = 'v2',
): string {
  const waits = { pending: 'waits for a decision', ignored: 'is left out', applied: 'is copied' }
  switch (kind) {
    case 'table_added':
      return `${table} is new and is copied`
    case 'column_added':
      return `${table}: the new column ${column} (${to}) ${waits[state as keyof typeof waits]}`
    case 'column_removed':
      return `${table}: the column ${column} is gone from the source; it stays in the table and is not written any more`
    case 'type_narrowed':
      return `${table}: the column ${column} became ${to}; the table keeps ${from}`
    case 'type_widened':
      return state === 'applied'
        ? `${table}: the column ${column} became ${to}; ${how === 'v2' ? 'another column has it from now on' : 'the table is loaded anew'}`
        : `${table}: the column ${column} became ${to}, the table has ${from}: ${waits[state as 'pending']}; values that do not fit are rejected rows`
  }
}
