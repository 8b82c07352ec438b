/**
 * One prepared statement as both clusters know it. Made from the answers to PREPARE, found by the id
 * that the client was given, shared by all client links of the thread and sent to other threads.
 * Invariant: ids are copies that outlive every frame; an id that is undefined means that the cluster
 * has to be asked before the statement can be executed there.
 * Spec: live-migration 2.5.
 */
import { type Cluster, type Pair, SOURCE, TARGET } from '../cluster.ts'
import type { FunctionResult } from '../statement/find-functions.ts'
import type { ReplayObstacle, StatementInfo } from '../statement/statement-info.ts'

/** A variable that stands for a replaced function call. */
export interface AddedVariable {
  /** Where it is among all variables. */
  readonly index: number
  readonly result: FunctionResult
  /** For values that are sent by name. */
  readonly name: string | undefined
}

const RETRY_MS = 10_000

export interface PreparedFields {
  /** The id given to the client: of the cluster that answered it. */
  readonly clientId: Buffer
  /** What is prepared on the clusters; differs from the client's text when functions are replaced. */
  readonly query: string
  /** The text that the client sent. */
  readonly clientQuery: string
  /** Keyspace in force: of the connection, or of the request in v5. */
  readonly keyspace: string | undefined
  readonly info: StatementInfo
  readonly isFiltered: boolean
  readonly added: readonly AddedVariable[]
  readonly obstacle: ReplayObstacle | undefined
}

export class PreparedStatement {
  readonly clientId: Buffer
  readonly query: string
  readonly clientQuery: string
  readonly keyspace: string | undefined
  readonly info: StatementInfo
  readonly isFiltered: boolean
  readonly added: readonly AddedVariable[]
  readonly obstacle: ReplayObstacle | undefined
  readonly ids: Pair<Buffer | undefined> = [undefined, undefined]
  /** v5. */
  readonly metadataIds: Pair<Buffer | undefined> = [undefined, undefined]
  /** The cluster's id is the client's: nothing to replace. */
  readonly isSameId: Pair<boolean> = [false, false]
  /** The cluster refused the statement: writes skip it until it is prepared again. */
  readonly isRejected: Pair<boolean> = [false, false]
  /** When a cluster that refused it is asked again: the schema may have been mended. */
  readonly retryMs: Pair<number> = [0, 0]
  /** For eviction: a count that grows with use. */
  usedAt = 0

  constructor(fields: PreparedFields) {
    this.clientId = fields.clientId
    this.query = fields.query
    this.clientQuery = fields.clientQuery
    this.keyspace = fields.keyspace
    this.info = fields.info
    this.isFiltered = fields.isFiltered
    this.added = fields.added
    this.obstacle = fields.obstacle
  }

  setIds(cluster: Cluster, id: Buffer | undefined, metadataId: Buffer | undefined): void {
    if (id === undefined) return
    this.ids[cluster] = id
    this.isSameId[cluster] = id.equals(this.clientId)
    this.isRejected[cluster] = false
    if (metadataId !== undefined) this.metadataIds[cluster] = metadataId
  }

  reject(cluster: Cluster): void {
    this.isRejected[cluster] = true
    this.retryMs[cluster] = performance.now() + RETRY_MS
  }

  /** Refused not long ago: not worth asking. */
  isRefused(cluster: Cluster): boolean {
    return this.isRejected[cluster] && performance.now() < this.retryMs[cluster]
  }

  /** Takes what `other` knows better: a statement prepared again. */
  merge(other: PreparedStatement): void {
    for (const cluster of [SOURCE, TARGET] as const) {
      this.setIds(cluster, other.ids[cluster], other.metadataIds[cluster])
      this.isRejected[cluster] = other.isRejected[cluster]
      this.retryMs[cluster] = other.retryMs[cluster]
    }
  }
}
