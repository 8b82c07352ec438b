/**
 * Parses KCQL into its syntax tree. Called by the front ends of the KCQL sinks and sources and by
 * the field of the setting `connect.cassandra.kcql`.
 * Clauses may come in any order; left-over text is an error. Keywords may have any case.
 * Invariant: throws `KcqlError` only, with the first problem of every bad statement.
 * Spec: cassandra-sink 10.1, 12 (D11).
 */
import { CLAUSE_NAMES, type ClauseName, clauseOf } from './clause-shapes.ts'
import { KcqlError, type KcqlProblem, kcqlProblem } from './errors.ts'
import { parseClause } from './parse-clause.ts'
import type {
  KcqlClause,
  KcqlClauses,
  KcqlColumn,
  KcqlExpression,
  KcqlPath,
  KcqlStatement,
} from './syntax-tree.ts'
import { KcqlFailure, TokenCursor } from './token-cursor.ts'

const FUNCTION_DEPTH_MAX = 16

/** The statements of a text, at least one; throws `KcqlError`. */
export function parseKcql(text: string): readonly KcqlStatement[] {
  const cursor = new TokenCursor(text)
  const statements: KcqlStatement[] = []
  const problems: KcqlProblem[] = []
  while (cursor.token.kind !== 'end') {
    if (cursor.takeSign(';')) continue
    try {
      statements.push(statement(cursor))
    } catch (error) {
      if (!(error instanceof KcqlFailure)) throw error
      problems.push(kcqlProblem(text, error.offset, error))
      cursor.skipTo(';')
    }
  }
  if (statements.length === 0 && problems.length === 0) {
    const message =
      'expected at least one statement, such as INSERT INTO target SELECT * FROM source'
    problems.push(kcqlProblem(text, 0, { message }))
  }
  if (problems.length > 0) throw new KcqlError(problems)
  return statements
}

function statement(cursor: TokenCursor): KcqlStatement {
  const { start } = cursor.token
  const insert = insertHead(cursor)
  cursor.expectWord('SELECT', insert === undefined ? 'or INSERT' : 'after the target')
  const columns = columnList(cursor, 0)
  checkColumns(columns)
  cursor.expectWord('FROM', 'or "," after a column')
  const source = cursor.target('a source after FROM')
  const ignore = cursor.takeWord('IGNORE') ? cursor.paths('a field to ignore') : []
  const clauses = clauseList(cursor, { ignored: ignore })
  const rest = { columns, source, ignore: clauses.ignore, clauses: clauses.clauses }
  const at = cursor.spanFrom(start)
  if (insert === undefined) return { kind: 'select', ...rest, at }
  return { kind: 'insert', ...insert, ...rest, at }
}

/** Everything before SELECT; undefined when the statement begins with SELECT. */
function insertHead(cursor: TokenCursor) {
  if (cursor.isWord('SELECT')) return undefined
  const verb = (['INSERT', 'UPSERT', 'UPDATE'] as const).find(one => cursor.isWord(one))
  if (verb === undefined) {
    const hint = cursor.suggestion(['INSERT', 'UPSERT', 'UPDATE', 'SELECT'])
    cursor.fail(`expected INSERT INTO, UPSERT INTO or SELECT, found ${cursor.found()}`, hint)
  }
  cursor.take()
  const hasKey = verb === 'UPSERT' && cursor.takeWord('PK')
  const upsertKey = hasKey ? cursor.name('a field after UPSERT PK') : undefined
  cursor.expectWord('INTO', `after ${verb}`)
  return { verb, upsertKey, target: cursor.target('a target after INTO') }
}

function columnList(cursor: TokenCursor, depth: number): KcqlColumn[] {
  const columns = [column(cursor, depth)]
  while (cursor.takeSign(',')) columns.push(column(cursor, depth))
  return columns
}

function column(cursor: TokenCursor, depth: number): KcqlColumn {
  const { start } = cursor.token
  const expression = expressionOf(cursor, depth)
  const alias = cursor.takeWord('AS') ? cursor.name('a name after AS') : undefined
  const at = cursor.spanFrom(start)
  const isAll =
    expression.kind === 'all' || (expression.kind === 'path' && expression.path.wildcard)
  if (isAll && alias !== undefined) {
    throw new KcqlFailure(start, 'a wildcard cannot have a name of its own')
  }
  return { expression, alias, at }
}

function expressionOf(cursor: TokenCursor, depth: number): KcqlExpression {
  if (cursor.takeSign('*')) return { kind: 'all' }
  if (cursor.token.kind === 'word' && cursor.next.kind === 'sign' && cursor.next.text === '(') {
    return functionCall(cursor, depth + 1)
  }
  return { kind: 'path', path: cursor.path('a column', { wildcard: true }) }
}

function functionCall(cursor: TokenCursor, depth: number): KcqlExpression {
  if (depth > FUNCTION_DEPTH_MAX) cursor.fail('functions are nested too deeply')
  const name = cursor.take().text
  cursor.expectSign('(', `after ${name}`)
  if (cursor.takeSign(')')) return { kind: 'function', name, arguments: [] }
  const found = columnList(cursor, depth)
  cursor.expectSign(')', `or "," in the arguments of ${name}`)
  return { kind: 'function', name, arguments: found }
}

function clauseList(cursor: TokenCursor, given: { ignored: readonly KcqlPath[] }) {
  const clauses: Partial<Record<ClauseName, KcqlClause<unknown>>> = {}
  let ignore = given.ignored
  while (cursor.token.kind !== 'end' && !cursor.isSign(';')) {
    if (cursor.isWord('IGNORE')) {
      if (ignore.length > 0) cursor.fail('IGNORE is given twice')
      cursor.take()
      ignore = cursor.paths('a field to ignore')
      continue
    }
    const name = cursor.token.kind === 'word' ? clauseOf(cursor.token.text) : undefined
    if (name === undefined) failLeftOver(cursor)
    if (clauses[name] !== undefined) cursor.fail(`${name} is given twice`)
    clauses[name] = parseClause(cursor, name)
  }
  // Each reader returns the type of its clause's shape; the table cannot say so by name.
  return { clauses: clauses as KcqlClauses, ignore }
}

function failLeftOver(cursor: TokenCursor): never {
  const hint = cursor.suggestion([...CLAUSE_NAMES, 'IGNORE'])
  cursor.fail(`expected a clause, ";" or the end, found ${cursor.found()}`, hint)
}

/** The same field under the same name twice says nothing new and is a slip. */
function checkColumns(columns: readonly KcqlColumn[]): void {
  const seen = new Set<string>()
  for (const { expression, alias, at } of columns) {
    if (expression.kind === 'function') continue
    const { steps, wildcard } = expression.kind === 'all' ? ALL : expression.path
    const key = JSON.stringify([steps, wildcard, alias ?? null])
    const shown = [...steps, ...(wildcard ? ['*'] : [])].join('.')
    if (seen.has(key)) throw new KcqlFailure(at.start, `${shown} is selected twice`)
    seen.add(key)
  }
}

const ALL = { steps: [], wildcard: true } as const
