/**
 * What all client sessions of one thread share. Made by proxy-node.ts, handed to every session.
 * Invariant: `routing` is changed by the control API only, and for all sessions at once.
 * Spec: live-migration 2.9.
 */
import type { Logger } from '../../telemetry/index.ts'
import type { Cluster, Pair } from '../cluster.ts'
import type { ClusterState } from '../control/cluster-state.ts'
import type { ProxyMeters } from '../control/proxy-meters.ts'
import type { JournalWriter } from '../journal/journal-writer.ts'
import type { PreparedCache } from '../prepared/prepared-cache.ts'
import type { PreparedStatement } from '../prepared/prepared-statement.ts'
import type { TimestampGenerator } from '../request/timestamps.ts'
import type { ProxySettings, ReadMode } from '../settings/proxy-settings.ts'
import type { StatementCache } from '../statement/statement-cache.ts'

/** What the control API can change while clients are served. */
export interface Routing {
  primary: Cluster
  readMode: ReadMode
  isTargetEnabled: boolean
  /** Grows with every change of `primary`. */
  epoch: number
}

export interface ProxyContext {
  readonly settings: ProxySettings
  readonly routing: Routing
  readonly prepared: PreparedCache
  readonly statements: StatementCache
  readonly timestamps: TimestampGenerator
  readonly meters: ProxyMeters
  readonly journal: JournalWriter | undefined
  readonly logger: Logger
  readonly clusters: Pair<ClusterState>
  readonly filter: RegExp | undefined
  /** The port clients connect to; known once the socket listens. */
  readonly address: { port: number }
  /** Bytes of writes that wait for the target, in all sessions of the thread. */
  readonly waiting: { bytes: number; writes: number }
  /** Tells other threads of a prepared statement. */
  announce(statement: PreparedStatement): void
}
