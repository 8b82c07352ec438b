/**
 * What a SELECT needs to be computed: one row at a time, or all of them. Decided from the statement as
 * the SQL engine parses it. Called by query-setup.ts.
 * Invariant: a query that is called row by row gives, for any split of the rows of its table into
 * parts, the rows of the parts together; whatever is not known to be so is called full.
 * Spec: backlog-replication 2.6.
 */
export type SqlTree = Readonly<Record<string, unknown>>

export interface FunctionNames {
  readonly aggregates: ReadonlySet<string>
  /** Their value is another one each time: clock, chance, counters. */
  readonly unsteady: ReadonlySet<string>
}

/** Ours; the same for all rows of a run. */
export const RUN_FUNCTIONS: ReadonlySet<string> = new Set(['last_run_time', 'run_start', 'run_id'])
/** Written without brackets; to the parser they are columns. */
const UNSTEADY_NAMES = new Set(
  'current_date current_time current_timestamp localtime localtimestamp current_user user session_user'.split(
    ' ',
  ),
)
const COUNT_WORDS = ['no', 'one', 'two', 'three', 'four', 'five']

/** Why all rows are needed, in words that follow "the query"; empty: each row is made of one row. */
export function reasonsForAll(
  statement: SqlTree,
  of: { readonly functions: FunctionNames; readonly columns: ReadonlySet<string> },
): string[] {
  const node = childOf(statement, 'node')
  if (node['type'] !== 'SELECT_NODE') return ['is made of several SELECTs']
  const found = new Set<string>()
  const add = (reason: string, is: boolean) => void (is && found.add(reason))
  const from = childOf(node, 'from_table')
  add('names parts of itself by WITH', listOf(childOf(node, 'cte_map'), 'map').length > 0)
  if (from['type'] === 'JOIN') add(`joins ${tablesIn(from)} tables`, true)
  else add('reads more than the rows of a table', from['type'] !== 'BASE_TABLE')
  add('takes a sample', (node['sample'] ?? from['sample'] ?? null) !== null)
  for (const one of listOf(node, 'modifiers')) {
    add('takes distinct rows', one['type'] === 'DISTINCT_MODIFIER')
    add('limits the number of rows', String(one['type']).startsWith('LIMIT'))
  }
  const isGrouped =
    listOf(node, 'group_expressions').length > 0 ||
    listOf(node, 'group_sets').length > 0 ||
    node['aggregate_handling'] === 'FORCE_AGGREGATES' ||
    isThere(node['having'])
  add('groups rows', isGrouped)
  add('compares rows with their neighbours (a window)', isThere(node['qualify']))
  for (const one of expressionsIn(node['select_list'])) expressionReasons(one, of, add)
  for (const one of expressionsIn(node['where_clause'])) {
    expressionReasons(one, of, add)
    add('chooses rows by the time or the name of the run', RUN_FUNCTIONS.has(functionOf(one)))
  }
  return [...found]
}

function expressionReasons(
  one: SqlTree,
  of: { readonly functions: FunctionNames; readonly columns: ReadonlySet<string> },
  add: (reason: string, is: boolean) => void,
): void {
  const name = functionOf(one)
  add('reads a SELECT inside the SELECT', one['class'] === 'SUBQUERY')
  add('compares rows with their neighbours (a window)', one['class'] === 'WINDOW')
  add('picks columns by a pattern', one['class'] === 'STAR' && one['columns'] === true)
  add('makes several rows of one', name === 'unnest')
  add('makes one value of many rows', of.functions.aggregates.has(name))
  const isOfNow =
    of.functions.unsteady.has(name) ||
    (name === 'age' && listOf(one, 'children').length === 1) ||
    (isBareName(one, UNSTEADY_NAMES) && !isBareName(one, of.columns))
  add('depends on the clock or on chance', isOfNow)
}

/** All nodes of expressions, the given one first; of what is inside a subquery too. */
export function* expressionsIn(node: unknown): Generator<SqlTree> {
  if (node === null || typeof node !== 'object') return
  if (!Array.isArray(node)) {
    if (typeof (node as SqlTree)['class'] === 'string') yield node as SqlTree
  }
  for (const child of Object.values(node)) yield* expressionsIn(child)
}

export function functionOf(node: SqlTree): string {
  return node['class'] === 'FUNCTION' ? String(node['function_name']).toLowerCase() : ''
}

export function childOf(node: SqlTree, name: string): SqlTree {
  const child = node[name]
  return child !== null && typeof child === 'object' ? (child as SqlTree) : {}
}

export function listOf(node: SqlTree, name: string): readonly SqlTree[] {
  const list = node[name]
  return Array.isArray(list) ? (list as SqlTree[]) : []
}

function isBareName(node: SqlTree, names: ReadonlySet<string>): boolean {
  const path = node['column_names']
  return Array.isArray(path) && path.length === 1 && names.has(String(path[0]).toLowerCase())
}

function isThere(node: unknown): boolean {
  return node !== null && node !== undefined
}

function tablesIn(from: SqlTree): string {
  const count = (node: SqlTree): number =>
    node['type'] === 'JOIN' ? count(childOf(node, 'left')) + count(childOf(node, 'right')) : 1
  const n = count(from)
  return COUNT_WORDS[n] ?? String(n)
}
