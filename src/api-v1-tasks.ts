/**
 * The JSON shapes of tasks of `/api/v1`, types only: how a task writes, its columns, and what a change
 * means for its table. Importable by every room; api-v1.ts hands them on.
 * Invariant: a mode that empties or drops a table comes with the name of the table.
 * Spec: backlog-replication 2.4 to 2.6, 2.8, 2.11.
 */
export type DeleteMode = 'ignore' | 'soft' | 'hard'

/**
 * `incremental` writes what changed; `full` reads every row each time; `truncate` empties the table and
 * loads it; `recreate` drops it and makes it anew; `append` writes each change as a row of its own and
 * deletes nothing.
 */
export type TaskMode = 'incremental' | 'full' | 'truncate' | 'recreate' | 'append'

export type IntervalUnit = 'minutes' | 'hours' | 'days' | 'weeks' | 'months' | 'years'

/** How a task differs from its job and its table; in a change all of them are replaced. */
export interface TaskOptions {
  /** `keep`: rows that leave the source, or the query, stay as they are. @default that of the job */
  readonly deletes?: DeleteMode | 'keep'
  /** The column that says when a row changed. @default that of the table */
  readonly checkColumn?: string
  /** `2026-01-31` or with a time; rows whose check column is before it are neither written nor deleted. */
  readonly start?: string
  /** How much of the past is read at a time by a first load. */
  readonly interval?: number
  readonly intervalUnit?: IntervalUnit
  /** Rows that are sent at a time. @default a page of the source */
  readonly batchRows?: number
  /** Rows vanish so long after they were written. @default never */
  readonly ttlSeconds?: number
  /** Of Issues, while the task has no columns of its own: each custom field is a column. @default false */
  readonly customFields?: boolean
  /** False: columns that the table lacks are an error, and never added. @default true */
  readonly alterSchema?: boolean
  /** The mode `recreate`, in another word. */
  readonly dropTable?: boolean
  /** The mode `truncate`, in another word. */
  readonly truncate?: boolean
}

export type KeyRole = 'partition' | 'clustering_asc' | 'clustering_desc' | 'none'

export interface ColumnSpec {
  readonly on: boolean
  /** Null: a computed column. */
  readonly source: string | null
  /** SQL over the columns of the table; null: the source column itself. */
  readonly expression: string | null
  readonly name: string
  /** CQL. */
  readonly type: string
  readonly key: KeyRole
  /** A value that cannot be converted. @default 'fail_row' */
  readonly onError?: 'null' | 'fail_row' | 'fail_task'
}

/** `POST /jobs/{id}/tasks`: one draft or `{ items }`. */
export interface TaskDraft {
  readonly table?: string
  readonly query?: string
  readonly destination?: string
  readonly mode?: TaskMode
  readonly options?: TaskOptions
  /** The name of the table, where a mode that empties or drops it is chosen: it is lost otherwise. */
  readonly confirm?: string
  readonly columns?: readonly ColumnSpec[]
}

export interface TaskPatch extends Omit<TaskDraft, 'table'> {
  readonly enabled?: boolean
  /** The next run drops the table and loads it again, once; comes with `confirm`. */
  readonly reload?: boolean
}

/** One way to bring a table and its task together. */
export interface PlanOption {
  /** `reload` drops the table and needs its name; `rename` is a change with another destination. */
  readonly key: 'add_columns' | 'reload' | 'rename'
  readonly destination: string
  readonly ddl: readonly string[]
  /** That are read and written again, as far as they are known. */
  readonly rows: number
  readonly text: string
}

/** `POST /jobs/{id}/tasks/{t}/plan` with a TaskPatch: what a change means for the table. */
export interface TaskPlan {
  readonly keyspace: string
  readonly table: string
  readonly exists: boolean
  readonly ddl: readonly string[]
  /** `none` no DDL · `create` · `add_columns` · `incompatible` needs another table name. */
  readonly action: 'none' | 'create' | 'add_columns' | 'incompatible'
  readonly problems: readonly string[]
  /** Empty: there is nothing to choose. */
  readonly options: readonly PlanOption[]
  readonly queryKind?: 'incremental' | 'full'
  /** Why a query is of its kind. */
  readonly queryReason?: string
  readonly sourceTables: readonly string[]
  /** The table that the change loses the rows of at each run: its name has to be said. */
  readonly confirm?: string
}

/** What a query asks of its source, and what is done here. */
export interface QueryPlan {
  /** Of a whole reading, about; null: not known before. */
  readonly requests: number | null
  /** Columns that the source is asked by, so that other rows are not sent. */
  readonly asked: readonly string[]
  /** Functions, choices and steps that are done here. */
  readonly here: readonly string[]
  /** The statement whose table has the order of ORDER BY; missing: there is none to offer. */
  readonly order?: { readonly columns: readonly string[]; readonly query: string }
}

// Changes of the source's schema ----------------------------------------------------------------

/** Columns that come new with a source: taken at once, asked about, or left out. */
export type NewColumns = 'add' | 'ask' | 'ignore'

export type SchemaChangeKind =
  | 'column_added'
  | 'column_removed'
  | 'type_widened'
  | 'type_narrowed'
  | 'table_added'

/** `GET /jobs/{id}/schema-changes`: what runs found, newest first. */
export interface SchemaChange {
  readonly id: string
  readonly kind: SchemaChangeKind
  readonly taskId: string
  readonly table: string
  /** Null: the table itself. */
  readonly column: string | null
  /** Types of CQL, before and now. */
  readonly from: string | null
  readonly to: string | null
  /** `kept`: the column stays at the destination, and is not written any more. */
  readonly state: 'pending' | 'applied' | 'ignored' | 'kept'
  readonly text: string
  /** What can be chosen while it is pending. */
  readonly ways: readonly SchemaWay[]
  readonly foundAt: string
  readonly runId: string
  readonly decidedAt: string | null
}

/** `add` adds the column; `v2` fills another column from now on; `reload` drops the table and loads it. */
export interface SchemaWay {
  readonly how: 'add' | 'v2' | 'reload'
  readonly ddl: readonly string[]
}

/** `POST /jobs/{id}/schema-changes/{change}/approve` */
export interface SchemaApproval {
  /** @default the first way */
  readonly how?: 'add' | 'v2' | 'reload'
  /** With `reload`: the name of the table. */
  readonly confirm?: string
}
