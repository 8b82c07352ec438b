/**
 * Statements of one change for a table in another cluster: text and values, one after the other. Pure.
 * Used by planWrites and its parts. Names are quoted, values are bound as their types encode them.
 * Invariant: every statement has a write time.
 */
import { ByteWriter } from '../../../base/byte-writer.ts'
import { ScamanderError } from '../../../base/scamander-error.ts'
import { quoteIdentifier } from '../../../cassandra/index.ts'
import { type CqlType, type CqlValue, codecFor } from '../../../cql/index.ts'
import type { NamedValue } from '../change.ts'
import { CDC_ERRORS } from '../errors.ts'

/** One value to bind: encoded, or null. */
export type Bound = Buffer | null

export interface PlannedWrite {
  readonly cql: string
  readonly values: readonly Bound[]
  /** Where the partition key is among the values, in key order. */
  readonly keyAt: readonly number[]
}

export interface TargetTable {
  readonly keyspace: string
  readonly table: string
  /** Names of its columns. */
  readonly columns: ReadonlySet<string>
  /** A column that gets a fixed text. */
  readonly source:
    | { readonly column: string; readonly id: string; readonly isKey: boolean }
    | undefined
  /** Clustering columns of the source that are sorted downwards. */
  readonly descending: ReadonlySet<string>
}

export interface PlanOptions {
  readonly target: TargetTable
  readonly key: readonly NamedValue[]
  /** Seconds since 1970: what has expired by now is deleted. */
  readonly nowSeconds: number
}

/** `value`: the column is that; `add` and `take`: elements are added or removed; `field`: of a UDT. */
export interface Assignment {
  readonly column: string
  readonly set: 'value' | 'add' | 'take' | 'field'
  readonly field: string
  readonly type: CqlType
  readonly value: CqlValue
  readonly isEmpty: boolean
}

export interface TimeAndTtl {
  readonly timestamp: bigint
  /** 0: for ever. */
  readonly ttl: number
}

export interface Condition {
  readonly text: string
  readonly values: readonly NamedValue[]
}

/** Writes the text and the values of one statement after the other. */
export class StatementBuilder {
  readonly #options: PlanOptions

  constructor(options: PlanOptions) {
    this.#options = options
  }

  insert(
    assignments: readonly Assignment[],
    { timestamp, ttl }: TimeAndTtl,
    where: readonly NamedValue[],
  ): PlannedWrite {
    const keys = [...where, ...this.#sourceKey()]
    const columns = [...keys.map(one => one.name), ...assignments.map(one => one.column)]
    const values = [...keys.map(bytesOf), ...assignments.map(bytesOf)]
    const source = this.#sourceValue()
    if (source !== undefined) {
      columns.push(source.name)
      values.push(bytesOf(source))
    }
    const marks = columns.map(() => '?').join(', ')
    const cql =
      `INSERT INTO ${this.#table()} (${columns.map(quoteIdentifier).join(', ')}) ` +
      `VALUES (${marks}) USING TIMESTAMP ? AND TTL ?`
    values.push(bigintOf(timestamp), intOf(ttl))
    return { cql, values, keyAt: this.#keyAt(0) }
  }

  update(
    assignments: readonly Assignment[],
    { timestamp, ttl }: TimeAndTtl,
    where: readonly NamedValue[],
  ): PlannedWrite {
    const sets = assignments.map(setText)
    const values: Bound[] = [intOf(ttl), bigintOf(timestamp), ...assignments.map(bytesOf)]
    const source = this.#sourceValue()
    if (source !== undefined) {
      sets.push(`${quoteIdentifier(source.name)} = ?`)
      values.push(bytesOf(source))
    }
    const keys = [...where, ...this.#sourceKey()]
    const at = values.length
    values.push(...keys.map(bytesOf))
    const cql =
      `UPDATE ${this.#table()} USING TTL ? AND TIMESTAMP ? SET ${sets.join(', ')} ` +
      `WHERE ${keys.map(equals).join(' AND ')}`
    return { cql, values, keyAt: this.#keyAt(at) }
  }

  /** Of a column, or of what `where` names. */
  remove(
    column: string | null,
    timestamp: bigint,
    where: readonly NamedValue[],
    conditions: readonly Condition[] = [],
  ): PlannedWrite {
    // The column that tells the source is last in the key: it follows a whole row only.
    const isWhole = column !== null || where.length > this.#options.key.length
    const keys = isWhole ? [...where, ...this.#sourceKey()] : where
    const what = column === null ? '' : `${quoteIdentifier(column)} `
    const wheres = [...keys.map(equals), ...conditions.map(one => one.text)]
    const cql = `DELETE ${what}FROM ${this.#table()} USING TIMESTAMP ? WHERE ${wheres.join(' AND ')}`
    const bounds = conditions.flatMap(one => one.values)
    const values = [bigintOf(timestamp), ...keys.map(bytesOf), ...bounds.map(bytesOf)]
    return { cql, values, keyAt: this.#keyAt(1) }
  }

  #keyAt(start: number): number[] {
    return this.#options.key.map((_, i) => start + i)
  }

  #table(): string {
    const { keyspace, table } = this.#options.target
    return `${quoteIdentifier(keyspace)}.${quoteIdentifier(table)}`
  }

  #sourceKey(): NamedValue[] {
    const { source } = this.#options.target
    return source?.isKey === true ? [sourceText(source)] : []
  }

  #sourceValue(): NamedValue | undefined {
    const { source } = this.#options.target
    return source === undefined || source.isKey ? undefined : sourceText(source)
  }
}

function sourceText({ column, id }: { column: string; id: string }): NamedValue {
  return { name: column, type: { kind: 'text' } as CqlType, value: id, isEmpty: false }
}

function equals({ name }: NamedValue): string {
  return `${quoteIdentifier(name)} = ?`
}

function setText({ column, set, field }: Assignment): string {
  const name = quoteIdentifier(column)
  switch (set) {
    case 'add':
      return `${name} = ${name} + ?`
    case 'take':
      return `${name} = ${name} - ?`
    case 'field':
      return `${name}.${quoteIdentifier(field)} = ?`
    default:
      return `${name} = ?`
  }
}

/** The value as its type encodes it. */
export function bytesOf({
  type,
  value,
  isEmpty,
}: Pick<NamedValue, 'type' | 'value' | 'isEmpty'>): Bound {
  if (isEmpty) return Buffer.alloc(0)
  if (value === null) return null
  const writer = new ByteWriter(64)
  codecFor(type).encode(value, writer)
  return Buffer.from(writer.view())
}

function bigintOf(value: bigint): Buffer {
  const out = Buffer.alloc(8)
  out.writeBigInt64BE(value)
  return out
}

function intOf(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeInt32BE(value)
  return out
}

/** No statement leads to what the change did. */
export function cannotSay(reason: string): ScamanderError {
  return new ScamanderError(CDC_ERRORS.INVALID_MESSAGE, reason)
}
