/**
 * Translates one statement of the current KCQL sink into settings of a table in the DataStax dialect.
 * Called by the translation of whole configurations; pure.
 * Invariant: what has no counterpart is a problem with its place, never left out in silence.
 * Spec: cassandra-sink 10.7.
 */
import { suggestKey } from '../../../config/index.ts'
import type { KcqlColumn, KcqlInsert, KcqlSetting } from '../../../kcql/index.ts'
import { CODEC_SETTINGS, TABLE_SETTINGS } from '../datastax/table-fields.ts'
import { type KcqlReport, ttlProblem } from './statement-checks.ts'

export interface TranslatedTable {
  readonly statement: KcqlInsert
  readonly topic: string
  readonly keyspace: string
  readonly table: string
  /** `"column"="field"`, one per selected column. */
  readonly mapping: readonly string[]
  /** `*`: columns by name, but for these. */
  readonly rest: { readonly except: readonly string[] } | undefined
  /** `ttl`, `consistencyLevel`, …; `codec.*` of the topic. */
  readonly settings: readonly KcqlSetting[]
}

export interface Translated {
  readonly table: TranslatedTable | undefined
  readonly problems: readonly KcqlReport[]
}

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,47}$/
const SIDES: Readonly<Record<string, string>> = { _key: 'key', _value: 'value', _header: 'header' }
const PSEUDO: ReadonlySet<string> = new Set(['__ttl', '__timestamp'])

export function translateStatement(statement: KcqlInsert): Translated {
  const problems: KcqlReport[] = []
  const [keyspace = '', table = '', ...more] = statement.target.text.split('.')
  if (!NAME.test(keyspace) || !NAME.test(table) || more.length > 0) {
    const message = `expected <keyspace>.<table> after INTO, found ${statement.target.text}`
    problems.push({ offset: statement.target.at.start, message })
  }
  const mapping: string[] = []
  for (const column of keptColumns(statement, problems)) {
    const entry = translateColumn(column)
    if (typeof entry !== 'string') problems.push(entry)
    else if (entry !== '') mapping.push(entry)
  }
  const settings = settingsOf(statement, problems)
  if (problems.some(one => one.isWarning !== true)) return { table: undefined, problems }
  const hasAll = selectsAll(statement)
  const except = statement.ignore.map(path => path.steps.join('.'))
  const rest = hasAll ? { except } : undefined
  const topic = statement.source.text
  return { table: { statement, topic, keyspace, table, mapping, rest, settings }, problems }
}

function selectsAll({ columns }: KcqlInsert): boolean {
  return columns.some(one => one.expression.kind === 'all')
}

/** Without those that IGNORE names: by their field, else by their column. */
function keptColumns(statement: KcqlInsert, problems: KcqlReport[]): KcqlColumn[] {
  let kept = [...statement.columns]
  for (const { steps, at } of statement.ignore) {
    const field = fieldText(steps)
    const isField = ({ expression }: KcqlColumn) =>
      expression.kind === 'path' && fieldText(expression.path.steps) === field
    const isColumn = (column: KcqlColumn) => columnName(column) === steps.join('.')
    const isIgnored = kept.some(isField) ? isField : isColumn
    const rest = kept.filter(column => !isIgnored(column))
    if (rest.length === kept.length && !selectsAll(statement)) {
      const message = `IGNORE ${steps.join('.')} has no effect: it is not selected`
      problems.push({ offset: at.start, message, isWarning: true })
    }
    kept = rest
  }
  if (kept.length === 0) {
    const hint = 'select at least the primary key'
    problems.push({ offset: statement.at.start, message: 'every column is ignored', hint })
  }
  return kept
}

/** `value.a.b`; without `_key` or `_header` a field is the value's. */
function fieldText(steps: readonly string[]): string {
  const side = SIDES[steps[0]!]
  return [side ?? 'value', ...(side === undefined ? steps : steps.slice(1))].join('.')
}

function columnName({ expression, alias }: KcqlColumn): string | undefined {
  return alias ?? (expression.kind === 'path' ? expression.path.steps.at(-1) : undefined)
}

/** A mapping entry; empty for `*`. */
function translateColumn({ expression, alias, at }: KcqlColumn): string | KcqlReport {
  if (expression.kind === 'all') return ''
  if (expression.kind === 'function') {
    if (expression.name !== 'now' || expression.arguments.length > 0) {
      return {
        offset: at.start,
        message: `the function ${expression.name}() is not known; now() is`,
      }
    }
    if (alias === undefined) return { offset: at.start, message: 'now() needs AS <column>' }
    return `${columnText(alias)}=now()`
  }
  const { steps, wildcard } = expression.path
  if (wildcard) {
    const message = `${steps.join('.')}.* is not known to this sink; select the fields one by one`
    return { offset: at.start, message }
  }
  const side = SIDES[steps[0]!]
  const field = side === undefined ? steps : steps.slice(1)
  if (field.length === 0 && side === 'header') {
    return { offset: at.start, message: 'expected the name of a header: _header.<name>' }
  }
  if (field.length === 0 && alias === undefined) {
    return { offset: at.start, message: `${steps[0]} needs AS <column>` }
  }
  return `${columnText(alias ?? field.at(-1)!)}=${quoted(fieldText(steps))}`
}

/** Pseudo-columns keep their meaning; all other names are exact. */
function columnText(name: string): string {
  return PSEUDO.has(name) ? name : quoted(name)
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

function settingsOf(statement: KcqlInsert, problems: KcqlReport[]): KcqlSetting[] {
  const { PROPERTIES, TTL } = statement.clauses
  const found = [...(PROPERTIES?.value ?? [])]
  for (const { key, at } of found) {
    if (KNOWN.includes(key)) continue
    const near = suggestKey(key, KNOWN)
    const hint = near === undefined ? `known are ${KNOWN.join(', ')}` : `did you mean ${near}?`
    problems.push({ offset: at.start, message: `the property ${key} is not known`, hint })
  }
  const ttl = found.find(one => one.key === 'ttl')
  if (ttl !== undefined) problems.push(...ttlProblems(ttl, found))
  if (TTL !== undefined && !found.some(one => one.key === 'ttl')) {
    found.push({ key: 'ttl', value: String(TTL.value), at: TTL.at })
  }
  return found
}

/** Here they have a place; the rules of the DataStax dialect would not know it. */
function ttlProblems({ value, at }: KcqlSetting, all: readonly KcqlSetting[]): KcqlReport[] {
  const offset = at.start
  if (!/^\s*-?\d+\s*$/.test(value)) {
    return [{ offset, message: `expected a whole number for ttl, found ${value}` }]
  }
  const unit = all.find(one => one.key === 'ttlTimeUnit')?.value.toUpperCase() ?? 'SECONDS'
  const problem = unit === 'SECONDS' ? ttlProblem(Number(value)) : undefined
  return problem === undefined ? [] : [{ offset, ...problem }]
}

const KNOWN: readonly string[] = [
  ...TABLE_SETTINGS.filter(name => name !== 'mapping'),
  ...CODEC_SETTINGS.map(name => `codec.${name}`),
]
