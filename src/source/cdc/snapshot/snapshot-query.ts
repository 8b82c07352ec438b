/**
 * The statements that read a table whole for a snapshot, and their rows: values, write times and TTLs.
 * Used by SnapshotReader; one per table definition.
 * Invariant: columns are selected under their number, so that no name can collide or be misread.
 * Spec: cdc-replication 5.
 */

import type { LinkRow } from '../../../cassandra/index.ts'
import { qualifiedName, quoteIdentifier } from '../../../cassandra/index.ts'
import type { ColumnSchema, TableSchema } from '../../../commitlog/index.ts'
import type { CqlValue } from '../../../cql/index.ts'
import type { NamedValue } from '../change.ts'

/** One column of a row as it was read. */
export interface SnapshotCell {
  readonly column: ColumnSchema
  readonly value: CqlValue
  /** Of its newest part, in microseconds; undefined: the server does not tell it. */
  readonly timestamp: bigint | undefined
  /** Seconds left; 0: it does not expire. */
  readonly ttl: number
  /** Of a collection or UDT, part by part in stored order; undefined: the server does not tell. */
  readonly parts: readonly PartTimes[] | undefined
}

export interface PartTimes {
  /** Undefined: the part is null. */
  readonly timestamp: bigint | undefined
  readonly ttl: number
}

export interface SnapshotRow {
  readonly token: bigint
  readonly key: readonly NamedValue[]
  /** False: the partition has static columns alone. */
  readonly hasRow: boolean
  readonly clustering: readonly NamedValue[]
  readonly statics: readonly SnapshotCell[]
  readonly regulars: readonly SnapshotCell[]
}

interface Selected {
  readonly column: ColumnSchema
  /** Places in the row; -1: not selected. */
  readonly value: number
  readonly time: number
  readonly ttl: number
}

export class SnapshotQuery {
  readonly table: TableSchema
  readonly #expressions: string[] = []
  readonly #token: number
  readonly #key: readonly Selected[]
  readonly #clustering: readonly Selected[]
  readonly #statics: readonly Selected[]
  readonly #regulars: readonly Selected[]
  readonly #names: string

  /** `hasElementTimes`: the server tells write times of collections (5.0). */
  constructor(table: TableSchema, hasElementTimes: boolean) {
    this.table = table
    const isTimed = ({ type }: ColumnSchema) =>
      !table.isCounter && (hasElementTimes || !('frozen' in type) || type.frozen)
    const names = table.partitionKey.map(one => quoteIdentifier(one.name)).join(', ')
    this.#names = names
    this.#token = this.#add(`token(${names})`)
    const plain = (column: ColumnSchema): Selected => ({
      ...{ column, value: this.#add(quoteIdentifier(column.name)), time: -1, ttl: -1 },
    })
    const timed = (column: ColumnSchema): Selected => {
      const name = quoteIdentifier(column.name)
      const time = isTimed(column) ? this.#add(`writetime(${name})`) : -1
      const ttl = time >= 0 ? this.#add(`ttl(${name})`) : -1
      return { column, value: this.#add(name), time, ttl }
    }
    this.#key = table.partitionKey.map(plain)
    this.#clustering = table.clusteringKey.map(plain)
    this.#statics = table.staticColumns.map(timed)
    this.#regulars = table.regularColumns.map(timed)
  }

  /** Rows of partitions with a token in `(after, to]`, at most so many. */
  ofRange(after: bigint, to: bigint, limit: number): string {
    const token = `token(${this.#names})`
    return `${this.#select()} WHERE ${token} > ${after} AND ${token} <= ${to} LIMIT ${limit}`
  }

  /** All rows with these key columns, which are bound. */
  ofKey(names: readonly string[]): string {
    const where = names.map(name => `${quoteIdentifier(name)} = ?`).join(' AND ')
    return `${this.#select()} WHERE ${where}`
  }

  read(row: LinkRow): SnapshotRow {
    const at = (place: number) => (place < 0 ? null : (row[String(place)] ?? null))
    const named = ({ column, value }: Selected): NamedValue => ({
      ...{ name: column.name, type: column.type, value: at(value), isEmpty: false },
    })
    const cell = ({ column, value, time, ttl }: Selected): SnapshotCell => ({
      ...{ column, value: at(value), timestamp: newest(at(time)) },
      ttl: Array.isArray(at(ttl)) ? 0 : Number(at(ttl) ?? 0),
      parts: partsOf(at(time), at(ttl)),
    })
    const hasRow = this.#clustering.every(one => at(one.value) !== null)
    return {
      token: BigInt(String(at(this.#token))),
      key: this.#key.map(named),
      hasRow,
      clustering: hasRow ? this.#clustering.map(named) : [],
      statics: this.#statics.map(cell),
      regulars: this.#regulars.map(cell),
    }
  }

  #select(): string {
    const columns = this.#expressions.map((one, i) => `${one} AS "${i}"`).join(', ')
    return `SELECT ${columns} FROM ${qualifiedName(this.table.keyspace, this.table.name)}`
  }

  #add(expression: string): number {
    return this.#expressions.push(expression) - 1
  }
}

function partsOf(times: CqlValue, ttls: CqlValue): PartTimes[] | undefined {
  if (!Array.isArray(times)) return undefined
  return times.map((time, i) => ({
    timestamp: time === null ? undefined : BigInt(time as bigint),
    ttl: Array.isArray(ttls) ? Number(ttls[i] ?? 0) : 0,
  }))
}

/** Of a collection the server gives one time per element. */
function newest(value: CqlValue): bigint | undefined {
  if (value === null) return undefined
  if (!Array.isArray(value)) return BigInt(value as bigint)
  let out: bigint | undefined
  for (const one of value) {
    if (one === null) continue
    const time = BigInt(one as bigint)
    if (out === undefined || time > out) out = time
  }
  return out
}
