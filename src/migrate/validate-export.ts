/**
 * The result of a validation for other programs: rows that differ as CSV, a line per difference, and
 * the verdict per table as JUnit, as build servers read it.
 * Called by the command line. Pure.
 * Invariant: a JUnit file without failures and errors means exit code 0.
 * Spec: live-migration 4.4.
 */
import type { Failure, ReportDifference, ValidateReport } from './validate-report.ts'
import { failureText } from './validate-report.ts'

export const CSV_HEAD =
  'kind,keyspace,table,key,difference,column,source,target,milliseconds,repaired,note\n'

/** A line per difference; one for a row that only one side has. */
export function failureCsv(failure: Failure): string {
  const { kind, keyspace, table, key, source, target, differences, isRepaired, note } = failure
  const rows: (ReportDifference | undefined)[] =
    differences.length > 0 ? [...differences] : [undefined]
  return rows
    .map(one => {
      const values = one === undefined ? [source, target] : [one.source, one.target]
      const cells = [
        ...[kind, keyspace, table, key, one?.kind ?? null, one?.column ?? null],
        ...[...values, one?.difference ?? null, isRepaired, note],
      ]
      return `${cells.map(csvCell).join(',')}\n`
    })
    .join('')
}

/** A spreadsheet would calculate it, with whatever an application's user wrote. */
const FORMULA = /^[=+\-@\t\r]/
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i

function csvCell(value: unknown): string {
  if (value === null) return ''
  // Quoted, so that it is told from null.
  if (value === '') return '""'
  const given = typeof value === 'string' ? value : JSON.stringify(value)
  const text = FORMULA.test(given) && !NUMBER.test(given) ? `'${given}` : given
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const ROWS_SHOWN = 100

export interface JunitParts {
  readonly keyspace: string
  /** Rows that still differ, by table: the report has the first failures only. */
  readonly open: ReadonlyMap<string, number>
}

/** A test per table, and one for the run: did it come to its end? */
export function reportJunit(report: ValidateReport, { keyspace, open }: JunitParts): string {
  const { tables, failures, elapsedMs, exitCode } = report
  const different = tables.filter(table => open.has(table))
  const isWhole = exitCode === 0 || exitCode === 1
  const cases = tables.map(table => {
    const shown = failures.filter(one => one.table === table && !one.isRepaired)
    return tableCase({ table, keyspace, shown, count: open.get(table) ?? 0 })
  })
  const numbers = `tests="${tables.length + 1}" failures="${different.length}" errors="${isWhole ? 0 : 1}"`
  const name = `name="${escapeXml(keyspace)}"`
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite ${name} ${numbers} time="${(elapsedMs / 1000).toFixed(3)}" timestamp="${report.startedAt}">
${cases.join('\n')}
${testCase('every row was compared', keyspace, isWhole ? '' : `<error message="exit code ${exitCode}"/>`)}
</testsuite>
</testsuites>
`
}

function tableCase(of: {
  readonly table: string
  readonly keyspace: string
  readonly shown: readonly Failure[]
  readonly count: number
}): string {
  const { table, keyspace, shown, count } = of
  if (count === 0) return testCase(table, keyspace, '')
  const text = shown.slice(0, ROWS_SHOWN).map(failureText).join('')
  const failure = `<failure message="${count} rows differ" type="different">${escapeXml(text)}</failure>`
  return testCase(table, keyspace, failure)
}

function testCase(name: string, classname: string, content: string): string {
  const head = `<testcase classname="${escapeXml(classname)}" name="${escapeXml(name)}"`
  return content === '' ? `${head}/>` : `${head}>${content}</testcase>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** XML has no way to write most control characters. */
function escapeXml(text: string): string {
  const visible = [...text].filter(one => one === '\n' || one === '\t' || isXml(one)).join('')
  return visible.replace(/[&<>"]/g, one => ENTITIES[one]!)
}

/** From the blank on, without halves of pairs and the last two of the first plane. */
function isXml(one: string): boolean {
  return one >= ' ' && !/^[\ud800-\udfff\ufffe\uffff]$/.test(one)
}
