/**
 * The JSON shapes of `/api/v1`, types only: connections, jobs, tasks, columns, previews, runs,
 * events and the session. Importable by every room; the web page imports this and `api.ts`.
 * Errors are problem+json (`Problem`); lists are `{ items }`. Times are ISO 8601 in UTC.
 * Invariant: no answer ever holds a secret; a secret reads `{ set, hint }` and an untouched one is
 * left out of an update.
 * Spec: backlog-replication 2; ui 6.
 */
import type { SandboxPlaces } from './api-v1-help.ts'
import type {
  LogLevel,
  RunInfo,
  RunState,
  RunSummary,
  ScheduleInfo,
  ScheduleSpec,
  TaskRun,
} from './api-v1-runs.ts'
import type {
  ColumnSpec,
  DeleteMode,
  NewColumns,
  QueryPlan,
  TaskMode,
  TaskOptions,
} from './api-v1-tasks.ts'

export type * from './api-v1-runs.ts'
export type * from './api-v1-tasks.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** `SCM_…`, where the error has one. */
  readonly code?: string
  readonly advice?: string
  /** One per wrong field; `field` is the property or `line:column` of a query. */
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
}

export interface List<T> {
  readonly items: readonly T[]
}

/** `GET /session`. Without a login (loopback) the user is the local administrator. */
export interface SessionInfo {
  readonly user: string
  readonly role: Role
  readonly version: string
  /** False: no login is configured and the server listens on loopback only. */
  readonly login: boolean
  /** The Connect REST API is served beside. */
  readonly connect: boolean
  /** When the sign-in of this page ends if nobody does anything; null: there was none. */
  readonly endsAt: string | null
  /** `/users` are managed here. */
  readonly managesUsers: boolean
  /** Test servers that were started with this server and end with it; null: it has none. */
  readonly sandbox: SandboxPlaces | null
}

export type Role = 'admin' | 'standard' | 'job_creator' | 'job_operator' | 'viewer'

// Connections ---------------------------------------------------------------------------------

export type ConnectorKind = 'cassandra' | 'backlog'

export type ConnectionStatus = 'SUCCESSFUL' | 'FAILED' | 'UNTESTED' | 'AUTH_EXPIRED' | 'AUTH_FAILED'

export interface SecretState {
  readonly set: boolean
  /** The last two characters, behind an ellipsis; of a reference to a named secret all of it. */
  readonly hint?: string
}

/** `GET /connectors-available`: what the form of a new connection shows, in order. */
export interface ConnectorInfoV1 {
  readonly kind: ConnectorKind
  readonly title: string
  readonly description: string
  readonly directions: readonly ('source' | 'destination')[]
  readonly properties: readonly PropertyInfo[]
}

export interface PropertyInfo {
  /** Key in `properties` of a connection. */
  readonly key: string
  readonly label: string
  readonly type: 'text' | 'number' | 'boolean' | 'secret' | 'choice' | 'lines'
  readonly default?: string | number | boolean
  readonly choices?: readonly string[]
  readonly required: boolean
  readonly advanced: boolean
  readonly help?: string
  /** Shown only while another property has one of these values. */
  readonly when?: { readonly key: string; readonly values: readonly (string | boolean)[] }
}

/**
 * Keys of `properties`.
 * Cassandra: server, port, database, authScheme (Basic|None), user, password*, useSsl, sslCa,
 * sslVerifyHost, consistencyLevel, localDatacenter, pageSize, requestTimeoutMs, writeConcurrency,
 * compression, readOnly.
 * Backlog: authScheme (APIToken|OAuth), apiKey*, url, oauthClientId, oauthClientSecret*,
 * oauthRefreshToken*, allowPlainHttp, keyInQuery, reservePercent, requestTimeoutMs. (* secrets)
 */
export type Properties = Readonly<Record<string, string | number | boolean>>

export interface ConnectionInfo {
  readonly id: string
  readonly name: string
  readonly connector: ConnectorKind
  readonly direction: 'source' | 'destination' | 'both'
  readonly labels: readonly string[]
  /** Without the secrets. */
  readonly properties: Properties
  readonly secrets: Readonly<Record<string, SecretState>>
  readonly status: ConnectionStatus
  /** Of the last test, in one sentence. */
  readonly statusText: string
  readonly testedAt: string | null
  /** Names of the jobs that use it. */
  readonly usedBy: readonly string[]
  readonly createdAt: string
  readonly updatedAt: string
}

/** `POST /connections`, `POST /connections/test`. Secrets stand in `properties` with the others. */
export interface ConnectionDraft {
  readonly name: string
  readonly connector: ConnectorKind
  readonly labels?: readonly string[]
  readonly properties: Properties
  /** Tests before saving and saves nothing when a required step fails. @default false */
  readonly test?: boolean
}

/** `PATCH /connections/{id}`: what is left out stays, secrets too unless the address changes. */
export interface ConnectionPatch {
  readonly name?: string
  readonly labels?: readonly string[]
  readonly properties?: Properties
}

/** Cassandra: resolve tcp tls handshake authenticate keyspace schema write topology; Backlog: resolve tls space myself projects rate-limit. */
export interface TestStep {
  readonly key: string
  readonly title: string
  readonly state: 'passed' | 'warning' | 'failed' | 'skipped'
  readonly tookMs: number
  readonly text: string
  /** What to do about it. */
  readonly advice?: string
}

export interface TestResult {
  readonly ok: boolean
  readonly status: ConnectionStatus
  readonly text: string
  readonly tookMs: number
  readonly steps: readonly TestStep[]
  /** Cassandra: for the picker of the property Database. */
  readonly keyspaces?: readonly string[]
}

/** Answer of `POST /connections` with `test`: 201 saved; 422 with `connection: null` when it failed. */
export interface ConnectionSaved {
  readonly connection: ConnectionInfo | null
  readonly test: TestResult | null
}

// Schema browser ------------------------------------------------------------------------------

/** `GET /connections/{id}/tables` */
export interface SourceTableInfo {
  readonly name: string
  /** `derived`: filled from the parent's payload, costs no request. */
  readonly kind: 'table' | 'derived' | 'extra'
  readonly parent?: string
  readonly key: readonly string[]
  readonly checkColumn: string | null
  /** FULL, FULL-HASH, UPDATED-DATE, … (Cassandra: FULL-HASH). */
  readonly method: string
  /** Rough requests of a first load, where they can be told without a request. */
  readonly requests: string
  readonly description: string
}

export type SourceType =
  | 'long'
  | 'int'
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'double'
  | 'date'
  | 'timestamp'
  | 'json'
  | 'list<long>'
  | 'list<int>'
  | 'list<string>'

/** `GET /connections/{id}/tables/{table}/columns` */
export interface SourceColumnInfo {
  readonly name: string
  readonly type: SourceType
  readonly isKey: boolean
  /** What a new task does with it. */
  readonly default: ColumnSpec
  /** CQL types that may be chosen instead. */
  readonly types: readonly string[]
}

export type CellValue = string | number | boolean | null | readonly (string | number)[]

/** Rows are arrays in the order of `columns`; 64-bit numbers outside the safe range are strings. */
export interface Grid {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly CellValue[])[]
}

// Jobs and tasks --------------------------------------------------------------------------------

export type JobType = 'standard' | 'sync_all'

export interface JobInfo {
  readonly id: string
  readonly name: string
  readonly source: string
  readonly destination: string
  readonly sourceName: string
  readonly destinationName: string
  readonly sourceConnector: ConnectorKind
  readonly type: JobType
  readonly enabled: boolean
  readonly labels: readonly string[]
  readonly settings: JobSettings
  readonly schedule: ScheduleInfo
  readonly tasks: readonly TaskInfoV1[]
  readonly lastRun: RunSummary | null
  /** Undefined when none is under way. */
  readonly activeRun?: RunSummary
  readonly createdAt: string
  readonly updatedAt: string
  /** Who saved its form last; undefined: a run or a program changed it. */
  readonly updatedBy?: string
  /** Send it back as `If-Match` to refuse lost updates (412). */
  readonly version: number
}

export interface JobSettings {
  readonly deletion: DeleteMode
  /** Missing keyspace of the destination connection's Database. */
  readonly keyspace?: string
  readonly stopOnFirstError: boolean
  /** Groups of tasks that run at the same time, 1 to 16; those that read together are one group. */
  readonly parallelTasks: number
  /** What runs write into their logs. */
  readonly logLevel: LogLevel
  /** When `verbose` turns itself off; set by the server. */
  readonly verboseUntil?: string
  /** Rejected rows of a task above which it fails. */
  readonly rejectedMax: number
  /** Adds _sc_synced_at, _sc_run_id and, with soft deletes, _sc_deleted and _sc_deleted_at. */
  readonly systemColumns: boolean
  /** Runs end as PARTIAL when the rate limit makes them wait longer in all; 0: no limit. */
  readonly waitMaxSeconds: number
  /** @default 'add' of a Sync-all job, 'ask' of others */
  readonly newColumns?: NewColumns
  /** Of a Sync-all job. */
  readonly exclude: readonly string[]
}

export interface JobDraft {
  readonly name: string
  /** Ids of connections. */
  readonly source: string
  readonly destination: string
  readonly type?: JobType
  readonly labels?: readonly string[]
  readonly settings?: Partial<JobSettings>
  readonly schedule?: ScheduleSpec
}

export interface JobPatch extends Partial<Omit<JobDraft, 'source' | 'type'>> {
  readonly enabled?: boolean
}

/** Exactly one of `table` and `query` is set. */
export interface TaskInfoV1 {
  readonly id: string
  readonly position: number
  /** The source table, or the statement's destination for a query. */
  readonly title: string
  readonly table: string | null
  readonly query: string | null
  readonly destination: string
  readonly enabled: boolean
  readonly mode: TaskMode
  readonly options: TaskOptions
  /** Of a query; missing in those that an older version saved. */
  readonly queryKind?: 'incremental' | 'full'
  readonly queryReason?: string
  /** Empty: the defaults of the table. */
  readonly columns: readonly ColumnSpec[]
  readonly method: string
  readonly key: readonly string[]
  readonly checkColumn: string | null
  readonly lastRun: TaskRun | null
  /** When the rows were last known to be those of the source. */
  readonly freshAt: string | null
  /** What should be known of its table, such as another job that writes it too. */
  readonly warnings: readonly string[]
}

/** `POST /jobs/{id}/tasks/{t}/preview` or `POST /jobs/{id}/preview`, with a TaskDraft. */
export interface TaskPreview {
  /** Of the source, for Columns; null for queries. */
  readonly before: Grid | null
  readonly after: Grid
  /** Rows that cannot be converted, and keys that occur twice. */
  readonly problems: readonly {
    readonly row: number
    readonly column: string
    readonly message: string
  }[]
  readonly requests: number
  readonly tookMs: number
  readonly queryKind?: 'incremental' | 'full'
  /** Why a query is of its kind. */
  readonly queryReason?: string
  readonly queryPlan?: QueryPlan
}

// Events ----------------------------------------------------------------------------------------

/**
 * `GET /events`: server-sent events `hello`, `run`, `notice`, `change`; a comment each 15 s.
 * `run` comes with a RunInfo, at most four times a second per run and once when it ends.
 * `GET /runs/{id}/events` has those of one run only.
 */
export type ServerEvent =
  | { readonly event: 'hello'; readonly data: { readonly version: string } }
  | { readonly event: 'run'; readonly data: RunInfo }
  | { readonly event: 'notice'; readonly data: Notice }
  | {
      readonly event: 'change'
      readonly data: { readonly kind: 'connection' | 'job' | 'alert' | 'hook'; readonly id: string }
    }

/** A run that ended, or an alert: for the toast and the bell. `GET /notices`, `POST /notices/read`. */
export interface Notice {
  readonly id: number
  readonly time: string
  readonly kind: 'run' | 'problem'
  readonly state: RunState | null
  readonly text: string
  readonly jobId: string | null
  readonly runId: string | null
  /** Who wanted the run; notices of older versions do not tell. */
  readonly trigger?: RunSummary['trigger']
  readonly rows: number
  readonly elapsedMs: number
  readonly read: boolean
}
