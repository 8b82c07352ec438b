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
  for (const column of statement.columns) {
    const entry = translateColumn(column)
    if (typeof entry !== 'string') problems.push(entry)
    else if (entry !== '') mapping.push(entry)
  }
  const settings = settingsOf(statement, problems)
  if (problems.length > 0) return { table: undefined, problems }
  const hasAll = statement.columns.some(one => one.expression.kind === 'all')
  const except = statement.ignore.map(path => path.steps.join('.'))
  const rest = hasAll ? { except } : undefined
  const topic = statement.source.text
  return { table: { statement, topic, keyspace, table, mapping, rest, settings }, problems }
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
  const source = [side ?? 'value', ...field].join('.')
  return `${columnText(alias ?? field.at(-1)!)}=${quoted(source)}`
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
