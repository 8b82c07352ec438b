/**
 * The state of one run while it goes on: counters per task, log, rejected rows, and the summary that
 * is stored and sent to listeners, at most four times a second.
 * Spec: backlog-replication 2.12.
 */
import type {
  LogLevel,
  LogLine,
  RowCounts,
  RunInfo,
  RunMode,
  RunState,
  RunVersions,
  SchemaChange,
  TaskRun,
} from '../api-v1.ts'
import type { TaskRecord } from './job-record.ts'
import { REJECTED_MAX } from './retry-plan.ts'
import { causeOf, type RunCause } from './run-cause.ts'
import type { Store } from './store.ts'
import type { Counts, Refusal } from './table-writer.ts'

const EMIT_MS = 250
const LOG_LINES_MAX = 10_000
/** Of those, lines of requests: what went wrong has its place behind them. */
const TRANSFER_LINES_MAX = 8_000

export interface LiveTask {
  readonly taskId: string
  readonly table: string
  destination: string
  state: RunState
  activity: string
  startedMs: number | undefined
  endedMs: number | undefined
  rowsTotal: number | null
  counts: Counts
  error: string | null
  advice: string | null
  readonly warnings: string[]
  parkedDeletes: number
  query: string | undefined
}

export class LiveRun {
  readonly id: string
  readonly controller = new AbortController()
  readonly tasks: LiveTask[] = []
  readonly schemaChanges: string[] = []
  readonly requests = { sent: 0, retried: 0, waitedMs: 0 }
  state: RunState = 'RUNNING'
  error: string | null = null
  readonly #of: LiveRunOptions
  readonly #startedMs: number
  #endedMs: number | undefined
  #emittedMs = 0
  #rejected = 0
  #lines = 0
  #transferLines = 0
  /** Of tasks that are not added yet. */
  readonly #notes = new Map<string, string[]>()

  constructor(id: string, options: LiveRunOptions) {
    this.id = id
    this.#of = options
    this.#startedMs = Math.max(Date.now(), options.afterMs + 1)
  }

  get startUs(): bigint {
    return BigInt(this.#startedMs) * 1000n
  }

  get startedMs(): number {
    return this.#startedMs
  }

  addTask(taskId: string, table: string): LiveTask {
    const task: LiveTask = {
      ...{
        taskId,
        table,
        destination: '',
        state: 'QUEUED',
        activity: '',
        startedMs: undefined,
        endedMs: undefined,
      },
      ...{ rowsTotal: null, error: null, advice: null, parkedDeletes: 0 },
      warnings: this.#notes.get(taskId) ?? [],
      query: undefined,
      counts: { read: 0, inserted: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0 },
    }
    this.tasks.push(task)
    return task
  }

  /** The source's schema changed; what somebody has to know of it is a warning of the task. */
  tellChange({ id, table }: Pick<TaskRecord, 'id' | 'table'>, change: SchemaChange): void {
    const { text, state } = change
    this.schemaChanges.push(text)
    const isNews = state === 'pending' || state === 'kept'
    this.log(isNews ? 'warn' : 'info', text, table)
    if (isNews) this.#notes.set(id, [...(this.#notes.get(id) ?? []), text])
  }

  /** What its log takes: requests, and their bodies. */
  get transferLevel(): 'transfer' | 'verbose' | undefined {
    const { logLevel } = this.#of
    return logLevel === 'transfer' || logLevel === 'verbose' ? logLevel : undefined
  }

  log(level: LogLine['level'], text: string, task: string | null = null): void {
    if (level === 'info' && this.#of.logLevel === 'error') return
    const isTransfer = level === 'transfer' || level === 'verbose'
    if (isTransfer && ++this.#transferLines > TRANSFER_LINES_MAX) {
      if (this.#transferLines > TRANSFER_LINES_MAX + 1) return
      this.log(
        'warn',
        `requests are logged up to ${TRANSFER_LINES_MAX} lines: the rest is left out`,
      )
      return
    }
    if (++this.#lines < LOG_LINES_MAX) this.#of.store.log(this.id, { level, task, text })
    else if (this.#lines === LOG_LINES_MAX) {
      const last = `the log of a run has at most ${LOG_LINES_MAX} lines: the rest is left out`
      this.#of.store.log(this.id, { level: 'warn', task: null, text: last })
    }
  }

  reject(task: string, row: Refusal): void {
    if (this.#rejected++ < REJECTED_MAX)
      this.#of.store.addEvent('rejected', { task, ...row }, this.id)
  }

  warn(task: LiveTask, text: string): void {
    if (task.warnings.includes(text)) return
    task.warnings.push(text)
    this.log('warn', text, task.table)
  }

  end(state: RunState, error: string | null): RunInfo {
    this.state = state
    this.error = error
    this.#endedMs = Date.now()
    const info = this.info()
    this.#of.store.putRun(info)
    this.#of.onChange(info)
    return info
  }

  touch(): void {
    const now = Date.now()
    if (now - this.#emittedMs < EMIT_MS) return
    this.#emittedMs = now
    this.#of.onChange(this.info())
  }

  save(): void {
    this.#of.store.putRun(this.info())
  }

  info(): RunInfo {
    const { jobId, jobName, mode, retryOf, used } = this.#of
    const now = this.#endedMs ?? Date.now()
    const rows = total(this.tasks.map(one => one.counts))
    return {
      ...{ id: this.id, jobId, jobName, state: this.state, mode, ...causeOf(this.#of) },
      ...(retryOf === undefined ? {} : { retryOf }),
      startedAt: new Date(this.#startedMs).toISOString(),
      finishedAt: this.#endedMs === undefined ? null : new Date(this.#endedMs).toISOString(),
      elapsedMs: Math.max(0, now - this.#startedMs),
      ...{
        rows,
        requests: { ...this.requests },
        text: textOf(this.tasks.length, rows),
        error: this.error,
      },
      tasks: this.tasks.map(one => toTaskRun(one, now)),
      schemaChanges: [...this.schemaChanges],
      used,
    }
  }
}

export interface LiveRunOptions extends RunCause {
  readonly store: Store
  readonly jobId: string
  readonly jobName: string
  readonly mode: RunMode
  readonly logLevel: LogLevel
  readonly used: RunVersions
  /** The run whose rejected rows are tried again. */
  readonly retryOf?: string | undefined
  /** Start of the run before: write times must grow, whatever the clock of this machine says. */
  readonly afterMs: number
  readonly onChange: (info: RunInfo) => void
}

function toTaskRun(task: LiveTask, now: number): TaskRun {
  const { startedMs, endedMs, counts, warnings, query, ...rest } = task
  const elapsedMs = startedMs === undefined ? 0 : (endedMs ?? now) - startedMs
  const [startedAt, finishedAt] = [startedMs, endedMs].map(ms =>
    ms === undefined ? null : new Date(ms).toISOString(),
  ) as [string | null, string | null]
  return {
    ...{ ...rest, startedAt, finishedAt, elapsedMs, rows: { ...counts }, warnings: [...warnings] },
    ...(query === undefined ? {} : { query }),
  }
}

function total(all: readonly Counts[]): RowCounts {
  const sum = { read: 0, inserted: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0 }
  for (const one of all)
    for (const name of Object.keys(sum) as (keyof RowCounts)[]) sum[name] += one[name]
  return sum
}

const NUMBER = new Intl.NumberFormat('en-US')

function textOf(tables: number, { inserted, updated, deleted }: RowCounts): string {
  const number = (value: number) => NUMBER.format(value)
  const rows = inserted + updated + deleted
  const parts = [
    [inserted, 'new'],
    [updated, 'changed'],
    [deleted, 'deleted'],
  ] as const
  const told = parts.filter(([count]) => count > 0)
  const list = told.map(([count, what]) => `${number(count)} ${what}`).join(', ')
  const text = `${tables} ${tables === 1 ? 'table' : 'tables'}, ${number(rows)} ${rows === 1 ? 'row' : 'rows'} replicated`
  return list === '' ? text : `${text} (${list})`
}
