/**
 * Rules of KCQL statements that need no cluster: kind, topics, clauses without effect. Cross checks
 * of both KCQL sinks; problems carry line and column of the KCQL text.
 * Spec: cassandra-sink 10.1, 10.3, 10.4.
 */
import { type CheckContext, HIDDEN, parseList, suggestKey } from '../../../config/index.ts'
import {
  CLAUSE_NAMES,
  type ClauseName,
  formatKcqlProblem,
  type KcqlInsert,
  type KcqlText,
  kcqlProblem,
} from '../../../kcql/index.ts'
import { KCQL_KEY } from './shared-fields.ts'

export interface KcqlReport {
  readonly offset: number
  readonly message: string
  readonly hint?: string | undefined
  readonly isWarning?: boolean
}

/** Tells a problem at its place in the KCQL text; a hidden text is not quoted. */
export function reportAt(context: CheckContext, { text }: KcqlText, report: KcqlReport): void {
  const problem = kcqlProblem(text, report.offset, report)
  const isHidden = context.entryOf(KCQL_KEY)?.hidden === true
  const excerpt = isHidden || report.isWarning === true ? '' : `\n${problem.excerpt}`
  context.report({
    key: KCQL_KEY,
    kind: report.isWarning === true ? 'no-effect' : 'invalid',
    severity: report.isWarning === true ? 'warning' : 'error',
    message: `${KCQL_KEY}: ${formatKcqlProblem(problem)}${excerpt}`,
  })
}

/** The key with line and column of an offset. */
export function placeIn({ text }: KcqlText, offset: number): string {
  const { line, column } = kcqlProblem(text, offset, { message: '' })
  return `${KCQL_KEY} line ${line}:${column}`
}

/** The statements a sink can use: of the same topic and table the last. */
export function insertsOf({ statements }: KcqlText): KcqlInsert[] {
  const last = new Map<string, KcqlInsert>()
  for (const statement of statements) {
    if (statement.kind !== 'insert') continue
    const key = JSON.stringify([statement.source.text, statement.target.text])
    last.delete(key)
    last.set(key, statement)
  }
  return [...last.values()]
}

export function checkStatements(kcql: KcqlText | undefined, context: CheckContext): void {
  if (kcql === undefined) return
  const used = new Set(insertsOf(kcql))
  for (const statement of kcql.statements) {
    const offset = statement.at.start
    if (statement.kind === 'select') {
      const hint = 'write INSERT INTO <table> in front of SELECT'
      reportAt(context, kcql, { offset, message: 'a sink needs a table to write to', hint })
    } else if (!used.has(statement)) {
      const { source, target } = statement
      const message = `a later statement for ${source.text} and ${target.text} replaces this one`
      reportAt(context, kcql, { offset, message, isWarning: true })
    }
  }
}

/** `topics` and the sources of the statements are the same set. */
export function checkTopicSet(kcql: KcqlText | undefined, context: CheckContext): void {
  if (kcql === undefined) return
  const entry = context.source.entries.get('topics')
  if (entry === undefined) {
    const message = 'topics is required: the KCQL sink reads the topics that its statements name'
    if (context.source.entries.has('topics.regex')) {
      context.report({ key: 'topics', kind: 'missing', message })
    }
    return
  }
  const topics = new Set(parseList(entry.value))
  const sources = new Map(insertsOf(kcql).map(({ source }) => [source.text, source]))
  for (const [name, source] of sources) {
    if (topics.has(name)) continue
    const near = suggestKey(name, [...topics])
    const hint = near === undefined || entry.hidden === true ? undefined : `did you mean ${near}?`
    const message = `the topic ${name} is not in topics`
    reportAt(context, kcql, { offset: source.at.start, message, hint })
  }
  for (const topic of topics) {
    if (sources.has(topic)) continue
    const name = entry.hidden === true ? HIDDEN : topic
    context.report({
      key: 'topics',
      kind: 'missing',
      message: `The topic ${name} has no KCQL statement in ${KCQL_KEY}`,
      advice: `Add INSERT INTO <table> SELECT * FROM ${name}, or remove the topic.`,
    })
  }
}

/** Clauses that change nothing here, but for those that every shared configuration has. */
export function checkClauses(
  kcql: KcqlText | undefined,
  context: CheckContext,
  effective: ReadonlySet<ClauseName>,
): void {
  if (kcql === undefined) return
  for (const statement of insertsOf(kcql)) {
    const { TTL } = statement.clauses
    const problem = TTL === undefined ? undefined : ttlProblem(TTL.value)
    if (problem !== undefined) reportAt(context, kcql, { offset: TTL!.at.start, ...problem })
    for (const name of CLAUSE_NAMES) {
      const clause = statement.clauses[name]
      if (clause === undefined || effective.has(name) || SILENT.has(name)) continue
      const advice = name === 'AUTOCREATE' || name === 'AUTOEVOLVE' ? ': tables must exist' : ''
      const message = `${name} has no effect in this sink${advice}`
      reportAt(context, kcql, { offset: clause.at.start, message, isWarning: true })
    }
  }
}

/** Twenty years: Cassandra refuses every write with more. */
const TTL_SECONDS_MAX = 630_720_000

/** What is wrong with a TTL of so many seconds. */
export function ttlProblem(seconds: number): { readonly message: string } | undefined {
  if (seconds <= TTL_SECONDS_MAX) return undefined
  const expected = `expected at most ${TTL_SECONDS_MAX} seconds (20 years)`
  return { message: `TTL: ${expected}, found ${seconds}` }
}

/** Inserts are upserts by primary key, and batches are made without being asked. */
const SILENT: ReadonlySet<ClauseName> = new Set(['PK', 'BATCH'])
