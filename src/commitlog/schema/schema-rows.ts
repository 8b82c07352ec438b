/**
 * Rows of system_schema as the catalog keeps them, and the tables that follow from them.
 * Rows come from a cluster (`SchemaCatalog.load`) or from the log itself (`SchemaCatalog.apply`).
 * Invariant: a table whose rows do not fit together is an error of that table alone.
 * Spec: commit-log, section 10.1.
 */
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { type CqlType, parseCqlType, type UdtLookup } from '../../cql/index.ts'
import { COMMITLOG_ERRORS } from '../errors.ts'
import type { ColumnSchema, TableSchema } from '../table-schema.ts'

export interface TableRow {
  readonly keyspace: string
  readonly table: string
  readonly id: string
  readonly isCdc: boolean
  readonly isCounter: boolean
}

export interface ColumnRow {
  readonly keyspace: string
  readonly table: string
  readonly column: string
  /** `partition_key`, `clustering`, `static` or `regular`. */
  readonly kind: string
  readonly position: number
  /** CQL text. */
  readonly type: string
}

export interface DroppedColumnRow {
  readonly keyspace: string
  readonly table: string
  readonly column: string
  readonly kind: string
  readonly type: string
  readonly droppedAtMs: bigint
}

export interface TypeRow {
  readonly keyspace: string
  readonly name: string
  readonly fieldNames: readonly string[]
  readonly fieldTypes: readonly string[]
}

export interface KeyspaceRow {
  readonly keyspace: string
  /** Options as the keyspace has them, the class among them. */
  readonly replication: Readonly<Record<string, string>>
  readonly durableWrites: boolean
}

/** Everything of one keyspace, by name. */
export class KeyspaceRows {
  /** Undefined: it is gone, or nobody told. */
  keyspace: KeyspaceRow | undefined
  readonly tables = new Map<string, TableRow>()
  readonly columns = new Map<string, Map<string, ColumnRow>>()
  readonly dropped = new Map<string, Map<string, DroppedColumnRow>>()
  readonly types = new Map<string, TypeRow>()
}

/** The table that the rows of a keyspace describe. */
export function buildTable(rows: KeyspaceRows, table: TableRow): TableSchema {
  const all = [...(rows.columns.get(table.table)?.values() ?? [])]
  const lookup = typeLookup(rows, table.keyspace)
  const columnsOf = (kind: string): ColumnSchema[] =>
    all
      .filter(one => one.kind === kind)
      .sort((a, b) => a.position - b.position)
      .map(one => ({ name: one.column, type: parseType(one, lookup) }))
  const partitionKey = columnsOf('partition_key')
  if (partitionKey.length === 0) {
    throw unfit(table, 'expected columns of a partition key, found none')
  }
  return {
    ...{ id: table.id, keyspace: table.keyspace, name: table.table },
    ...{ isCdc: table.isCdc, isCounter: table.isCounter, partitionKey },
    clusteringKey: columnsOf('clustering'),
    staticColumns: columnsOf('static'),
    regularColumns: columnsOf('regular'),
    droppedColumns: [...(rows.dropped.get(table.table)?.values() ?? [])].map(one => ({
      name: one.column,
      type: parseType(one, lookup),
      isStatic: one.kind === 'static',
      droppedAtMs: one.droppedAtMs,
    })),
  }
}

function parseType(column: ColumnRow | DroppedColumnRow, lookup: UdtLookup): CqlType {
  try {
    return parseCqlType(column.type, lookup)
  } catch (cause) {
    throw unfit(column, `type of ${column.column}: ${messageOf(cause)}`, cause)
  }
}

/** Types refer to each other by name; the server refuses cycles, so the descent ends. */
function typeLookup(rows: KeyspaceRows, keyspace: string): UdtLookup {
  const built = new Map<string, CqlType>()
  const lookup: UdtLookup = name => {
    const known = built.get(name)
    if (known !== undefined) return known
    const row = rows.types.get(name)
    if (row === undefined) return undefined
    const fields = row.fieldNames.map((field, i) => ({
      name: field,
      type: parseCqlType(row.fieldTypes[i]!, lookup),
    }))
    const type: CqlType = { kind: 'udt', keyspace, name, fields, frozen: false }
    built.set(name, type)
    return type
  }
  return lookup
}

function unfit(
  { keyspace, table }: { readonly keyspace: string; readonly table: string },
  what: string,
  cause?: unknown,
): ScamanderError {
  return new ScamanderError(COMMITLOG_ERRORS.SCHEMA, `${keyspace}.${table}: ${what}`, { cause })
}

/** The map under a key, made when it is not there. */
export function childOf<V>(parent: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let child = parent.get(key)
  if (child === undefined) {
    child = new Map()
    parent.set(key, child)
  }
  return child
}
