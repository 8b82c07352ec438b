/**
 * The bounds of a deleted range as conditions of a DELETE: equal leading columns, then a slice of the
 * next one. Pure. Used by planWrites.
 * Columns that are sorted downwards turn their bounds around, since the log has them in stored order.
 * Spec: cdc-replication 1.6; commit-log 6.4.
 */
import { quoteIdentifier } from '../../../cassandra/index.ts'
import type { Bound, NamedValue, Range } from '../change.ts'
import { bytesOf, type Condition, cannotSay } from './statement-builder.ts'

export function rangeConditions(
  range: Range | undefined,
  descending: ReadonlySet<string>,
): Condition[] {
  const start = range?.start
  const end = range?.end
  const shared = sharedValues(start, end)
  const conditions: Condition[] = shared.map(one => ({
    text: `${quoteIdentifier(one.name)} = ?`,
    values: [one],
  }))
  const from = sliceOf(start, shared.length, { isStart: true, descending })
  const to = sliceOf(end, shared.length, { isStart: false, descending })
  return [...conditions, ...from, ...to]
}

/** Leading columns that both bounds fix. */
function sharedValues(start: Bound | undefined, end: Bound | undefined): NamedValue[] {
  const out: NamedValue[] = []
  for (const [i, value] of (start?.values ?? []).entries()) {
    const other = end?.values[i]
    if (other === undefined || !isSame(value, other)) break
    out.push(value)
  }
  const isWhole = (bound: Bound | undefined) => bound?.values.length === out.length
  const isOpen = (isWhole(start) && !start!.isInclusive) || (isWhole(end) && !end!.isInclusive)
  if (out.length > 0 && isOpen) out.pop()
  return out
}

function sliceOf(
  bound: Bound | undefined,
  fixed: number,
  of: { readonly isStart: boolean; readonly descending: ReadonlySet<string> },
): Condition[] {
  const rest = bound?.values.slice(fixed) ?? []
  if (bound === undefined || rest.length === 0) return []
  const directions = new Set(rest.map(one => of.descending.has(one.name)))
  if (directions.size > 1) {
    throw cannotSay('a range over columns of opposite orders was deleted, which no DELETE can say')
  }
  const isLower = of.isStart !== directions.has(true)
  const operator = `${isLower ? '>' : '<'}${bound.isInclusive ? '=' : ''}`
  const [only] = rest
  if (rest.length === 1) {
    return [{ text: `${quoteIdentifier(only!.name)} ${operator} ?`, values: rest }]
  }
  const names = rest.map(one => quoteIdentifier(one.name)).join(', ')
  const marks = rest.map(() => '?').join(', ')
  return [{ text: `(${names}) ${operator} (${marks})`, values: rest }]
}

function isSame(a: NamedValue, b: NamedValue): boolean {
  const left = bytesOf(a)
  const right = bytesOf(b)
  return left !== null && right !== null && left.equals(right)
}
