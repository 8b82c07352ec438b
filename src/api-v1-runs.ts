/**
 * The JSON shapes of schedules, runs and their history, types only. Read through src/api-v1.ts.
 * Times are ISO 8601 in UTC.
 * Spec: backlog-replication 2.10, 2.12, 2.13.
 */
export type RunState =
  | 'QUEUED'
  | 'RUNNING'
  | 'WAITING_RATE_LIMIT'
  | 'SUCCESS'
  | 'WARNING'
  | 'PARTIAL'
  | 'FAILED'
  | 'CANCELLED'
  | 'SKIPPED'

// Schedule --------------------------------------------------------------------------------------

export interface ScheduleSpec {
  readonly on: boolean
  readonly interval:
    | 'none'
    | 'minute'
    | 'hourly'
    | 'daily'
    | 'weekly'
    | 'monthly'
    | 'custom'
    | 'after_job'
  /** minute: 1, 5, 10, 15, 20, 30 */
  readonly every?: number
  /** hourly: 0..59 */
  readonly minute?: number
  /** daily, weekly, monthly: `02:00` */
  readonly time?: string
  /** weekly: 0 is Sunday. */
  readonly days?: readonly number[]
  /** monthly: 1..31, or `last` */
  readonly day?: number | 'last'
  /** custom: five fields, with `L`, `#`, ranges and steps */
  readonly cron?: string
  /** after_job: the id or the name of another job; kept as its id. */
  readonly afterJob?: string
  /** after_job: runs that ended with `SUCCESS` or `WARNING`, or all that were not stopped. @default 'success' */
  readonly afterOn?: 'success' | 'always'
  /** One run for those that were missed while the server was down. @default true */
  readonly catchUp?: boolean
  /** A run starts up to so many seconds later, at another moment for each job. @default 0 */
  readonly spreadSeconds?: number
  readonly timeZone: string
}

export interface ScheduleInfo extends ScheduleSpec {
  /** "Daily 02:00 Asia/Tokyo" */
  readonly text: string
  readonly next: readonly string[]
}

/** `POST /schedule/preview`: the next five times, and the schedule in words. */
export interface SchedulePreview {
  readonly items: readonly string[]
  readonly text: string
}

/** `GET /schedule/pause`, `PUT /schedule/pause` with `{ paused }`: the switch of all schedules. */
export interface PauseInfo {
  readonly paused: boolean
  /** Who switched it last; null: nobody did. */
  readonly by: string | null
  readonly at: string | null
}

// Runs ------------------------------------------------------------------------------------------

export interface RowCounts {
  readonly read: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly deleted: number
  readonly rejected: number
}

export interface RunSummary {
  readonly id: string
  readonly jobId: string
  readonly jobName: string
  readonly state: RunState
  readonly mode: RunMode
  /** `chained`: by an event of another job, or by a schedule after it. */
  readonly trigger: 'schedule' | 'user' | 'api' | 'chained'
  /** Of a chained run: the run that led to it. */
  readonly after?: RunLink
  /** Of a scheduled run: when it was due. */
  readonly dueAt?: string
  /** It was due while the server was down. */
  readonly isCatchUp?: boolean
  /** Of a retry: the run whose rejected rows were tried again. */
  readonly retryOf?: string
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly elapsedMs: number
  readonly rows: RowCounts
  readonly requests: { readonly sent: number; readonly retried: number; readonly waitedMs: number }
  /** "3 tables, 4,821 rows replicated (212 new, 40 changed, 3 deleted)" */
  readonly text: string
  readonly error: string | null
}

export interface RunLink {
  readonly jobId: string
  readonly jobName: string
  readonly runId: string
}

/** `retry`: rejected rows of an earlier run; started by `POST /runs/{id}/retry-rejected`. */
export type RunMode = 'incremental' | 'full' | 'reconcile' | 'dry-run' | 'retry'

export interface RunInfo extends RunSummary {
  readonly tasks: readonly TaskRun[]
  readonly schemaChanges: readonly string[]
  /** What it ran with; runs of older versions do not tell. */
  readonly used?: RunVersions
}

export interface RunVersions {
  /** Of the product. */
  readonly product: string
  /** Of the job: the number of its changes. */
  readonly job: number
}

export interface TaskRun {
  readonly taskId: string
  readonly table: string
  /** `keyspace.table` */
  readonly destination: string
  readonly state: RunState
  /** What it does now: "page 12 of OPS", "waiting for the rate limit, 34 s". */
  readonly activity: string
  readonly startedAt: string | null
  /** Null: not yet; runs of older versions do not tell. */
  readonly finishedAt?: string | null
  readonly elapsedMs: number
  /** Null: unknown. */
  readonly rowsTotal: number | null
  readonly rows: RowCounts
  readonly error: string | null
  readonly advice: string | null
  readonly warnings: readonly string[]
  /** Deletes that the guard holds back. */
  readonly parkedDeletes: number
  /** The statement of a query as it ran. */
  readonly query?: string
}

/** `POST /jobs/{id}/runs` answers 202 with a RunInfo. */
export interface RunRequest {
  readonly mode?: Exclude<RunMode, 'retry'>
  /** Ids; all enabled when left out. */
  readonly tasks?: readonly string[]
  /** Applies deletes that the guard held back. @default false */
  readonly acceptDeletes?: boolean
  /** Names of the tables that tasks with the mode `recreate` drop; each has to be named. */
  readonly drop?: readonly string[]
}

/** What a run writes into its log: each level has those before it. */
export type LogLevel = 'error' | 'info' | 'transfer' | 'verbose'

export interface LogLine {
  readonly time: string
  readonly level: 'info' | 'warn' | 'error' | 'transfer' | 'verbose'
  readonly task: string | null
  readonly text: string
}

export interface RejectedRow {
  readonly task: string
  readonly key: string
  readonly column: string | null
  readonly error: string
  readonly time: string
  /** The run that tried it again; null: none yet. */
  readonly retriedBy: string | null
}

// History ---------------------------------------------------------------------------------------

/** `GET /jobs/{id}/days`: rows that were written on a day of the zone. */
export interface DayRows {
  /** `2026-11-22` */
  readonly day: string
  readonly runs: number
  readonly failed: number
  readonly rows: number
}

/** `GET /history/retention`, `PUT /history/retention`: how long runs are kept, and where old ones go. */
export interface RetentionSpec {
  readonly days: number
  /** Of runs, logs and events together. */
  readonly gigabytes: number
  /** A folder of the server; empty: what goes is not kept. */
  readonly archive: string
}

export interface RetentionInfo extends RetentionSpec {
  /** Fields that an option of the start command sets; they are not changed here. */
  readonly fixed: readonly ('days' | 'gigabytes' | 'archive')[]
  /** What the history takes now. */
  readonly bytes: number
}
