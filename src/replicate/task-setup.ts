/**
 * A task made ready: its source tables and the columns it writes; a query comes from query-setup.ts.
 * Called for plans, previews and runs alike, so that all three agree.
 * Invariant: every key column of the source table is in the key of the destination.
 * Spec: backlog-replication 2.5, 2.6.
 */
import type { ColumnSpec } from '../api-v1.ts'
import { isScamanderError } from '../base/scamander-error.ts'
import { parseCqlType } from '../cql/index.ts'
import { cqlTypeOfSql, cqlTypesFor, sourceTypeOf } from './cell-value.ts'
import { hasFields } from './custom-fields.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import type { JobRecord, TaskRecord } from './job-record.ts'
import { systemColumnsOf } from './job-record.ts'
import type { QueryFacts } from './query-facts.ts'
import { setUpQuery } from './query-setup.ts'
import { defaultColumns, type SourceTable } from './source-table.ts'
import { quote, type ResultColumn, SqlEngine } from './sql-engine.ts'
import { isEarlyOf, refuseStart } from './task-start.ts'
import { fieldError, orderColumns, type TaskTarget, toTarget } from './task-target.ts'

export interface TaskSetup {
  readonly task: TaskRecord
  /** All that the task reads. */
  readonly tables: readonly SourceTable[]
  readonly target: TaskTarget
  readonly specs: readonly ColumnSpec[]
  /** Of a query: the statement over all rows of the tables. */
  readonly select: string | undefined
  /** Of a query that is computed row by row: the statement over a page; its last column is the row's place. */
  readonly rowSelect: string | undefined
  /** Undefined: the task is of a table. */
  readonly query: QueryFacts | undefined
}

const NO_QUERY = { select: undefined, rowSelect: undefined, query: undefined } as const

export type FindTable = (name: string) => SourceTable | undefined

export async function setUpTask(
  task: TaskRecord,
  of: {
    readonly job: Pick<JobRecord, 'settings'>
    readonly keyspace: string
    readonly find: FindTable
  },
): Promise<TaskSetup> {
  const system = systemColumnsOf(of.job.settings, task)
  const isHistory = task.mode === 'append'
  const mayAlter = task.options?.alterSchema !== false
  const place = { keyspace: of.keyspace, system, isHistory, mayAlter }
  if (task.query !== null) {
    const setup = await setUpQuery(task, task.query, { find: of.find, ...place })
    if (setup.query?.kind === 'full') refuseStart(task)
    else isEarlyOf(task, setup.tables[0]!)
    return setup
  }
  const table = of.find(task.table ?? '')
  if (table === undefined) throw fieldError('table', `table: the source has no table ${task.table}`)
  const withFields = task.options?.customFields === true
  if (withFields && !hasFields(table))
    throw fieldError(
      'options.customFields',
      `options.customFields: ${table.name} has no custom fields; only Issues of Backlog have them`,
    )
  const specs = task.columns.length === 0 ? defaultColumns(table, withFields) : task.columns
  checkSpecs(table, specs)
  const target = toTarget({ table: task.destination, specs, ...place })
  const setup = { task, tables: [table], target, specs: orderColumns(specs), ...NO_QUERY }
  isEarlyOf(task, table)
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
