/**
 * A task made ready: its source tables, the columns it writes, and how source rows become its rows.
 * Called for plans, previews and runs alike, so that all three agree.
 * Invariant: every key column of the source table is in the key of the destination.
 * Spec: backlog-replication 2.5, 2.6.
 */
import type { ColumnSpec, KeyRole } from '../api-v1.ts'
import { isScamanderError } from '../base/scamander-error.ts'
import { parseCqlType } from '../cql/index.ts'
import { cqlTypeOfSql, cqlTypesFor, sourceTypeOf } from './cell-value.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import type { JobRecord, TaskRecord } from './job-record.ts'
import { systemColumnsOf } from './job-record.ts'
import { parseQuery } from './query-text.ts'
import { defaultColumns, type SourceTable } from './source-table.ts'
import { quote, type ResultColumn, SqlEngine, type Value } from './sql-engine.ts'
import { fieldError, orderColumns, type TaskTarget, toTarget } from './task-target.ts'

export interface TaskSetup {
  readonly task: TaskRecord
  /** All that the task reads. */
  readonly tables: readonly SourceTable[]
  readonly target: TaskTarget
  readonly specs: readonly ColumnSpec[]
  /** Of a query: the statement over all rows of the tables. */
  readonly select: string | undefined
}

export type FindTable = (name: string) => SourceTable | undefined

export async function setUpTask(
  task: TaskRecord,
  of: {
    readonly job: Pick<JobRecord, 'settings'>
    readonly keyspace: string
    readonly find: FindTable
  },
): Promise<TaskSetup> {
  const system = systemColumnsOf(of.job.settings)
  const keyspace = of.keyspace
  if (task.query !== null)
    return await setUpQuery(task, task.query, { find: of.find, keyspace, system })
  const table = of.find(task.table ?? '')
  if (table === undefined) throw fieldError('table', `table: the source has no table ${task.table}`)
  const specs = task.columns.length === 0 ? defaultColumns(table) : task.columns
  checkSpecs(table, specs)
  const target = toTarget({ keyspace, table: task.destination, specs, system })
  const setup = { task, tables: [table], target, specs: orderColumns(specs), select: undefined }
  if (setup.specs.some(one => one.expression !== null)) await checkExpressions(setup, table)
  return setup
}

function checkSpecs(table: SourceTable, specs: readonly ColumnSpec[]): void {
  const names = new Set(table.columns.map(one => one.name))
  for (const { source, expression, name } of specs.filter(one => one.on)) {
    if (source === null && expression === null)
      throw fieldError(name, `column ${name} needs a source column or an expression`)
    if (source !== null && !names.has(source))
      throw fieldError(name, `column ${name}: ${table.name} has no column ${source}`)
  }
  for (const spec of specs.filter(one => one.on && one.expression === null)) {
    const column = table.columns.find(one => one.name === spec.source)!
    checkCast(spec, column.type, [column.cql, ...cqlTypesFor(column.type)])
  }
  for (const key of table.key) {
    const isThere = specs.some(one => one.on && one.source === key && one.key !== 'none')
    if (!isThere)
      throw fieldError(
        'key',
        `the key column ${key} of ${table.name} is not in the key: rows would overwrite each other`,
      )
  }
}

/** A type that cannot hold every value needs the choice of what happens to one that does not fit. */
function checkCast(spec: ColumnSpec, from: string, safe: readonly string[]): void {
  const isChosen = ['null', 'fail_row', 'fail_task'].includes(spec.onError ?? '')
  if (isChosen || safe.includes(spec.type.trim().toLowerCase())) return
  throw fieldError(
    spec.name,
    `column ${spec.name}: not every ${from} can become ${spec.type}; take ${safe.join(', ')}, or choose what happens to a value that does not fit: null, fail_row or fail_task`,
  )
}

/** Each alone, so that the message names the column. */
async function checkExpressions(setup: TaskSetup, table: SourceTable): Promise<void> {
  const engine = await SqlEngine.open()
  try {
    await engine.stage(table.name, table.columns)
    for (const spec of setup.specs) {
      const { name, expression } = spec
      if (expression === null) continue
      try {
        const column = await describeExpression(engine, table, expression)
        const own = cqlTypeOfSql(column.type)
        const types = cqlTypesFor(sourceTypeOf(parseCqlType(own)))
        checkCast(spec, column.type, [own, ...types])
      } catch (error) {
        if (isScamanderError(error) && error.code === REPLICATE_ERRORS.FIELD.code) throw error
        throw fieldError(name, `column ${name}: ${(error as Error).message}`)
      }
    }
  } finally {
    engine.close()
  }
}

/** One value of one row; the other column makes an aggregate an error, and a second value visible. */
async function describeExpression(
  engine: SqlEngine,
  { name, columns }: SourceTable,
  expression: string,
): Promise<ResultColumn> {
  const own = columns[0]?.name ?? ''
  const sql = `SELECT (${expression}\n) AS x, ${quote(own)} AS y FROM ${quote(name)}`
  const { tables, beyondRow } = await engine.check(sql)
  if (tables.some(one => one !== name)) throw new TypeError('only columns of the table can be used')
  if (beyondRow.length > 0)
    throw new TypeError(
      `expected one value from the columns of one row, found ${beyondRow.join(', ')}; use a custom query for that`,
    )
  const [column, ...others] = await engine.describe(sql)
  if (column === undefined || others.length !== 1)
    throw new TypeError(`expected one value, found ${others.length}`)
  return column
}

async function setUpQuery(
  task: TaskRecord,
  text: string,
  of: { readonly find: FindTable; readonly keyspace: string; readonly system: readonly string[] },
): Promise<TaskSetup> {
  const parsed = parseQuery(text)
  const engine = await SqlEngine.open()
  try {
    const { tables: names } = await engine.check(parsed.select)
    const tables = names.map(name => {
      const table = of.find(name)
      if (table === undefined) throw fieldError('query', `query: the source has no table ${name}`)
      return table
    })
    if (tables.length === 0)
      throw fieldError('query', 'query: the SELECT reads no table of the source')
    for (const table of tables) await engine.stage(table.name, table.columns)
    const columns = await engine.describe(parsed.select)
    const specs = columns.map(({ name, type }): ColumnSpec => {
      const lower = name.toLowerCase()
      checkDeclared(lower, type, parsed.types.get(lower))
      return {
        on: true,
        source: null,
        expression: name,
        name: lower,
        type: parsed.types.get(lower) ?? cqlTypeOfSql(type),
        key: roleOf(lower, parsed),
      }
    })
    for (const key of [...parsed.partition, ...parsed.clustering.map(one => one.name)]) {
      if (!specs.some(one => one.name === key))
        throw fieldError('query', `query: PRIMARY KEY names ${key}, which the SELECT does not have`)
    }
    const ordered = inKeyOrder(orderColumns(specs), [
      ...parsed.partition,
      ...parsed.clustering.map(one => one.name),
    ])
    const target = toTarget({
      keyspace: of.keyspace,
      table: parsed.destination,
      specs: ordered,
      system: of.system,
    })
    const select = `SELECT ${ordered.map(one => quote(one.expression ?? '')).join(', ')} FROM (${parsed.select}\n)`
    return { task, tables, target, specs: ordered, select }
  } finally {
    engine.close()
  }
}

/** A declared type that cannot hold every value of the result is cast in the statement, where it is seen. */
function checkDeclared(name: string, from: string, declared: string | undefined): void {
  if (declared === undefined) return
  const own = cqlTypeOfSql(from)
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

function roleOf(name: string, of: ReturnType<typeof parseQuery>): KeyRole {
  if (of.partition.includes(name)) return 'partition'
  const clustering = of.clustering.find(one => one.name === name)
  if (clustering === undefined) return 'none'
  return clustering.isDescending ? 'clustering_desc' : 'clustering_asc'
}

function inKeyOrder(specs: readonly ColumnSpec[], key: readonly string[]): ColumnSpec[] {
  const place = (one: ColumnSpec) => (key.includes(one.name) ? key.indexOf(one.name) : key.length)
  return [...specs].sort((a, b) => place(a) - place(b))
}

/** Turns source rows into rows of the task. Close it. */
export class Projector {
  readonly #indexes: readonly number[]
  readonly #select: string | undefined
  readonly #table: SourceTable
  readonly #engine: SqlEngine | undefined

  private constructor(setup: TaskSetup, engine: SqlEngine | undefined) {
    const table = setup.tables[0]!
    this.#table = table
    this.#engine = engine
    this.#indexes = setup.specs.map(one =>
      table.columns.findIndex(column => column.name === one.source),
    )
    const list = setup.specs.map(one =>
      one.expression === null ? quote(one.source ?? '') : `(${one.expression}\n)`,
    )
    this.#select =
      engine === undefined
        ? undefined
        : `SELECT ${list.join(', ')} FROM ${quote(table.name)} ORDER BY "_sc_row"`
  }

  static async open(setup: TaskSetup): Promise<Projector> {
    if (setup.specs.every(one => one.expression === null)) return new Projector(setup, undefined)
    const engine = await SqlEngine.open()
    const table = setup.tables[0]!
    await engine.stage(table.name, [...table.columns, { name: '_sc_row', type: 'int' }])
    return new Projector(setup, engine)
  }

  async project(rows: readonly (readonly Value[])[]): Promise<Value[][]> {
    if (this.#engine === undefined || this.#select === undefined) {
      const indexes = this.#indexes
      return rows.map(row => {
        const values: Value[] = []
        for (let at = 0; at < indexes.length; at++) values.push(row[indexes[at]!]!)
        return values
      })
    }
    const { name } = this.#table
    await this.#engine.clear(name)
    await this.#engine.append(
      name,
      rows.map((row, index) => [...row, index]),
    )
    const out: Value[][] = []
    for await (const page of this.#engine.select(this.#select, LIMIT_MS)) out.push(...page)
    return out
  }

  close(): void {
    this.#engine?.close()
  }
}

const LIMIT_MS = 30 * 60_000
