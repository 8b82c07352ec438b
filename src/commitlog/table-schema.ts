/**
 * What the decoder must know of a table: plain data, found by table id through a `SchemaLookup`.
 * The commit log names columns but not their types, so no update can be passed over without this.
 * Implemented by SchemaCatalog; a caller with another source of schema implements `SchemaLookup`.
 * Spec: commit-log, section 10.
 */
import type { CqlType } from '../cql/index.ts'

export interface ColumnSchema {
  readonly name: string
  readonly type: CqlType
}

export interface DroppedColumn extends ColumnSchema {
  readonly isStatic: boolean
  /** Cells written at or before this time are no longer data. */
  readonly droppedAtMs: bigint
}

export interface TableSchema {
  /** Canonical UUID text. */
  readonly id: string
  readonly keyspace: string
  readonly name: string
  readonly isCdc: boolean
  readonly isCounter: boolean
  /** In key order. */
  readonly partitionKey: readonly ColumnSchema[]
  /** In key order; types without the DESC wrapper, which changes no byte. */
  readonly clusteringKey: readonly ColumnSchema[]
  readonly staticColumns: readonly ColumnSchema[]
  readonly regularColumns: readonly ColumnSchema[]
  readonly droppedColumns: readonly DroppedColumn[]
}

export interface SchemaLookup {
  /** A number that changes whenever an answer of `tableById` may change. */
  readonly version: number
  /** The table with this id, also one that was dropped; undefined when it was never seen. */
  tableById(id: string): TableSchema | undefined
}
