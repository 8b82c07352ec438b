/**
 * Which columns only one of two tables has. Asked once per table, before a validation: they are told
 * as failures of the table and left out of the comparison of rows.
 * Pure. Spec: live-migration 4.2 (column-count, column-names).
 */
import type { TableSchema } from '../cassandra/index.ts'
import type { Failure } from './validate-report.ts'
import type { ValidateSettings } from './validate-settings.ts'

/** Columns that only one side has: told once per table, then left out. */
export function compareColumns(
  source: TableSchema,
  target: TableSchema,
  { renames, skipColumns }: Pick<ValidateSettings, 'renames' | 'skipColumns'>,
): { failures: Failure[]; skipped: string[] } {
  const own = source.columns.filter(one => !skipColumns.has(one.name)).map(one => one.name)
  const names = new Set(target.columns.map(one => one.name))
  const meets = (name: string) => renames.get(name) ?? name
  const skipped = own.filter(name => !names.has(meets(name)))
  const used = new Set(own.map(meets))
  const extra = [...names].filter(name => !used.has(name) && !skipColumns.has(name))
  const failures: Failure[] = []
  const fail = (kind: 'column-count' | 'column-names', note: string) =>
    failures.push({
      ...{ kind, keyspace: source.keyspace, table: source.name, key: {} },
      ...{ source: null, target: null, differences: [], isRepaired: false, note },
    })
  const count = names.size - [...names].filter(name => skipColumns.has(name)).length
  if (own.length !== count)
    fail('column-count', `${own.length} columns at the source, ${count} at the target`)
  if (skipped.length > 0) fail('column-names', `only at the source: ${skipped.join(', ')}`)
  if (extra.length > 0) fail('column-names', `only at the target: ${extra.join(', ')}`)
  return { failures, skipped }
}
