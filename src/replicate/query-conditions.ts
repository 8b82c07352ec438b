/**
 * Conditions of a SELECT that every row of a table has to meet, for the source to be asked for, and what
 * is left to be done here. Called by query-setup.ts with the statement as the SQL engine parses it.
 * Invariant: leaving out rows that do not meet them never changes the result: only parts of the outer
 * WHERE joined by AND count, that are not true of NULL, over a table that is read in one place. A join by
 * place or by the nearest row sees other rows then, and so does a sample: there nothing is asked for.
 * Spec: backlog-replication 2.6 (pushdown).
 */
import type { Condition } from '../source/index.ts'
import { childOf, expressionsIn, functionOf, listOf, type SqlTree } from './query-shape.ts'
import type { SourceColumn, SourceTable } from './source-table.ts'

interface Leaf {
  readonly table: SourceTable
  /** As it is called in the statement, in lower case. */
  readonly name: string
}

const SAFE_JOINS = new Set(['REGULAR', 'CROSS'])
const SAFE_TYPES = new Set(['INNER', 'LEFT', 'RIGHT', 'OUTER', 'FULL'])
const WHOLE_TYPES = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'])
const TIME_TYPES = new Set(['DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'])
const MOMENT = /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/
const YEAR_MAX = Date.UTC(9_000, 0)
const YEAR_MIN = Date.UTC(1_000, 0)
const FLIPPED: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: 'COMPARE_EQUAL',
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHAN',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHANOREQUALTO',
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
}

/** By the name of the table in the source. */
export function conditionsOf(
  statement: SqlTree,
  tables: readonly SourceTable[],
): Map<string, Condition[]> {
  const node = childOf(statement, 'node')
  const found = new Map<string, Condition[]>()
  if (node['type'] !== 'SELECT_NODE' || (node['sample'] ?? null) !== null) return found
  const leaves = leavesOf(childOf(node, 'from_table'), tables)
  if (leaves === undefined) return found
  const renamed = renamedIn(node)
  const resolve = (one: unknown) => columnOf(one, leaves, renamed)
  for (const part of partsOf(node['where_clause'], 'CONJUNCTION_AND')) {
    const known = conditionOf(part, resolve)
    if (known === undefined) continue
    const { leaf, condition } = known
    const isOnce = placesOf(statement, leaf.table.name) === 1
    if (!isOnce) continue
    const { name } = leaf.table
    found.set(name, [...(found.get(name) ?? []), condition])
  }
  return found
}

/** In words: functions, columns that rows are chosen by, and steps over all rows. */
export function workHere(statement: SqlTree, asked: ReadonlySet<string>): string[] {
  const node = childOf(statement, 'node')
  const work = new Set<string>()
  for (const one of expressionsIn(node)) {
    const isOperator = one['is_operator'] === true
    if (functionOf(one) !== '' && !isOperator) work.add(functionOf(one).replace('_star', ''))
    if (one['class'] === 'CASE') work.add('case')
  }
  for (const one of expressionsIn(node['where_clause'])) {
    const path = one['column_names']
    const name = Array.isArray(path) ? String(path.at(-1)) : ''
    if (name !== '' && !asked.has(name.toLowerCase())) work.add(`choice by ${name}`)
  }
  if (childOf(node, 'from_table')['type'] === 'JOIN') work.add('join')
  if (listOf(node, 'group_expressions').length > 0) work.add('groups')
  for (const { type } of listOf(node, 'modifiers')) {
    const word = String(type).split('_')[0]!.toLowerCase()
    work.add(word)
  }
  return [...work]
}

/** Undefined: rows of one table decide there which rows of another are seen. */
function leavesOf(from: SqlTree, tables: readonly SourceTable[]): Leaf[] | undefined {
  if ((from['sample'] ?? null) !== null) return undefined
  if (from['type'] === 'BASE_TABLE') {
    const table = tables.find(one => one.name === from['table_name'])
    const isPlain = listOf(from, 'column_name_alias').length === 0
    if (table === undefined || !isPlain) return []
    return [{ table, name: String(from['alias'] || table.name).toLowerCase() }]
  }
  if (from['type'] !== 'JOIN') return []
  const isSafe =
    SAFE_JOINS.has(String(from['ref_type'])) && SAFE_TYPES.has(String(from['join_type']))
  if (!isSafe) return undefined
  const sides = [leavesOf(childOf(from, 'left'), tables), leavesOf(childOf(from, 'right'), tables)]
  if (sides.includes(undefined)) return undefined
  // The name of a column alone may be that of either side: with two of them it is not looked up.
  return [...sides.flatMap(one => one ?? []), ...(isJoinOfOne(sides) ? [NOBODY] : [])]
}

/** Stands for the other side of a join, whose columns are not known here. */
const NOBODY: Leaf = { table: { name: '', columns: [] } as unknown as SourceTable, name: '' }

function isJoinOfOne(sides: readonly (readonly Leaf[] | undefined)[]): boolean {
  return sides.flatMap(one => one ?? []).length < 2
}

interface Resolved {
  readonly leaf: Leaf
  readonly column: SourceColumn
}

function columnOf(
  node: unknown,
  leaves: readonly Leaf[],
  renamed: ReadonlySet<string>,
): Resolved | undefined {
  const path = (node as SqlTree | null)?.['column_names']
  if (!Array.isArray(path) || path.length > 2) return undefined
  const [last, owner] = [...path].reverse().map(one => String(one).toLowerCase())
  if (last === undefined || (owner === undefined && renamed.has(last))) return undefined
  const fits = leaves.filter(one => owner === undefined || one.name === owner)
  if (fits.length !== 1) return undefined
  const column = fits[0]!.table.columns.find(one => one.name.toLowerCase() === last)
  return column === undefined ? undefined : { leaf: fits[0]!, column }
}

/** What is called by a name that it does not have in its table. */
function renamedIn(node: SqlTree): Set<string> {
  const names = new Set<string>()
  for (const one of listOf(node, 'select_list')) {
    const alias = String(one['alias'] ?? '').toLowerCase()
    const path = one['column_names']
    const own = Array.isArray(path) ? String(path.at(-1)).toLowerCase() : ''
    if (alias !== '' && alias !== own) names.add(alias)
  }
  return names
}

function partsOf(node: unknown, type: string): SqlTree[] {
  if (node === null || typeof node !== 'object') return []
  const tree = node as SqlTree
  if (tree['type'] !== type) return [tree]
  return listOf(tree, 'children').flatMap(one => partsOf(one, type))
}

interface Known {
  readonly leaf: Leaf
  readonly condition: Condition
}

type Resolve = (node: unknown) => Resolved | undefined

function conditionOf(node: SqlTree, resolve: Resolve): Known | undefined {
  const type = String(node['type'])
  if (type === 'CONJUNCTION_OR') return eitherOf(node, resolve)
  if (type === 'COMPARE_IN') {
    const [column, ...values] = listOf(node, 'children')
    return knownOf(resolve(column), values, 'COMPARE_EQUAL')
  }
  if (type === 'COMPARE_BETWEEN') {
    const column = resolve(node['input'])
    const lower = knownOf(column, [childOf(node, 'lower')], 'COMPARE_GREATERTHANOREQUALTO')
    const upper = knownOf(column, [childOf(node, 'upper')], 'COMPARE_LESSTHANOREQUALTO')
    if (lower === undefined || upper === undefined) return lower ?? upper
    return { ...lower, condition: { ...lower.condition, ...upper.condition } }
  }
  if (node['class'] !== 'COMPARISON') return undefined
  const left = resolve(node['left'])
  if (left !== undefined) return knownOf(left, [childOf(node, 'right')], type)
  return knownOf(resolve(node['right']), [childOf(node, 'left')], FLIPPED[type] ?? '')
}

/** `a = 1 OR a IN (2, 3)`: one of all of them. */
function eitherOf(node: SqlTree, resolve: Resolve): Known | undefined {
  const all = partsOf(node, 'CONJUNCTION_OR').map(one => conditionOf(one, resolve))
  const first = all[0]
  if (first === undefined) return undefined
  const isOne = all.every(
    one =>
      one?.leaf === first.leaf &&
      one.condition.column === first.condition.column &&
      one.condition.oneOf !== undefined,
  )
  if (!isOne) return undefined
  const oneOf = [...new Set(all.flatMap(one => one?.condition.oneOf ?? []))]
  return { leaf: first.leaf, condition: { column: first.condition.column, oneOf } }
}

function knownOf(
  of: Resolved | undefined,
  values: readonly SqlTree[],
  comparison: string,
): Known | undefined {
  if (of === undefined) return undefined
  const { leaf, column } = of
  const isTime = column.type === 'date' || column.type === 'timestamp'
  const isWhole = column.type === 'long' || column.type === 'int'
  if (!isTime && !isWhole) return undefined
  const numbers = values.map(one => (isTime ? momentOf(one) : wholeOf(one)))
  if (numbers.length === 0 || numbers.includes(undefined)) return undefined
  const range = rangeOf(numbers as number[], comparison, isTime)
  return range === undefined ? undefined : { leaf, condition: { column: column.name, ...range } }
}

function rangeOf(
  numbers: readonly number[],
  comparison: string,
  isTime: boolean,
): Omit<Condition, 'column'> | undefined {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)]
  const [from, to] = isTime ? (['sinceMs', 'untilMs'] as const) : (['least', 'most'] as const)
  // Of whole numbers the next one; moments are asked for by days, and more of them.
  const step = isTime ? 0 : 1
  switch (comparison) {
    case 'COMPARE_EQUAL':
      return isTime ? { sinceMs: least, untilMs: most } : { oneOf: [...new Set(numbers)] }
    case 'COMPARE_LESSTHAN':
      return { [to]: least - step }
    case 'COMPARE_LESSTHANOREQUALTO':
      return { [to]: least }
    case 'COMPARE_GREATERTHAN':
      return { [from]: most + step }
    case 'COMPARE_GREATERTHANOREQUALTO':
      return { [from]: most }
    default:
      return undefined
  }
}

function wholeOf(node: SqlTree): number | undefined {
  if (node['type'] === 'OPERATOR_CAST')
    return WHOLE_TYPES.has(idOf(node['cast_type'])) ? wholeOf(childOf(node, 'child')) : undefined
  const { type, value } = constantOf(node)
  const isWhole = WHOLE_TYPES.has(type) && Number.isSafeInteger(value)
  return isWhole ? Number(value) : undefined
}

function momentOf(node: SqlTree): number | undefined {
  if (node['type'] === 'OPERATOR_CAST')
    return TIME_TYPES.has(idOf(node['cast_type'])) ? momentOf(childOf(node, 'child')) : undefined
  const { type, value } = constantOf(node)
  if (type !== 'VARCHAR' || !MOMENT.test(String(value))) return undefined
  const text = String(value).replace(' ', 'T')
  const ms = Date.parse(text.length > 10 ? `${text}Z` : text)
  return ms > YEAR_MIN && ms < YEAR_MAX ? ms : undefined
}

function constantOf(node: SqlTree): { readonly type: string; readonly value: unknown } {
  if (node['class'] !== 'CONSTANT') return { type: '', value: undefined }
  const given = childOf(node, 'value')
  return { type: given['is_null'] === true ? '' : idOf(given['type']), value: given['value'] }
}

function idOf(type: unknown): string {
  return String((type as SqlTree | null | undefined)?.['id'] ?? '')
}

function placesOf(node: unknown, table: string): number {
  if (node === null || typeof node !== 'object') return 0
  const tree = node as SqlTree
  const isOne = tree['type'] === 'BASE_TABLE' && tree['table_name'] === table
  return Object.values(tree).reduce<number>(
    (sum, child) => sum + placesOf(child, table),
    isOne ? 1 : 0,
  )
}
