/**
 * What a query is: incremental or full and why, what its source can be asked to leave out, what is done
 * here, and whether its order could be that of the table. Called by query-setup.ts.
 * Invariant: a query is called incremental only where its rows can be told apart by the row of the
 * source that they come from.
 * Spec: backlog-replication 2.6.
 */
import { type RowFilter, rowFilter } from '../source/index.ts'
import { conditionsOf, workHere } from './query-conditions.ts'
import { childOf, listOf, reasonsForAll, type SqlTree } from './query-shape.ts'
import type { QueryText } from './query-text.ts'
import type { SourceTable } from './source-table.ts'
import { type CheckedSql, quote, type ResultColumn, type SqlEngine } from './sql-engine.ts'
import { rootOf } from './table-family.ts'

export type QueryKey = Pick<QueryText, 'partition' | 'clustering'>

export interface QueryFacts {
  readonly kind: 'incremental' | 'full'
  /** Why. */
  readonly reason: string
  /** What a whole reading of a table may leave out. */
  readonly filters: ReadonlyMap<string, RowFilter>
  /** Columns that the source is asked by. */
  readonly asked: readonly string[]
  /** What is left to the engine, in words. */
  readonly here: readonly string[]
  /** The key with the order of ORDER BY; null: there is none to offer. */
  readonly order: QueryKey | null
}

/** The place of its source row, in the result of a page. */
export const ROW_RESULT_PLACE = '_sc_place'
/** The place of a row, in a page. */
export const ROW_PLACE = '_sc_row'
const MANY_TO_ONE = 'may make one row of several, as its key has not the whole key of its table'
const STAR_CHANGES = ['exclude_list', 'qualified_exclude_list', 'replace_list', 'rename_list']

export interface Written {
  readonly checked: CheckedSql
  readonly tables: readonly SourceTable[]
  readonly written: string
  readonly columns: readonly ResultColumn[]
  readonly key: QueryKey
}

export async function factsOf(
  engine: SqlEngine,
  of: Written,
): Promise<{ readonly query: QueryFacts; readonly rowText: string | undefined }> {
  const { checked, tables } = of
  const { statement } = checked
  const filters = filtersOf(statement, tables)
  const asked = [...new Set([...filters.values()].flatMap(one => one.asked))]
  const here = workHere(statement, new Set(asked.map(one => one.toLowerCase())))
  const names = new Set(tables.flatMap(one => one.columns).map(one => one.name.toLowerCase()))
  const reasons = reasonsForAll(statement, { functions: await engine.functions(), columns: names })
  if (reasons.length === 0 && !hasTableKey(of)) reasons.push(MANY_TO_ONE)
  const rowText = reasons.length > 0 ? undefined : await rowTextOf(engine, of)
  const isRowWise = rowText !== undefined
  const why = reasons.length > 0 ? reasons : ['gives no row for each row of its table']
  const query: QueryFacts = {
    ...{ filters, asked, here, kind: isRowWise ? 'incremental' : 'full' },
    reason: isRowWise
      ? `Each row comes from one row of ${tables[0]!.name}. ${changesOf(tables[0]!)} A row that the query does not choose any more is deleted.`
      : `The query ${listed(why)}: each run reads its tables whole, computes the result anew, and writes only rows that changed.`,
    order: orderOf(of),
  }
  return { query, rowText }
}

function filtersOf(
  statement: SqlTree,
  tables: readonly SourceTable[],
): ReadonlyMap<string, RowFilter> {
  const filters = new Map<string, RowFilter>()
  for (const [name, conditions] of conditionsOf(statement, tables)) {
    const table = tables.find(one => one.name === name)!
    if (table.catalogue === undefined) continue
    const filter = rowFilter({ table: table.catalogue, root: rootOf(table) }, conditions)
    if (filter.asked.length > 0) filters.set(name, filter)
  }
  return filters
}

/** The statement with the place of the source row; undefined: it does not give one for each. */
async function rowTextOf(engine: SqlEngine, of: Written): Promise<string | undefined> {
  const { written, columns, tables } = of
  const [table] = tables
  if (table === undefined || !/^\s*SELECT\b/i.test(written)) return undefined
  const text = written.replace(
    /SELECT\b/i,
    found => `${found} ${quote(ROW_PLACE)} AS ${quote(ROW_RESULT_PLACE)},`,
  )
  await engine.restage(table.name, [...table.columns, { name: ROW_PLACE, type: 'int' }])
  try {
    const again = await engine.check(text)
    const found = (await engine.describe(text)).filter(one => one.name !== ROW_PLACE)
    const [place, ...others] = found
    const isSame =
      place?.name === ROW_RESULT_PLACE &&
      again.tables.join() === table.name &&
      others.map(one => one.name).join() === columns.map(one => one.name).join()
    return isSame ? text : undefined
  } catch {
    return undefined
  }
}

/**
 * Two rows of a table never become one. Otherwise a row that moves away, read alone, would take one with it
 * that another row still makes. Tables of Cassandra are read whole.
 */
function hasTableKey({ checked, tables, key }: Written): boolean {
  const [table] = tables
  if (table?.catalogue === undefined) return true
  const names = new Set([...key.partition, ...key.clustering.map(one => one.name)])
  const node = childOf(checked.statement, 'node')
  // Columns that the statement renames behind FROM are not those of the table.
  if (listOf(childOf(node, 'from_table'), 'column_name_alias').length > 0) return false
  const list = listOf(node, 'select_list')
  const isKept = (column: string) => list.some(one => isInKey(one, column, names))
  return table.key.length > 0 && table.key.every(one => isKept(one.toLowerCase()))
}

/** A part of the SELECT has the column as it is, under a name that is in the key. */
function isInKey(part: SqlTree, column: string, names: ReadonlySet<string>): boolean {
  if (part['class'] === 'STAR') {
    const changes = STAR_CHANGES.flatMap(one => listOf(part, one))
    return names.has(column) && !changes.some(one => changedColumn(one) === column)
  }
  const path = part['class'] === 'COLUMN_REF' ? part['column_names'] : undefined
  const own = Array.isArray(path) ? String(path.at(-1)).toLowerCase() : ''
  const shown = String(part['alias'] || own).toLowerCase()
  return own === column && names.has(shown)
}

/** The name of it, or what has it, alone or with its table. */
function changedColumn(entry: unknown): string {
  if (entry === null || typeof entry !== 'object') return String(entry).toLowerCase()
  const { column, key } = entry as SqlTree
  return changedColumn(column ?? key)
}

/** How the changes of a table come. */
export function changesOf({ name, catalogue, info }: SourceTable): string {
  const isListed = ['FULL', 'FULL-HASH'].includes(info.method)
  if (catalogue === undefined || isListed)
    return `Which rows of ${name} changed is not told by the source: each run reads them all, and writes those that changed.`
  return 'A run reads what changed since the one before.'
}

/** Of ORDER BY, where the table can have that order and has another one; null: there is nothing to offer. */
function orderOf({ checked, columns, key }: Written): QueryKey | null {
  const modifiers = listOf(childOf(checked.statement, 'node'), 'modifiers')
  const modifier = modifiers.find(one => one['type'] === 'ORDER_MODIFIER')
  const names = new Set(columns.map(one => one.name.toLowerCase()))
  const wanted: { name: string; isDescending: boolean }[] = []
  for (const one of modifier === undefined ? [] : listOf(modifier, 'orders')) {
    const path = childOf(one, 'expression')['column_names']
    const name = Array.isArray(path) && path.length === 1 ? String(path[0]).toLowerCase() : ''
    if (!names.has(name)) return null
    // The partition key orders nothing.
    const isDescending = one['type'] === 'DESCENDING'
    if (!key.partition.includes(name)) wanted.push({ name, isDescending })
  }
  if (wanted.length === 0) return null
  const others = key.clustering.filter(one => !wanted.some(two => two.name === one.name))
  const clustering = [...wanted, ...others]
  const isSo = JSON.stringify(clustering) === JSON.stringify(key.clustering)
  return isSo ? null : { partition: key.partition, clustering }
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
