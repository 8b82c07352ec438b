/**
 * How one table is read and written: which columns meet, where each cell and its times lie in a row
 * of the SELECT, and what has to be converted. Made once per table, before the first row.
 * Rows are selected as keys, regular columns, static columns, then times, so that the cells of a
 * plain row are one run of bytes that an INSERT takes as it is.
 * Invariant: every column of the source is copied or named in `skipped`; keys map one to one.
 * Spec: live-migration 3.4, 3.6.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import {
  type ColumnSchema,
  qualifiedName,
  quoteIdentifier,
  type TableSchema,
} from '../cassandra/index.ts'
import type { CqlType } from '../cql/index.ts'
import { type CellConversion, cellConversion } from './convert-value.ts'
import { MIGRATE_ERRORS } from './errors.ts'

/** `simple`: one cell with one time. The others have an element per time. */
export type ColumnShape = 'simple' | 'list' | 'set' | 'map' | 'udt'

export interface PlanColumn {
  readonly source: ColumnSchema
  readonly target: ColumnSchema
  readonly shape: ColumnShape
  /** Undefined: the bytes are copied. */
  readonly convert: CellConversion | undefined
  /** Place in the row of the SELECT. */
  readonly index: number
  /** Places of write time and TTL; -1: not selected. */
  readonly timeIndex: number
  readonly ttlIndex: number
}

export interface TablePlan {
  readonly source: TableSchema
  readonly target: TableSchema
  readonly partitionKeyCount: number
  /** Partition key, then clustering key. */
  readonly keys: readonly PlanColumn[]
  readonly regulars: readonly PlanColumn[]
  readonly statics: readonly PlanColumn[]
  /** Selectors in order. */
  readonly selectors: readonly string[]
  /** The same of the target, place for place. */
  readonly targetSelectors: readonly string[]
  /** Target column and CQL literal. */
  readonly constants: readonly (readonly [column: string, literal: string])[]
  readonly hasConversions: boolean
  readonly isCounter: boolean
  /** Columns of the target that get nothing. */
  readonly targetOnly: readonly string[]
}

export interface PlanOptions {
  readonly renames: ReadonlyMap<string, string>
  readonly skipColumns: ReadonlySet<string>
  readonly constants: ReadonlyMap<string, string>
  readonly withTimes: boolean
  readonly withTtls: boolean
  /** Write times of elements of collections can be selected (Cassandra 5.0). */
  readonly hasElementTimes: boolean
}

export function planTable(
  source: TableSchema,
  target: TableSchema,
  options: PlanOptions,
): TablePlan {
  const selectors: string[] = []
  const targetSelectors: string[] = []
  const isCopied = (column: ColumnSchema) => !options.skipColumns.has(column.name)
  const keys = [...source.partitionKey, ...source.clusteringKey]
  const skippedKey = keys.find(column => !isCopied(column))
  if (skippedKey !== undefined) refuse(source, `key column ${skippedKey.name} cannot be skipped`)
  const columns = [
    ...keys,
    ...source.columns.filter(column => column.kind === 'regular' && isCopied(column)),
    ...source.columns.filter(column => column.kind === 'static' && isCopied(column)),
  ]
  const pairs = columns.map(column => {
    const meets = targetOf(column, source, target, options.renames)
    selectors.push(quoteIdentifier(column.name))
    targetSelectors.push(quoteIdentifier(meets.name))
    return { source: column, target: meets }
  })
  const all = pairs.map((pair, index) =>
    toPlanColumn(pair, index, { selectors, targetSelectors, options, source }),
  )
  requireSameKeys(source, target, all)
  const used = new Set([...all.map(one => one.target.name), ...options.constants.keys()])
  return {
    source,
    target,
    partitionKeyCount: source.partitionKey.length,
    keys: all.filter(one => isKey(one.source)),
    regulars: all.filter(one => one.source.kind === 'regular'),
    statics: all.filter(one => one.source.kind === 'static'),
    selectors,
    targetSelectors,
    constants: checkedConstants(target, options.constants),
    hasConversions: all.some(one => one.convert !== undefined),
    isCounter: source.isCounter,
    targetOnly: target.columns.map(column => column.name).filter(name => !used.has(name)),
  }
}

/** The SELECT of a token range: `token(…) >= ? AND token(…) <= ?`. */
export function rangeSelect(
  plan: TablePlan,
  where: string | undefined,
  side: 'source' | 'target' = 'source',
): string {
  const table = plan[side]
  const selectors = side === 'source' ? plan.selectors : plan.targetSelectors
  const token = `token(${table.partitionKey.map(one => quoteIdentifier(one.name)).join(', ')})`
  const from = qualifiedName(table.keyspace, table.name)
  const filter = where === undefined ? '' : ` AND ${where} ALLOW FILTERING`
  return `SELECT ${selectors.join(', ')} FROM ${from} WHERE ${token} >= ? AND ${token} <= ?${filter}`
}

/** A column whose elements are cells of their own. */
export function shapeOf(type: CqlType): ColumnShape {
  if (!('frozen' in type) || type.frozen) return 'simple'
  return type.kind
}

function toPlanColumn(
  pair: { readonly source: ColumnSchema; readonly target: ColumnSchema },
  index: number,
  parts: {
    readonly selectors: string[]
    readonly targetSelectors: string[]
    readonly options: PlanOptions
    readonly source: TableSchema
  },
): PlanColumn {
  const { selectors, targetSelectors, options, source: table } = parts
  const { source, target } = pair
  const name = `${table.keyspace}.${table.name}.${source.name}`
  const shape = shapeOf(source.type)
  const convert = cellConversion(source.type, target.type, name)
  if (shape !== shapeOf(target.type)) {
    refuse(table, `column ${source.name} is frozen on one side only`)
  }
  if (shape !== 'simple' && convert !== undefined) {
    refuse(table, `column ${source.name}: a collection that is not frozen cannot be converted`)
  }
  const isTimed = !isKey(source) && !table.isCounter && hasTimes(source.type, shape, options)
  const select = (wanted: boolean, call: string) => {
    if (!wanted) return -1
    targetSelectors.push(`${call}(${quoteIdentifier(target.name)})`)
    return selectors.push(`${call}(${quoteIdentifier(source.name)})`) - 1
  }
  const timeIndex = select(isTimed && options.withTimes, 'writetime')
  const ttlIndex = select(isTimed && options.withTtls, 'ttl')
  return { source, target, shape, convert, index, timeIndex, ttlIndex }
}

/** Before 5.0 the server refuses the selector for every collection, frozen ones included. */
function hasTimes(type: CqlType, shape: ColumnShape, options: PlanOptions): boolean {
  if (options.hasElementTimes) return true
  const isCollection = type.kind === 'list' || type.kind === 'set' || type.kind === 'map'
  return shape === 'simple' && !isCollection
}

function targetOf(
  column: ColumnSchema,
  source: TableSchema,
  target: TableSchema,
  renames: ReadonlyMap<string, string>,
): ColumnSchema {
  const name = renames.get(column.name) ?? column.name
  const found = target.columns.find(one => one.name === name)
  if (found === undefined) {
    refuse(source, `column ${name} does not exist in ${target.keyspace}.${target.name}`)
  }
  if (isKey(column) !== isKey(found) || (column.kind === 'static') !== (found.kind === 'static')) {
    refuse(source, `column ${column.name} is ${column.kind}, ${name} of the target ${found.kind}`)
  }
  return found
}

function requireSameKeys(source: TableSchema, target: TableSchema, all: readonly PlanColumn[]) {
  if (source.isCounter !== target.isCounter) refuse(source, 'one side has counters, the other none')
  const names = (kind: ColumnSchema['kind'], side: 'source' | 'target') =>
    all.filter(one => one.source.kind === kind).map(one => one[side].name)
  const expected = [
    target.partitionKey.map(one => one.name),
    target.clusteringKey.map(one => one.name),
  ]
  const found = [names('partition_key', 'target'), names('clustering', 'target')]
  if (JSON.stringify(expected) === JSON.stringify(found)) return
  const text = (key: readonly (readonly string[])[]) =>
    `((${key[0]!.join(', ')}), ${key[1]!.join(', ')})`
  refuse(source, `expected the primary key ${text(expected)} of the target, found ${text(found)}`)
}

function checkedConstants(
  target: TableSchema,
  constants: ReadonlyMap<string, string>,
): (readonly [string, string])[] {
  return [...constants].map(([name, literal]) => {
    const column = target.columns.find(one => one.name === name)
    if (column === undefined || column.kind !== 'regular') {
      refuse(target, `constant column ${name} is no regular column of the target`)
    }
    return [name, literal] as const
  })
}

function isKey({ kind }: ColumnSchema): boolean {
  return kind === 'partition_key' || kind === 'clustering'
}

function refuse(table: TableSchema, message: string): never {
  const text = `table ${table.keyspace}.${table.name}: ${message}`
  throw new ScamanderError(MIGRATE_ERRORS.SCHEMA, text)
}
