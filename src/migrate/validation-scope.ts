/**
 * What a validation was asked to compare, as it stands in the name of its job in the state file: two
 * with different scopes are different jobs, and one that leaves something out does not show that all
 * is equal.
 * Written by the validation of a table, read by the checks of a migration.
 * Spec: live-migration 3.7, 4.2, 5 (phase 2).
 */
export interface ValidationScope {
  /** Rows that only the target has are looked for. */
  readonly reverse: boolean
  readonly skipped: readonly string[]
  readonly renames: readonly (readonly [string, string])[]
  /** Columns whose write times are not compared. */
  readonly ignored: readonly string[]
  /** Of numbers, timestamps, TTLs and write times. */
  readonly tolerances: readonly number[]
}

/** Both directions and every column. `scope`: as it was stored; names of earlier releases have none. */
export function isWholeScope(scope: unknown): boolean {
  if (typeof scope !== 'object' || scope === null) return true
  const { reverse, skipped } = scope as Partial<ValidationScope>
  return reverse === true && skipped?.length === 0
}
