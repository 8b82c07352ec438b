/**
 * What the parts of a validation share. Made by the caller of `runValidation`; a table validation
 * sees all of it.
 * Invariant: the signal ends everything; nothing here outlives the run.
 */
import type { ReadSession, WriteSession } from '../cassandra/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { MigrationMetrics } from './metrics.ts'
import type { CopyProgress } from './progress.ts'
import type { RunStorage } from './run-store.ts'
import type { ClusterPair } from './settings.ts'
import type { Failure, ValidateCounts } from './validate-report.ts'
import type { ValidateSettings } from './validate-settings.ts'

export interface ValidateRunParts {
  readonly clusters: ClusterPair
  readonly settings: ValidateSettings
  readonly store: RunStorage
  readonly isRestart: boolean
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Every row that differs, when it is settled. */
  readonly onFailure: (failure: Failure) => void
  readonly onProgress?: (progress: CopyProgress) => void
  readonly metrics?: MigrationMetrics | undefined
}

export interface ValidateSessions {
  readonly source: ReadSession
  readonly target: ReadSession
  /** Only when something is repaired. */
  readonly writer: WriteSession | undefined
}

export interface TableValidationListener {
  readonly counts: ValidateCounts
  onFailure(failure: Failure): void
  onRead(rows: number): void
  onPlanned(state: { readonly share: number }): void
  onRangePart(share: number): void
  onError(error: unknown, isRange: boolean): void
}
