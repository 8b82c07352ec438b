/**
 * One change as the JSON line of `cdc dump`.
 * Called by the dump for each change, in file order.
 * Invariant: members that do not apply are absent; integers are exact (cql-json.ts).
 * Spec: cdc-replication 2.6, "The line".
 */
import type { ColumnLayout, Deletion, Mutation, PartitionUpdate } from '../../../commitlog/index.ts'
import { type CqlType, type CqlValue, formatUuid } from '../../../cql/index.ts'
import {
  type Bound,
  type CellChange,
  type Change,
  type ColumnChange,
  isRowChange,
  type NamedValue,
  readChanges,
  readKey,
} from '../change.ts'
import { type Json, toJsonInteger, toJsonValue } from '../cql-json.ts'

export type Line = { [member: string]: Json }

const UUID_BYTES = 16

/** The lines of an update, in order. */
export function linesOf(file: string, mutation: Mutation, update: PartitionUpdate): Line[] {
  const { schema } = update.table
  const key = toObject(readKey(mutation, update))
  return readChanges(mutation, update).map((change, seq) => ({
    ...placeOf(file, mutation),
    ...{ update: update.index, seq, keyspace: schema.keyspace, table: schema.name },
    ...{ tableId: schema.id, cdc: schema.isCdc, op: change.op, static: change.isStatic, key },
    ...detailsOf(change, schema.clusteringKey.length > 0),
  }))
}

/** The line for what cannot be read of a record; `mutation` says where it begins. */
export function undecodableLine(file: string, mutation: Mutation, reason: string): Line {
  const { bytes, failedStart, end, failedIndex } = mutation
  const hasId = end - failedStart >= UUID_BYTES
  return {
    ...placeOf(file, mutation),
    ...{ update: failedIndex, seq: 0, keyspace: null, table: null },
    tableId: hasId ? formatUuid(bytes, failedStart) : null,
    ...{ cdc: null, op: 'undecodable', static: false, reason },
    raw: `0x${bytes.toString('hex', failedStart, end)}`,
  }
}

function placeOf(file: string, mutation: Mutation): Line {
  const segment = toJsonInteger(mutation.segmentId)
  return { v: 1, file, segment, position: mutation.position }
}

function detailsOf(change: Change, hasClustering: boolean): Line {
  if (isRowChange(change)) {
    const { timestamp, ttl, expiresAt } = change
    return {
      ...(change.isStatic ? {} : { clustering: toObject(change.clustering) }),
      ...(timestamp === undefined ? {} : { ts: toJsonInteger(timestamp) }),
      ...(ttl === 0 ? {} : { ttl, expiresAt }),
      columns: Object.fromEntries(change.columns.map(one => [one.column.name, toColumn(one)])),
    }
  }
  const { range, timestamp, ldt, isShadowable } = change
  return {
    ...(change.op === 'delete_row'
      ? { clustering: hasClustering ? toObject(change.clustering) : {} }
      : {}),
    ...(range === undefined
      ? {}
      : { range: { start: toBound(range.start), end: toBound(range.end) } }),
    ...{ ts: toJsonInteger(timestamp), localDeletionTime: ldt },
    ...(isShadowable ? { shadowable: true } : {}),
  }
}

export function toObject(values: readonly NamedValue[]): { [name: string]: Json } {
  return Object.fromEntries(
    values.map(({ name, type, value, isEmpty }) => [name, toJsonValue(type, value, isEmpty)]),
  )
}

export function toBound(bound: Bound | undefined): Json {
  if (bound === undefined) return null
  return { inclusive: bound.isInclusive, values: toObject(bound.values) }
}

function toColumn({ column, deletion, cells }: ColumnChange): Json {
  if (!column.isComplex) return toCell(column.type, cells[0]!)
  const isOverwrite = cells.length > 0
  const mode = deletion === undefined ? 'merge' : isOverwrite ? 'overwrite' : 'delete'
  return {
    ...{ type: column.type.kind, mode },
    ...(deletion === undefined ? {} : { deletion: toDeletion(deletion) }),
    cells: cells.map(cell => toElement(column, cell)),
  }
}

function toDeletion({ timestamp, ldt }: Deletion): Json {
  return { ts: toJsonInteger(timestamp), localDeletionTime: ldt }
}

/** Names an element of a complex column: text as it is, everything else as JSON. */
export function pathText(type: CqlType, path: CqlValue): string {
  const field = type.kind === 'udt' ? type.fields[Number(path)]?.name : undefined
  if (field !== undefined) return field
  const shown = toJsonValue(pathAndValueTypes(type, path).path, path, path === null)
  return typeof shown === 'string' ? shown : JSON.stringify(shown)
}

/** A cell of a complex column: its path, and a value unless the path is the element. */
function toElement({ type }: ColumnLayout, cell: CellChange): Json {
  const { path, value } = pathAndValueTypes(type, cell.path)
  const { value: shown, ...rest } = toCell(value, cell) as Line
  const hasValue = !cell.isDeleted && type.kind !== 'set'
  const fieldName = type.kind === 'udt' ? type.fields[Number(cell.path)]?.name : undefined
  return {
    path: fieldName ?? toJsonValue(path, cell.path, cell.path === null),
    ...(hasValue ? { value: shown! } : {}),
    ...rest,
  }
}

function pathAndValueTypes(
  type: CqlType,
  path: CqlValue,
): { readonly path: CqlType; readonly value: CqlType } {
  switch (type.kind) {
    case 'map':
      return { path: type.key, value: type.value }
    case 'list':
      return { path: { kind: 'timeuuid' }, value: type.element }
    case 'set':
      return { path: type.element, value: { kind: 'blob' } }
    case 'udt':
      return {
        path: { kind: 'smallint' },
        value: type.fields[Number(path)]?.type ?? { kind: 'blob' },
      }
    default:
      return { path: { kind: 'blob' }, value: type }
  }
}

function toCell(type: CqlType, cell: CellChange): Json {
  const ts = toJsonInteger(cell.timestamp)
  if (cell.isDeleted) return { deleted: true, ts, localDeletionTime: cell.ldt }
  if (cell.shards !== undefined) {
    const counter = cell.shards.map(({ counterId, clock, count, kind }) => ({
      ...{ id: counterId, clock: toJsonInteger(clock), count: toJsonInteger(count), kind },
    }))
    return { counter, ts }
  }
  return {
    value: toJsonValue(type, cell.value, cell.isEmpty),
    ts,
    ...(cell.ttl === 0 ? {} : { ttl: cell.ttl, expiresAt: cell.ldt }),
  }
}
