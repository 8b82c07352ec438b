/**
 * The CQL of one (topic, table): insert, counter update and delete. Pure text.
 * Bind variables carry the column's name; the reserved names are those of the reference, so that
 * traces and audit logs look the same.
 * Spec: cassandra-sink 5.1 (insert), 5.2 (counter), 5.3 with D4 (delete), 5.4 (TTL, timestamp).
 */
import { qualifiedName, quoteIdentifier, type TableSchema } from '../../../cassandra/index.ts'

export const TIMESTAMP_VARIABLE = 'message_internal_timestamp'
export const TTL_VARIABLE = 'message_internal_ttl'

export interface InsertOptions {
  /** Internal names, in mapping order, pseudo-columns left out. */
  readonly columns: readonly string[]
  /** `__ttl` is mapped. */
  readonly hasTtlVariable: boolean
  /** Static TTL in seconds; undefined: none. */
  readonly ttlSeconds: number | undefined
}

export function insertText(table: TableSchema, options: InsertOptions): string {
  const { columns, hasTtlVariable, ttlSeconds } = options
  const names = columns.map(quoteIdentifier)
  const ttl = hasTtlVariable
    ? ` AND TTL :${TTL_VARIABLE}`
    : ttlSeconds === undefined
      ? ''
      : ` AND TTL ${ttlSeconds}`
  return (
    `INSERT INTO ${qualifiedName(table.keyspace, table.name)}(${names.join(',')}) ` +
    `VALUES (${names.map(name => `:${name}`).join(',')}) ` +
    `USING TIMESTAMP :${TIMESTAMP_VARIABLE}${ttl}`
  )
}

/** Counter columns of the mapping are added to; the rest is the primary key. */
export function counterText(table: TableSchema, columns: readonly string[]): string {
  const counters = table.columns.filter(
    column => column.type.kind === 'counter' && columns.includes(column.name),
  )
  const sums = counters.map(({ name }) => {
    const quoted = quoteIdentifier(name)
    return `${quoted} = ${quoted} + :${quoted}`
  })
  return (
    `UPDATE ${qualifiedName(table.keyspace, table.name)} SET ${sums.join(', ')} ` +
    `WHERE ${primaryKeyCondition(table)}`
  )
}

/** `withTimestamp` false: the reference's form, which uses the server's clock (D4). */
export function deleteText(table: TableSchema, withTimestamp: boolean): string {
  const using = withTimestamp ? ` USING TIMESTAMP :${TIMESTAMP_VARIABLE}` : ''
  const name = qualifiedName(table.keyspace, table.name)
  return `DELETE FROM ${name}${using} WHERE ${primaryKeyCondition(table)}`
}

function primaryKeyCondition(table: TableSchema): string {
  return [...table.partitionKey, ...table.clusteringKey]
    .map(({ name }) => `${quoteIdentifier(name)} = :${quoteIdentifier(name)}`)
    .join(' AND ')
}
