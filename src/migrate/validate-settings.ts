/**
 * What a validation is told, beside the selection that it shares with a copy, and the defaults.
 * Spec: live-migration 4.1.
 * Invariant: tolerances and pauses are milliseconds, times of cells microseconds.
 */
import { SELECTION_DEFAULTS, type SelectionSettings } from './settings.ts'

export interface ValidateSettings extends SelectionSettings {
  readonly compareTimestamps: boolean
  readonly ttlToleranceMs: number
  readonly writetimeToleranceMs: number
  readonly floatTolerance: number
  readonly timestampToleranceMs: number
  readonly ignoreWritetime: ReadonlySet<string>
  /** Rows that differ at which it stops; 0: never. */
  readonly maxFailures: number
  readonly recheck: number
  readonly recheckDelayMs: number
  /** Tell rows that only the target has. */
  readonly reverse: boolean
  readonly repairMissing: boolean
  readonly repairMismatch: boolean
  readonly repairMissingCounters: boolean
  readonly deleteExtra: boolean
  /** Only these rows are repaired: their keys as JSON, as a report shows them. @default every row */
  readonly repairKeys?: ReadonlySet<string> | undefined
  /** Microseconds of repairs; undefined: the times of the source. `now`: when the run starts. */
  readonly repairTimeUs: bigint | undefined
}

export const VALIDATE_DEFAULTS = {
  ...SELECTION_DEFAULTS,
  compareTimestamps: false,
  ttlToleranceMs: 3_000,
  writetimeToleranceMs: 0,
  floatTolerance: 0,
  timestampToleranceMs: 0,
  ignoreWritetime: new Set<string>(),
  maxFailures: 100,
  recheck: 2,
  recheckDelayMs: 2_000,
  reverse: true,
  repairMissing: false,
  repairMismatch: false,
  repairMissingCounters: false,
  deleteExtra: false,
  repairTimeUs: undefined,
} as const
