/**
 * Nodes and tables as the control plane sees them: the nouns shared with the data plane.
 * Invariant: a `NodeRef` of one host id stays the same object while the node is in the cluster;
 * only `isUp`, the version and the endpoint change. A `TableSchema` is immutable; a schema change makes a new one.
 */
import type { CqlType } from '../cql/index.ts'

/** Where a socket to a node goes. */
export interface NodeEndpoint {
  readonly host: string
  readonly port: number
  /** Cloud mode: the host id, sent as TLS server name to the SNI proxy. */
  readonly servername?: string
}

export interface NodeRef {
  readonly hostId: string
  /** The node's own address (rpc address), for messages. */
  readonly address: string
  readonly endpoint: NodeEndpoint
  readonly dc: string
  readonly rack: string
  readonly releaseVersion: string
  readonly isLocal: boolean
  readonly isUp: boolean
}

export type ColumnKind = 'partition_key' | 'clustering' | 'static' | 'regular'

export interface ColumnSchema {
  /** As stored: without quotes, case kept. */
  readonly name: string
  readonly type: CqlType
  readonly kind: ColumnKind
  /** Place within the partition key or clustering key; -1 for the others. */
  readonly position: number
}

export interface TableSchema {
  readonly keyspace: string
  readonly name: string
  /** Partition key, clustering key, then static and regular columns by name. */
  readonly columns: readonly ColumnSchema[]
  readonly partitionKey: readonly ColumnSchema[]
  readonly clusteringKey: readonly ColumnSchema[]
  readonly isCounter: boolean
}

/** One change told by the server; `keyspace` alone means everything in it; none: anything. */
export interface SchemaChange {
  readonly change: 'created' | 'updated' | 'dropped' | 'unknown'
  readonly keyspace?: string
  readonly table?: string
  readonly udt?: string
}
