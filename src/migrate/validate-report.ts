/**
 * The result of a validation as data, and as text, JSON and a page of HTML. One failure is one row
 * that differs, or a table whose columns do.
 * Reports hold row data, because they were asked for.
 * Spec: live-migration 4.2 (failure kinds), 4.4.
 */
import type { JsonValue } from './value-text.ts'

export type FailureKind =
  | 'missing'
  | 'extra'
  | 'mismatch'
  | 'column-count'
  | 'column-names'
  | 'error'

export interface ReportDifference {
  readonly kind: string
  readonly column: string
  readonly source: JsonValue
  readonly target: JsonValue
  readonly difference: number | null
}

export interface Failure {
  readonly kind: FailureKind
  readonly keyspace: string
  readonly table: string
  readonly key: Readonly<Record<string, JsonValue>>
  readonly source: Readonly<Record<string, JsonValue>> | null
  readonly target: Readonly<Record<string, JsonValue>> | null
  readonly differences: readonly ReportDifference[]
  readonly isRepaired: boolean
  readonly note: string | null
}

export interface ValidateCounts {
  read: number
  valid: number
  mismatch: number
  correctedMismatch: number
  missing: number
  correctedMissing: number
  extra: number
  correctedExtra: number
  skipped: number
  errors: number
  rangesPassed: number
  rangesFailed: number
}

export function noValidateCounts(): ValidateCounts {
  return {
    ...{ read: 0, valid: 0, mismatch: 0, correctedMismatch: 0, missing: 0, correctedMissing: 0 },
    ...{ extra: 0, correctedExtra: 0, skipped: 0, errors: 0, rangesPassed: 0, rangesFailed: 0 },
  }
}

export interface ValidateReport {
  readonly startedAt: string
  readonly elapsedMs: number
  readonly tables: readonly string[]
  readonly counts: ValidateCounts
  /** The first ones; the JSON lines file has all. */
  readonly failures: readonly Failure[]
  readonly exitCode: number
}

const LABELS: readonly (readonly [keyof ValidateCounts, string])[] = [
  ['read', 'Read'],
  ['valid', 'Valid'],
  ['mismatch', 'Mismatch'],
  ['correctedMismatch', 'Corrected Mismatch'],
  ['missing', 'Missing'],
  ['correctedMissing', 'Corrected Missing'],
  ['extra', 'Extra'],
  ['correctedExtra', 'Corrected Extra'],
  ['skipped', 'Skipped'],
  ['errors', 'Error'],
  ['rangesPassed', 'Ranges passed'],
  ['rangesFailed', 'Ranges failed'],
]

/** `Read: n` and so on, a line each. */
export function countsText(counts: ValidateCounts): string {
  return `${LABELS.map(([key, label]) => `${label}: ${counts[key]}`).join('\n')}\n`
}

/** Source row, target row and the differences, as people read them. */
export function failureText(failure: Failure): string {
  const { kind, keyspace, table, source, target, differences, isRepaired, note } = failure
  const lines = [
    `${isRepaired ? 'repaired ' : ''}${kind} in ${keyspace}.${table}: ${JSON.stringify(failure.key)}`,
  ]
  if (kind === 'missing' || kind === 'extra' || kind === 'mismatch') {
    lines.push(`  source: ${source === null ? '<MISSING>' : JSON.stringify(source)}`)
    lines.push(`  target: ${target === null ? '<MISSING>' : JSON.stringify(target)}`)
  }
  for (const one of differences) {
    const by = one.difference === null ? '' : `, ${one.difference} ms`
    const values = `${JSON.stringify(one.source)} and ${JSON.stringify(one.target)}`
    lines.push(`  ${one.kind} of ${one.column}: ${values}${by}`)
  }
  if (note !== null) lines.push(`  ${note}`)
  return `${lines.join('\n')}\n`
}

/** One page that needs nothing else. */
export function reportHtml(report: ValidateReport): string {
  const { counts, failures, tables, startedAt, elapsedMs } = report
  const cells = LABELS.map(
    ([key, label]) => `<tr><th>${label}</th><td>${counts[key].toLocaleString('en-US')}</td></tr>`,
  ).join('\n')
  const rows = failures.map(failureRow).join('\n')
  const verdict = report.exitCode === 0 ? 'equal' : 'not equal'
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Validation: ${verdict}</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #1c2733; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #cdd6df; padding: .3rem .6rem; text-align: left; vertical-align: top; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.equal { color: #0b6b3a; } .different { color: #a31621; }
</style></head><body>
<h1 class="${report.exitCode === 0 ? 'equal' : 'different'}">The clusters are ${verdict}</h1>
<p>${escapeHtml(tables.join(', '))}; started ${escapeHtml(startedAt)}, ${(elapsedMs / 1000).toFixed(1)} s.</p>
<table>${cells}</table>
${failures.length === 0 ? '' : `<h2>Rows that differ${failures.length < different(counts) ? ', the first ones' : ''}</h2>`}
${failures.length === 0 ? '' : `<table><tr><th>kind</th><th>table</th><th>key</th><th>differences</th><th>outcome</th></tr>\n${rows}</table>`}
</body></html>
`
}

function different(counts: ValidateCounts): number {
  return counts.mismatch + counts.missing + counts.extra
}

function failureRow(failure: Failure): string {
  const { kind, keyspace, table, key, differences, isRepaired, note } = failure
  const list = differences.map(
    one =>
      `${one.kind} of ${one.column}: ${JSON.stringify(one.source)} and ${JSON.stringify(one.target)}`,
  )
  const outcome = isRepaired ? 'repaired' : (note ?? '')
  const cells = [kind, `${keyspace}.${table}`, JSON.stringify(key), list.join('\n'), outcome]
  return `<tr>${cells.map(one => `<td>${escapeHtml(one)}</td>`).join('')}</tr>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, one => ENTITIES[one]!)
}
