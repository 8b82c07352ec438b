/**
 * Tables as the replaced command prints them: lines of dashes, cells between bars.
 *
 *     --------------------------
 *     |name            |enabled|
 *     --------------------------
 *     |demo_destination|true   |
 *     --------------------------
 *
 * Spec: cdc-replication 2.1.
 */
import { oneLine } from '../text-table.ts'

export type Cell = string | number | boolean

export function referenceTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const cells = [head, ...rows.map(row => row.map(cell => oneLine(String(cell))))]
  const widths = head.map((_, i) => Math.max(...cells.map(row => (row[i] ?? '').length)))
  const lines = cells.map(row => `|${row.map((cell, i) => cell.padEnd(widths[i]!)).join('|')}|`)
  const rule = '-'.repeat(lines[0]!.length)
  const [first, ...rest] = lines
  return [rule, first, rule, ...rest, rule, ''].join('\n')
}

/** Header line and rows, joined by a separator. */
export function separatedTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  separator: string,
): string {
  const lines = [head, ...rows].map(row => row.map(cell => oneLine(String(cell))).join(separator))
  return `${lines.join('\n')}\n`
}
