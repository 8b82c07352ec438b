/**
 * Jobs and tasks as they are stored, and their defaults.
 * Kept as documents by the store; shown by the replicator.
 * Spec: backlog-replication 2.1, 2.3, 2.8, 2.9.
 */
import type {
  ColumnSpec,
  DeleteMode,
  JobSettings,
  JobType,
  ScheduleSpec,
  TaskMode,
  TaskOptions,
} from '../api-v1.ts'

export interface TaskRecord {
  readonly id: string
  /** One of the two. */
  readonly table: string | null
  readonly query: string | null
  readonly destination: string
  readonly enabled: boolean
  readonly mode: TaskMode
  /** Missing in records of older versions. */
  readonly options?: TaskOptions
  /** Of a query, since it was saved last. */
  readonly queryKind?: 'incremental' | 'full'
  readonly queryReason?: string
  readonly columns: readonly ColumnSpec[]
  readonly freshAt: string | null
}

export interface JobRecord {
  readonly id: string
  readonly name: string
  readonly source: string
  readonly destination: string
  readonly type: JobType
  readonly enabled: boolean
  readonly labels: readonly string[]
  readonly settings: JobSettings
  readonly schedule: ScheduleSpec
  readonly tasks: readonly TaskRecord[]
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
  /** Who saved it last; undefined: a run, or it is not known. */
  readonly updatedBy?: string
}

/** With which change a person comes. */
export interface ChangeOf {
  /** Of the job that the person has seen; another one refuses the change. @default any */
  readonly version?: number | undefined
  readonly by?: string | undefined
}

export const SETTINGS_DEFAULT: JobSettings = {
  deletion: 'soft',
  stopOnFirstError: false,
  parallelTasks: 1,
  logLevel: 'info',
  rejectedMax: 0,
  systemColumns: true,
  waitMaxSeconds: 0,
  exclude: [],
}

const VERBOSE_MS = 86_400_000

/** A change of settings; whoever wants the contents of requests in logs gets them for a day. */
export function changedSettings(
  old: JobSettings,
  { verboseUntil: _own, ...change }: Partial<JobSettings>,
  nowMs: number,
): JobSettings {
  const next = { ...old, ...change }
  if (change.logLevel === undefined) return next
  const { verboseUntil: _before, ...rest } = next
  if (change.logLevel !== 'verbose') return rest
  return { ...rest, verboseUntil: new Date(nowMs + VERBOSE_MS).toISOString() }
}

/** As they count now: records of older versions lack some, and the last level of the log ends by itself. */
export function currentSettings(settings: Partial<JobSettings>, nowMs: number): JobSettings {
  const all = { ...SETTINGS_DEFAULT, ...settings }
  const { verboseUntil, ...rest } = all
  if (all.logLevel !== 'verbose') return rest
  const isOver = verboseUntil === undefined || Date.parse(verboseUntil) <= nowMs
  return isOver ? { ...rest, logLevel: 'info' } : all
}

/** What becomes of a row that the source no longer has. A history loses nothing. */
export function deletionOf(
  settings: Pick<JobSettings, 'deletion'>,
  { mode, options }: Pick<TaskRecord, 'mode' | 'options'>,
): DeleteMode | 'keep' {
  return mode === 'append' ? 'keep' : (options?.deletes ?? settings.deletion)
}

/** System columns that the table of a task has. */
export function systemColumnsOf(
  settings: Pick<JobSettings, 'deletion' | 'systemColumns'>,
  task: Pick<TaskRecord, 'mode' | 'options'>,
): string[] {
  if (deletionOf(settings, task) === 'soft')
    return ['_sc_synced_at', '_sc_run_id', '_sc_deleted', '_sc_deleted_at']
  if (settings.systemColumns) return ['_sc_synced_at', '_sc_run_id']
  return task.mode === 'append' ? ['_sc_run_id'] : []
}
