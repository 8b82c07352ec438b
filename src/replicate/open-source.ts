/**
 * The source of a job once it is open: a client of Backlog, or a session on a cluster. Made by the
 * connection desk; read by runs and previews.
 * Spec: backlog-replication 2.1.
 */
import type { BacklogClient } from '../backlog/index.ts'
import type { ReadSession } from '../cassandra/index.ts'
import type { ConsistencyName } from '../cql/index.ts'

export type OpenSource =
  | { readonly kind: 'backlog'; readonly client: BacklogClient }
  | {
      readonly kind: 'cassandra'
      readonly session: ReadSession
      readonly keyspace: string
      readonly pageSize: number
      readonly consistency: ConsistencyName
    }
