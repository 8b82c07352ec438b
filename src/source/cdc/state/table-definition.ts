/**
 * Table definitions as text, kept beside the queue so that a frame is decoded with the schema it was
 * written under, however often the table changes afterwards.
 * Invariant: equal definitions have equal hashes; parsing gives back what was formatted.
 * Spec: cdc-replication 8.1.
 */
import { createHash } from 'node:crypto'
import type { SchemaLookup, TableSchema } from '../../../commitlog/index.ts'

export interface TableDefinition {
  readonly tableId: string
  readonly hash: bigint
  readonly text: string
}

/** A definition as decoders need it. */
export interface KnownDefinition {
  readonly table: TableSchema
  /** Which of the table's definitions, from 1. */
  readonly number: number
}

export function toDefinition(table: TableSchema): TableDefinition {
  const text = JSON.stringify(table, (_name, value: unknown) =>
    typeof value === 'bigint' ? { bigint: value.toString() } : value,
  )
  const hash = createHash('sha256').update(text).digest().readBigUInt64BE(0)
  return { tableId: table.id, hash, text }
}

export function parseDefinition(text: string): TableSchema {
  return JSON.parse(text, (_name, value: unknown) => {
    const digits = (value as { bigint?: unknown } | null)?.bigint
    return typeof digits === 'string' ? BigInt(digits) : value
  }) as TableSchema
}

/** One table, as a decoder of frames needs it. */
export function lookupOf(table: TableSchema): SchemaLookup {
  return { version: 0, tableById: id => (id === table.id ? table : undefined) }
}
