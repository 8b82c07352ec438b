/**
 * What the parts of a copy share: its settings, its sessions, and where it keeps what it knows.
 * Made by the caller of `runCopy`; a table copy sees all of it.
 * Invariant: the signal ends everything; nothing here outlives the run.
 */
import { isScamanderError } from '../base/scamander-error.ts'
import type { ReadSession, WriteSession } from '../cassandra/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { MigrationMetrics } from './metrics.ts'
import type { CopyProgress } from './progress.ts'
import type { JsonLines } from './reject-file.ts'
import type { RunStorage } from './run-store.ts'
import type { ClusterPair, CopySettings } from './settings.ts'

export interface CopyRunParts {
  readonly clusters: ClusterPair
  readonly settings: CopySettings
  readonly store: RunStorage
  /** Begin anew although an earlier run is unfinished. */
  readonly isRestart: boolean
  /** Rows that were not copied. */
  readonly rejects: Pick<JsonLines, 'write'>
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly onProgress?: (progress: CopyProgress) => void
  readonly metrics?: MigrationMetrics | undefined
}

export interface CopySessions {
  readonly source: ReadSession
  readonly target: WriteSession
  readonly openReader: () => Promise<ReadSession>
}

/** Ends a range early: interrupted, or too many errors. */
export function isStopped(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || isScamanderError(error, 'cancelled')
}
