/**
 * A prepared SELECT of the data plane: what the server told of its columns and variables.
 * Made by `ReadSession.prepare`; its ids change in place when a node forgets them.
 * Spec: native protocol v5, 4.2.5.4.
 */
import type { ConsistencyCode, CqlType } from '../../cql/index.ts'
import type { BoundVariable } from './write-statement.ts'

export interface ReadColumn {
  /** As the server names it: `writetime(a)` for such a selector. */
  readonly name: string
  readonly type: CqlType
}

export interface ReadStatement {
  readonly cql: string
  readonly keyspace: string
  readonly consistency: ConsistencyCode
  readonly variables: readonly BoundVariable[]
  readonly columns: readonly ReadColumn[]
  id: Buffer
  /** Protocol v5 only. */
  resultMetadataId: Buffer | undefined
}

/** What one page is asked with. */
export interface PageRequest {
  /** `[short n] n × [value]`, as EXECUTE carries it. */
  readonly values: Buffer
  readonly pageSize: number
  /** Of the page before; only ever with the same statement and values. */
  readonly pagingState: Buffer | undefined
  /** A token that the rows have: a replica of it is asked first. */
  readonly token: { readonly high: number; readonly low: number } | undefined
}
