/**
 * A finding about a configuration: what is wrong, at which key, where in the file, what to do.
 * Made by the readers, by `evaluateConfig` and by cross checks; printed by `scamander lint`,
 * listed in `ConfigError`, turned into messages of the REST validation.
 * Invariant: `message` is the text Kafka Connect uses where it has one; values are already hidden.
 */
export type LintKind =
  | 'syntax'
  | 'unknown-key'
  | 'duplicate-key'
  | 'missing'
  | 'wrong-type'
  | 'out-of-range'
  | 'invalid'
  | 'deprecated'
  | 'no-effect'
  | 'conflict'

export type Severity = 'error' | 'warning'

/** Lines and columns count from 1. */
export interface Location {
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

export interface Lint {
  readonly kind: LintKind
  readonly severity: Severity
  readonly key: string
  readonly message: string
  /** The value found, hidden where it is secret. */
  readonly found?: string
  readonly expected?: string
  readonly advice?: string
  readonly location?: Location
}

/** `file:line:column`, as far as known. */
export function formatLocation(location: Location | undefined): string {
  if (location === undefined) return ''
  const { file, line, column } = location
  if (line === undefined) return file ?? ''
  const at = column === undefined ? `${line}` : `${line}:${column}`
  return file === undefined ? `line ${at}` : `${file}:${at}`
}

/** One line: place, key, message, expectation, advice. */
export function formatLint(lint: Lint): string {
  const place = formatLocation(lint.location)
  const head = place === '' ? '' : `${place}: `
  const named = lint.message.includes(lint.key) ? '' : `${lint.key}: `
  const parts = [`${head}${named}${lint.message}`]
  if (lint.found !== undefined && !lint.message.includes(lint.found)) {
    parts.push(`found: ${lint.found}`)
  }
  if (lint.expected !== undefined && !lint.message.includes(lint.expected)) {
    parts.push(`expected: ${lint.expected}`)
  }
  if (lint.advice !== undefined) parts.push(lint.advice)
  return parts.join(' · ')
}

/** By place in the file; findings without a place last; then errors first, then by key. */
export function sortLints(lints: readonly Lint[]): Lint[] {
  return [...lints].sort(
    (a, b) =>
      (a.location?.line ?? Number.MAX_SAFE_INTEGER) -
        (b.location?.line ?? Number.MAX_SAFE_INTEGER) ||
      (a.location?.column ?? 0) - (b.location?.column ?? 0) ||
      rank(a) - rank(b) ||
      compareText(a.key, b.key),
  )
}

export function hasErrors(lints: readonly Lint[]): boolean {
  return lints.some(lint => lint.severity === 'error')
}

function rank(lint: Lint): number {
  return lint.severity === 'error' ? 0 : 1
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
