/**
 * A query made ready: its tables, the columns, types and key of its result. Called by task-setup.ts.
 * Invariant: a key that is not declared is that of the one table, all of whose columns are kept.
 * Spec: backlog-replication 2.6.
 */
import type { ColumnSpec, KeyRole } from '../api-v1.ts'
import { parseCqlType } from '../cql/index.ts'
import type { RowFilter } from '../source/index.ts'
import { cqlTypeOfSql, cqlTypesFor, sourceTypeOf } from './cell-value.ts'
import type { TaskRecord } from './job-record.ts'
import {
  changesOf,
  factsOf,
  type QueryFacts,
  type QueryKey,
  ROW_RESULT_PLACE,
} from './query-facts.ts'
import { childOf, listOf, type SqlTree } from './query-shape.ts'
import { parseQuery, placedSelect, type QueryText } from './query-text.ts'
import { defaultColumns, type SourceTable, toSnake } from './source-table.ts'
import { type CheckedSql, quote, type ResultColumn, SqlEngine } from './sql-engine.ts'
import type { FindTable, TaskSetup } from './task-setup.ts'
import { fieldError, orderColumns, toTarget } from './task-target.ts'

export interface QueryPlace {
  readonly find: FindTable
  readonly keyspace: string
  readonly system: readonly string[]
  readonly isHistory: boolean
  readonly mayAlter: boolean
}

export async function setUpQuery(
  task: TaskRecord,
  text: string,
  of: QueryPlace,
): Promise<TaskSetup> {
  const parsed = parseQuery(text)
  if (parsed.source !== undefined) return setUpCopy(task, { parsed, name: parsed.source }, of)
  const written = placedSelect(text, parsed)
  const engine = await SqlEngine.open()
  try {
    const checked = await engine.check(written)
    const tables = checked.tables.map(name => tableOf(of.find, name))
    if (tables.length === 0)
      throw fieldError('query', 'query: the SELECT reads no table of the source')
    for (const table of tables) await engine.stage(table.name, table.columns)
    const columns = await engine.describe(written)
    const key = keyOf(parsed, { checked, tables })
    const specs = specsOf(columns, { parsed, key })
    const facts = await factsOf(engine, { checked, tables, written, columns, key })
    const names = specs.map(one => quote(one.expression ?? '')).join(', ')
    return {
      ...{ task, tables, specs, query: facts.query, target: targetOf(parsed, specs, of) },
      select: `SELECT ${names} FROM (${written}\n)`,
      rowSelect:
        facts.rowText === undefined
          ? undefined
          : `SELECT ${names}, ${quote(ROW_RESULT_PLACE)} FROM (${facts.rowText}\n)`,
    }
  } finally {
    engine.close()
  }
}

/** `REPLICATE Issues`: as a task of that table, with the types and the key that are declared. */
function setUpCopy(
  task: TaskRecord,
  { parsed, name }: { readonly parsed: QueryText; readonly name: string },
  of: QueryPlace,
): TaskSetup {
  const table = tableOf(of.find, name)
  const isKeyed = parsed.partition.length > 0
  const specs = orderedSpecs(
    defaultColumns(table).map(one => ({
      ...one,
      type: parsed.types.get(one.name) ?? one.type,
      key: isKeyed ? roleOf(one.name, parsed) : one.key,
    })),
    parsed,
  )
  for (const [column, type] of parsed.types) {
    const spec = specs.find(one => one.name === column)
    if (spec === undefined)
      throw fieldError('query', `query: ${name} has no column ${column}, which is declared`)
    const own = table.columns.find(one => one.name === spec.source)!
    checkDeclared(column, own.cql, { declared: type, isCql: true })
  }
  checkKeyed(
    specs.map(one => one.name),
    parsed,
  )
  const lost = table.key.filter(one => !specs.some(two => two.source === one && two.key !== 'none'))
  if (lost.length > 0)
    throw fieldError(
      'query',
      `query: PRIMARY KEY lacks ${lost.map(toSnake).join(', ')}: rows of ${name} would overwrite each other`,
    )
  const reason = `It copies the table ${name}. ${changesOf(table)}`
  const query: QueryFacts = { ...NO_WORK, kind: 'incremental', reason, order: null }
  return {
    ...{ task, tables: [table], specs, query, target: targetOf(parsed, specs, of) },
    ...{ select: undefined, rowSelect: undefined },
  }
}

const NO_WORK = { filters: new Map<string, RowFilter>(), asked: [], here: [] } as const

function tableOf(find: FindTable, name: string): SourceTable {
  const table = find(name)
  if (table === undefined) throw fieldError('query', `query: the source has no table ${name}`)
  return table
}

function targetOf({ destination }: QueryText, specs: readonly ColumnSpec[], of: QueryPlace) {
  const { keyspace, system, isHistory, mayAlter } = of
  return toTarget({ keyspace, table: destination, specs, system, isHistory, mayAlter })
}

/** The key that is declared, or that of the one table, when its columns are all there as they are. */
function keyOf(
  parsed: QueryText,
  of: { readonly checked: CheckedSql; readonly tables: readonly SourceTable[] },
): QueryKey {
  if (parsed.partition.length > 0) return parsed
  const [table, ...others] = of.tables
  const kept = keptColumns(of.checked.statement)
  const isWhole = (one: string) => kept === 'all' || kept.has(one.toLowerCase())
  const from = childOf(childOf(of.checked.statement, 'node'), 'from_table')
  const isPlain =
    table !== undefined &&
    others.length === 0 &&
    from['type'] === 'BASE_TABLE' &&
    listOf(from, 'column_name_alias').length === 0
  if (!isPlain || table.key.length === 0 || !table.key.every(isWhole) || isGrouped(of.checked))
    throw fieldError(
      'query',
      'query: PRIMARY KEY ((…), …) is missing after the table: which columns make a row unique? Without it the SELECT has to have the key columns of its one table as they are',
    )
  const names = table.key.map(one => one.toLowerCase())
  return {
    partition: names.slice(0, table.partition),
    clustering: names.slice(table.partition).map(name => ({ name, isDescending: false })),
  }
}

function isGrouped({ statement }: CheckedSql): boolean {
  return listOf(childOf(statement, 'node'), 'group_expressions').length > 0
}

/** Columns that have their own name in the result. */
function keptColumns(statement: SqlTree): 'all' | ReadonlySet<string> {
  const names = new Set<string>()
  for (const one of listOf(childOf(statement, 'node'), 'select_list')) {
    const changes = ['exclude_list', 'replace_list', 'rename_list']
    const isPlain = changes.every(name => listOf(one, name).length === 0)
    if (one['class'] === 'STAR' && one['columns'] === false && isPlain) return 'all'
    const path = one['column_names']
    if (!Array.isArray(path)) continue
    const name = String(path.at(-1)).toLowerCase()
    const alias = String(one['alias'] ?? '').toLowerCase()
    if (alias === '' || alias === name) names.add(name)
  }
  return names
}

function specsOf(
  columns: readonly ResultColumn[],
  { parsed, key }: { readonly parsed: QueryText; readonly key: QueryKey },
): ColumnSpec[] {
  const specs = columns.map(({ name, type }): ColumnSpec => {
    const lower = name.toLowerCase()
    const declared = parsed.types.get(lower)
    if (declared !== undefined) checkDeclared(lower, type, { declared, isCql: false })
    return {
      on: true,
      source: null,
      expression: name,
      name: lower,
      type: declared ?? cqlTypeOfSql(type),
      key: roleOf(lower, key),
    }
  })
  const names = specs.map(one => one.name)
  checkKeyed(names, key)
  for (const name of parsed.types.keys())
    if (!names.includes(name))
      throw fieldError('query', `query: column ${name} is declared, the SELECT does not have it`)
  return orderedSpecs(specs, key)
}

function checkKeyed(names: readonly string[], { partition, clustering }: QueryKey): void {
  for (const key of [...partition, ...clustering.map(one => one.name)])
    if (!names.includes(key))
      throw fieldError('query', `query: PRIMARY KEY names ${key}, which the SELECT does not have`)
}

function orderedSpecs(
  specs: readonly ColumnSpec[],
  { partition, clustering }: QueryKey,
): ColumnSpec[] {
  const key = [...partition, ...clustering.map(one => one.name)]
  const place = (one: ColumnSpec) => (key.includes(one.name) ? key.indexOf(one.name) : key.length)
  return orderColumns(specs).sort((a, b) => place(a) - place(b))
}

function roleOf(name: string, of: QueryKey): KeyRole {
  if (of.partition.includes(name)) return 'partition'
  const clustering = of.clustering.find(one => one.name === name)
  if (clustering === undefined) return 'none'
  return clustering.isDescending ? 'clustering_desc' : 'clustering_asc'
}

/** A declared type that cannot hold every value of the result is cast in the statement, where it is seen. */
function checkDeclared(
  name: string,
  from: string,
  { declared, isCql }: { readonly declared: string; readonly isCql: boolean },
): void {
  const own = isCql ? from : cqlTypeOfSql(from)
  const safe = [own, ...cqlTypesFor(sourceTypeOf(parseCqlType(own))), 'text']
  const plain = declared.replace(/^frozen<(.*)>$/, '$1').replaceAll(' ', '')
  if (safe.includes(plain) || (WHOLE.has(own) && WHOLE.has(plain))) return
  throw fieldError(
    'query',
    `query: column ${name} is ${from}, and not every such value can become ${declared}; declare one of ${[...new Set(safe)].join(', ')}, or write CAST(… AS …) in the SELECT`,
  )
}

/** Sums and counts are wider than what they are of: one that does not fit is a rejected row. */
const WHOLE = new Set(['varint', 'bigint', 'int'])
