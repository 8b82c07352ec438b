/**
 * The query of a token-range source: made from the table, or given by the user and checked.
 * The text is checked with the configuration, the columns when the table is known.
 * Invariant: what comes out reads every row of (start, end] exactly once and binds two tokens.
 * Spec: cassandra-sink 11.8 (key `query`).
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import { qualifiedName, quoteIdentifier, type TableSchema } from '../../../cassandra/index.ts'
import { QUERY_SOURCE_ERRORS } from '../errors.ts'

const TOKEN = /\btoken\s*\(([^()]*)\)\s*(>=|<=|>|<|=)\s*\?/gi
const FROM = /\bfrom\s+(?:("(?:[^"]|"")+"|\w+)\s*\.\s*)?("(?:[^"]|"")+"|\w+)/i

export interface QueryText {
  readonly text: string
  /** Undefined: not qualified. */
  readonly keyspace: string | undefined
  readonly table: string
  /** Columns inside the first `token(…)`. */
  readonly tokenColumns: readonly string[]
}

/** The parts of a user's query, or what is wrong with it. */
export function readQuery(text: string): QueryText | { readonly problem: string } {
  const from = FROM.exec(text)
  if (!/^\s*select\b/i.test(text) || from === null) {
    return { problem: 'expected SELECT … FROM table WHERE token(…) > ? AND token(…) <= ?' }
  }
  const tokens = [...text.matchAll(TOKEN)].map(match => ({
    columns: match[1]!.split(',').map(unquote),
    operator: match[2]!,
  }))
  const lower = tokens.filter(one => one.operator === '>')
  const upper = tokens.filter(one => one.operator === '<=')
  const variables = text.replace(/'(?:[^']|'')*'/g, '').split('?').length - 1
  if (lower.length !== 1 || upper.length !== 1 || tokens.length !== 2 || variables !== 2) {
    return {
      problem: 'expected exactly one token(…) > ? and one token(…) <= ?, and no other variable',
    }
  }
  const [first, second] = [lower[0]!.columns, upper[0]!.columns]
  if (first.join() !== second.join()) {
    return { problem: 'expected the same columns in token(…) > ? and in token(…) <= ?' }
  }
  if (tokens[0]!.operator !== '>') {
    return { problem: 'expected token(…) > ? before token(…) <= ?' }
  }
  const [, keyspace, table = ''] = from
  const named = keyspace === undefined ? undefined : unquote(keyspace)
  return { text, keyspace: named, table: unquote(table), tokenColumns: first }
}

/** `SELECT` of all columns of the table, by name: a column added later changes nothing here. */
export function defaultQuery(table: TableSchema): string {
  const columns = table.columns.map(column => quoteIdentifier(column.name)).join(', ')
  const token = tokenOf(table)
  const from = qualifiedName(table.keyspace, table.name)
  return `SELECT ${columns} FROM ${from} WHERE ${token} > ? AND ${token} <= ?`
}

/** The user's query for this table, and what had to be changed; throws when it does not fit. */
export function fitQuery(
  query: QueryText,
  table: TableSchema,
): { readonly cql: string; readonly note: string | undefined } {
  const key = table.partitionKey.map(column => column.name)
  const text = qualified(query, table)
  if (query.tokenColumns.join() === key.join()) return { cql: text, note: undefined }
  const [only = ''] = query.tokenColumns
  const isUnknown = !table.columns.some(column => column.name === only)
  if (query.tokenColumns.length === 1 && key.length === 1 && isUnknown) {
    const cql = text.replace(TOKEN, (_all, _columns, operator) => {
      return `${tokenOf(table)} ${operator} ?`
    })
    const note = `query: there is no column ${only}; token(${key[0]}) is used, the partition key`
    return { cql, note }
  }
  const message = `query: expected token(${key.join(', ')}), the partition key of ${table.keyspace}.${table.name}, found token(${query.tokenColumns.join(', ')})`
  throw new ScamanderError(QUERY_SOURCE_ERRORS.QUERY, message)
}

/** Connections have no keyspace: the query names it, as the configuration does. */
function qualified({ text, keyspace }: QueryText, table: TableSchema): string {
  if (keyspace !== undefined) return text
  return text.replace(FROM, () => `FROM ${qualifiedName(table.keyspace, table.name)}`)
}

function tokenOf(table: TableSchema): string {
  return `token(${table.partitionKey.map(column => quoteIdentifier(column.name)).join(', ')})`
}

/** The name as stored: quotes resolved, else in lower case. */
function unquote(text: string): string {
  const trimmed = text.trim()
  if (!trimmed.startsWith('"')) return trimmed.toLowerCase()
  return trimmed.slice(1, -1).replaceAll('""', '"')
}
