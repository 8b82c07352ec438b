/**
 * The door of the migration room: bulk copy and validation between two clusters.
 * Used by the command line and by tasks of the worker group. Start with `copy-run.ts`.
 * Spec: live-migration 3, 4.
 */
export type { CopyRunParts } from './copy-parts.ts'
export { type CopyOutcome, runCopy } from './copy-run.ts'
export { MIGRATE_ERRORS } from './errors.ts'
export type { CopyProgress } from './progress.ts'
export * from './project/index.ts'
export { JsonLines, LineFile, requireWritable, writeReport } from './reject-file.ts'
export { type RunStorage, RunStore } from './run-store.ts'
export {
  BACKDATE_MARGIN_MS,
  type ClusterPair,
  COPY_DEFAULTS,
  type ColumnFilter,
  type CopySettings,
  SELECTION_DEFAULTS,
  type SelectionSettings,
  type WritetimeMode,
} from './settings.ts'
export * from './task/index.ts'
export { TOKEN_MAX, TOKEN_MIN, type TokenRange } from './token-range.ts'
export { CSV_HEAD, failureCsv, reportJunit } from './validate-export.ts'
export type { ValidateRunParts } from './validate-parts.ts'
export {
  countsText,
  type Failure,
  failureText,
  reportHtml,
  type ValidateReport,
} from './validate-report.ts'
export { runValidation, type ValidateOutcome } from './validate-run.ts'
export { VALIDATE_DEFAULTS, type ValidateSettings } from './validate-settings.ts'
