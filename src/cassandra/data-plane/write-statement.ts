/**
 * A prepared statement as the write path needs it. Made by `WriteSession.prepare`; the ids change
 * when a node asks for the statement to be prepared again.
 * Invariant: `id` belongs to exactly this CQL text in this keyspace, on every node.
 * Spec: native protocol v5, 4.1.5 and 4.2.5.4.
 */
import type { ConsistencyCode, CqlType } from '../../cql/index.ts'

export interface BoundVariable {
  readonly name: string
  readonly type: CqlType
}

export interface WriteStatementOptions {
  readonly consistency: ConsistencyCode
  /** May be sent again although an earlier attempt may have been applied. */
  readonly isIdempotent: boolean
  /** Counter updates go in batches of their own type. */
  readonly isCounter: boolean
  /** Statements of one group may share a batch (one topic and table). */
  readonly batchGroup: number
  /** Names of the variables that are the partition key, in key order: for protocol v3. */
  readonly partitionKey?: readonly string[]
}

export interface WriteStatement extends WriteStatementOptions {
  readonly cql: string
  readonly variables: readonly BoundVariable[]
  /** Indexes into `variables` of the partition key, in key order; empty: no routing key. */
  readonly partitionKeyIndexes: readonly number[]
  id: Buffer
  /** Protocol v5 only. */
  resultMetadataId: Buffer | undefined
  /** The table changed so that the bound variables no longer fit: it is to be prepared anew. */
  isStale: boolean
}
