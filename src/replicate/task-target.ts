/**
 * The destination of a task: its columns with keys and types, the statements that make or extend the
 * table, and whether an existing table fits. A table that fits is used; nothing is ever dropped.
 * Called by plans, previews and runs.
 * Spec: backlog-replication 2.5, 2.8, 2.11.
 */
import type { ColumnSpec, KeyRole, TaskPlan } from '../api-v1.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { qualifiedName, quoteIdentifier, type TableSchema } from '../cassandra/index.ts'
import { type CqlType, formatCqlType, parseCqlType } from '../cql/index.ts'
import { REPLICATE_ERRORS } from './errors.ts'

export interface TargetColumn {
  readonly name: string
  readonly type: CqlType
  readonly key: KeyRole
  readonly onError: 'null' | 'fail_row' | 'fail_task'
}

export interface TaskTarget {
  readonly keyspace: string
  readonly table: string
  /** Partition key, clustering key, then the others. */
  readonly columns: readonly TargetColumn[]
  readonly keyCount: number
  readonly partitionCount: number
  readonly system: readonly string[]
  /** Each change is a row of its own: the run is the last column of the key. */
  readonly isHistory: boolean
  /** Columns that the table lacks may be added. */
  readonly mayAlter: boolean
}

const RUN_COLUMN = '_sc_run_id'
export const SYSTEM_TYPES: Readonly<Record<string, string>> = {
  _sc_synced_at: 'timestamp',
  _sc_run_id: 'uuid',
  _sc_deleted: 'boolean',
  _sc_deleted_at: 'timestamp',
}
const NAME = /^[A-Za-z]\w{0,47}$/
const KEY_ORDER: readonly KeyRole[] = ['partition', 'clustering_asc', 'clustering_desc', 'none']

/** The columns in the order in which they are written, with their place in `specs`. */
export function orderColumns(specs: readonly ColumnSpec[]): ColumnSpec[] {
  const rank = (one: ColumnSpec) =>
    Math.min(KEY_ORDER.indexOf(one.key), 3) - (one.key === 'clustering_desc' ? 1 : 0)
  return specs.filter(one => one.on).sort((a, b) => rank(a) - rank(b))
}

export function toTarget(of: {
  keyspace: string
  table: string
  specs: readonly ColumnSpec[]
  system: readonly string[]
  isHistory?: boolean
  mayAlter?: boolean
}): TaskTarget {
  const { keyspace, table, system, isHistory = false, mayAlter = true } = of
  const specs = orderColumns(of.specs)
  if (!NAME.test(table))
    throw fieldError(
      'destination',
      `expected a name of letters, digits and _, up to 48, found ${table}`,
    )
  const names = new Set<string>(system)
  const columns = specs.map(one => {
    if (!NAME.test(one.name))
      throw fieldError(
        one.name,
        `expected a column name of letters, digits and _, up to 48, found ${one.name}`,
      )
    if (names.has(one.name.toLowerCase()))
      throw fieldError(one.name, `the column ${one.name} occurs twice`)
    names.add(one.name.toLowerCase())
    return {
      name: one.name.toLowerCase(),
      type: typeOf(one),
      key: one.key,
      onError: one.onError ?? 'fail_row',
    }
  })
  const partitionCount = columns.filter(one => one.key === 'partition').length
  if (partitionCount === 0)
    throw fieldError('key', `table ${table} needs at least one partition key column`)
  return {
    keyspace,
    table,
    columns,
    keyCount: columns.filter(one => one.key !== 'none').length,
    partitionCount,
    ...{ system, isHistory, mayAlter },
  }
}

function typeOf(spec: ColumnSpec): CqlType {
  try {
    return parseCqlType(spec.type)
  } catch (cause) {
    const message = `column ${spec.name}: ${spec.type} is no CQL type`
    throw new ScamanderError(REPLICATE_ERRORS.FIELD, message, {
      cause,
      context: { field: spec.name },
    })
  }
}

export function createText(target: TaskTarget, comment: string): string {
  const { keyspace, table, columns, partitionCount, keyCount, system } = target
  const lines = columns.map(one => `${quoteIdentifier(one.name)} ${formatCqlType(one.type)}`)
  const more = system.map(name => `${quoteIdentifier(name)} ${SYSTEM_TYPES[name]}`)
  const name = (one: TargetColumn) => quoteIdentifier(one.name)
  const partition = columns.slice(0, partitionCount).map(name).join(', ')
  const clustering = columns.slice(partitionCount, keyCount)
  const run = target.isHistory ? [quoteIdentifier(RUN_COLUMN)] : []
  const key = [`(${partition})`, ...clustering.map(name), ...run].join(', ')
  const isOrdered = clustering.some(one => one.key === 'clustering_desc')
  const order = [
    ...clustering.map(one => `${name(one)} ${one.key === 'clustering_desc' ? 'DESC' : 'ASC'}`),
    ...run.map(one => `${one} ASC`),
  ].join(', ')
  const options = [
    ...(isOrdered ? [`CLUSTERING ORDER BY (${order})`] : []),
    `comment = '${comment.replaceAll("'", "''")}'`,
  ]
  return `CREATE TABLE IF NOT EXISTS ${qualifiedName(keyspace, table)} (${[...lines, ...more].join(', ')}, PRIMARY KEY (${key})) WITH ${options.join(' AND ')}`
}

/** What has to happen to the table; `existing` undefined: it is not there. */
export function planTarget(
  target: TaskTarget,
  existing: TableSchema | undefined,
  comment: string,
): Pick<TaskPlan, 'action' | 'ddl' | 'problems' | 'exists'> {
  if (existing === undefined)
    return { exists: false, action: 'create', ddl: [createText(target, comment)], problems: [] }
  const problems: string[] = []
  const ddl: string[] = []
  const at = qualifiedName(target.keyspace, target.table)
  const keyOf = [...existing.partitionKey, ...existing.clusteringKey]
    .map(one => one.name)
    .join(', ')
  const wanted = [
    ...target.columns.slice(0, target.keyCount).map(one => one.name),
    ...(target.isHistory ? [RUN_COLUMN] : []),
  ].join(', ')
  if (keyOf !== wanted || existing.partitionKey.length !== target.partitionCount) {
    problems.push(
      `${at} has the primary key (${keyOf}), the task has (${wanted}): choose another table name`,
    )
  }
  const types = new Map(existing.columns.map(one => [one.name, formatCqlType(one.type)]))
  const columns = [
    ...target.columns.map(one => [one.name, formatCqlType(one.type)] as const),
    ...target.system.map(name => [name, SYSTEM_TYPES[name]!] as const),
  ]
  for (const [name, type] of columns) {
    const present = types.get(name)
    if (present === undefined) ddl.push(`ALTER TABLE ${at} ADD ${quoteIdentifier(name)} ${type}`)
    else if (present !== type)
      problems.push(
        `${at}: column ${name} is ${present}, the task has ${type}: choose another type or name`,
      )
  }
  if (ddl.length > 0 && !target.mayAlter)
    problems.push(
      `${at} lacks columns, and the task may not change it (alterSchema): ${ddl.join('; ')}`,
    )
  const action = problems.length > 0 ? 'incompatible' : ddl.length > 0 ? 'add_columns' : 'none'
  return { exists: true, action, ddl: problems.length > 0 ? [] : ddl, problems }
}

/** Rows of one have the keys of rows of the other: the same table, key columns and types. */
export function hasKeyOf(one: TaskTarget, other: TaskTarget): boolean {
  const keyOf = ({ columns, keyCount, ...place }: TaskTarget) =>
    JSON.stringify([
      ...[place.keyspace, place.table, place.partitionCount, place.isHistory],
      ...columns.slice(0, keyCount).map(column => [column.name, formatCqlType(column.type)]),
    ])
  return keyOf(one) === keyOf(other)
}

export function fieldError(field: string, message: string): ScamanderError {
  return new ScamanderError(REPLICATE_ERRORS.FIELD, message, { context: { field } })
}
