/**
 * Prints a syntax tree as KCQL: names quoted where they must be, clauses in the order that old
 * readers demand. Used to translate configurations and to explain them.
 * Invariant: parsing the text gives the same tree, but for the places.
 * Spec: cassandra-sink 10.1.
 */
import { CLAUSE_NAMES, CLAUSE_SHAPES, type ClauseShape, isReserved } from './clause-shapes.ts'
import type {
  KcqlColumn,
  KcqlPath,
  KcqlSetting,
  KcqlStatement,
  ShapeValues,
} from './syntax-tree.ts'

type Printers = { readonly [S in ClauseShape]: (name: string, value: ShapeValues[S]) => string }

const PRINTERS: Printers = {
  flag: name => name,
  count: (name, value) => (name === 'LIMIT' ? `${name} ${value}` : `${name}=${value}`),
  word: (name, value) => `${name}=${word(value)}`,
  format: (name, value) => `${name} ${value}`,
  delimiter: (name, value) => `${name}='${value}'`,
  path: (name, value) => `${name}=${path(value)}`,
  paths: (name, value) => `${name} ${value.map(path).join(', ')}`,
  names: (name, value) => `${name}(${value.map(plainName).join(', ')})`,
  buckets: (name, { names, count }) =>
    `${name} ${names.map(plainName).join(', ')} INTO ${count} BUCKETS`,
  timestamp: (name, value) =>
    value.endsWith('()') ? `${name} ${word(value.slice(0, -2))}()` : `${name} ${word(value)}`,
  store: (name, value) => {
    const tail = value.settings.length === 0 ? '' : ` (${settings(value.settings)})`
    return `${name} ${word(value.name)}${tail}`
  },
  settings: (name, value) => `${name}(${settings(value)})`,
  raw: (name, value) => `${name} (${value})`,
  sample: (name, { count, every }) => `${name} ${count} EVERY ${every}`,
}

/** The statements, one per line, separated by `;`. */
export function printKcql(statements: readonly KcqlStatement[]): string {
  return statements.map(printStatement).join(';\n')
}

function printStatement(statement: KcqlStatement): string {
  const parts: string[] = []
  if (statement.kind === 'insert') {
    const { verb, upsertKey, target } = statement
    const key = upsertKey === undefined ? '' : ` PK ${plainName(upsertKey)}`
    parts.push(`${verb}${key} INTO ${targetName(target.text)}`)
  }
  const columns = statement.columns.map(printColumn).join(', ')
  parts.push(`SELECT ${columns} FROM ${targetName(statement.source.text)}`)
  if (statement.ignore.length > 0) parts.push(`IGNORE ${statement.ignore.map(path).join(', ')}`)
  for (const name of CLAUSE_NAMES) {
    const clause = statement.clauses[name]
    if (clause === undefined) continue
    // The printer of a clause's shape takes the value of that shape; the table pairs them.
    const print = PRINTERS[CLAUSE_SHAPES[name]] as (name: string, value: unknown) => string
    parts.push(print(name, clause.value))
  }
  return parts.join(' ')
}

function printColumn({ expression, alias }: KcqlColumn): string {
  const tail = alias === undefined ? '' : ` AS ${plainName(alias)}`
  if (expression.kind === 'all') return '*'
  if (expression.kind === 'path') return `${path(expression.path)}${tail}`
  return `${expression.name}(${expression.arguments.map(printColumn).join(', ')})${tail}`
}

function path({ steps, wildcard }: KcqlPath): string {
  return `${steps.map(plainName).join('.')}${wildcard ? '.*' : ''}`
}

function settings(list: readonly KcqlSetting[]): string {
  return list.map(({ key, value }) => `${quoted(key)}=${quoted(value)}`).join(', ')
}

/** Bare where that is allowed. */
function plainName(name: string): string {
  return /^[A-Za-z0-9@_]+$/.test(name) && !isReserved(name) ? name : backticked(name)
}

function word(text: string): string {
  return /^[A-Za-z0-9@_]+(\.[A-Za-z0-9@_]+)*$/.test(text) ? text : backticked(text)
}

function targetName(name: string): string {
  const isBare = /^[A-Za-z0-9@_+\-/{}:.]+$/.test(name) && !/^\.|\.$/.test(name)
  return isBare && !isReserved(name) ? name : backticked(name)
}

function backticked(text: string): string {
  return text.includes('`') ? `'${text}'` : `\`${text}\``
}

function quoted(text: string): string {
  return /['\r\n]/.test(text) ? `\`${text}\`` : `'${text}'`
}
