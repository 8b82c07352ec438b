/**
 * Jobs and tasks as they are stored, and their defaults.
 * Kept as documents by the store; shown by the replicator.
 * Spec: backlog-replication 2.1, 2.3, 2.8, 2.9.
 */
import type {
  ColumnSpec,
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
}

export const SETTINGS_DEFAULT: JobSettings = {
  deletion: 'soft',
  stopOnFirstError: false,
  rejectedMax: 0,
  systemColumns: true,
  waitMaxSeconds: 0,
  exclude: [],
}

/** System columns that a job's tables have. */
export function systemColumnsOf(settings: JobSettings): string[] {
  if (settings.deletion === 'soft')
    return ['_sc_synced_at', '_sc_run_id', '_sc_deleted', '_sc_deleted_at']
  return settings.systemColumns ? ['_sc_synced_at', '_sc_run_id'] : []
}
