/**
 * Which selected columns mean fields of the value: the classic sink knows no others.
 * Used by the rules of its configuration, by the assembly of its settings and by the conversion.
 * Spec: cassandra-sink 10.2.
 */
import type { KcqlColumn, KcqlInsert } from '../../../kcql/index.ts'

const META_FIELDS: ReadonlySet<string> = new Set(['_key', '_value', '_header', '_headers', '_'])

/** Those that select from the value; others have no effect in this dialect. */
export function valueColumns({ columns }: KcqlInsert): KcqlColumn[] {
  return columns.filter(column => !isMeta(column))
}

export function isMeta({ expression }: KcqlColumn): boolean {
  return expression.kind === 'path' && META_FIELDS.has(expression.path.steps[0]!)
}
