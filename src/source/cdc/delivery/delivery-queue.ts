/**
 * The queues of a destination as its deliverers see them: tasks of the connector, in this process or
 * in another worker, and the writer of a destination in Cassandra.
 * Two kinds: LocalQueue beside the queues, RemoteQueue behind the REST API of the worker that has them.
 * Invariant: a frame is forgotten only when `delivered` names it.
 * Spec: cdc-replication 1.6.
 */
import type { Frame } from '../frame.ts'
import type { SnapshotSeam } from '../snapshot/snapshot-seam.ts'
import type { SourceCluster } from '../source-cluster.ts'
import type { Channel } from '../state/records.ts'
import type { KnownDefinition } from '../state/table-definition.ts'
import type { QueueCursor } from './queue-cursor.ts'

export interface QueuedFrame {
  readonly seq: number
  readonly partition: number
  readonly frame: Frame
}

/** Who asks: a destination is served by one connector only. */
export interface Reader {
  readonly destination: string
  readonly connector: string
  /** Tells the tasks of a connector apart. */
  readonly task: string
}

export interface PollRequest extends Reader {
  readonly partitions: readonly number[]
  /** By the number of the queue. */
  readonly cursors: ReadonlyMap<number, QueueCursor>
  /** The queue that was served last: equals take turns. */
  readonly last: number
  readonly framesMax: number
  /** How long to wait when there is nothing. */
  readonly waitMs: number
}

export interface Polled {
  /** Channels whose cursor was not given: ask again with it. */
  readonly unknown: readonly Channel[]
  readonly channel: Channel | undefined
  readonly frames: readonly QueuedFrame[]
  /** Between them nothing is left: everything from here to the last frame is given. */
  readonly from: number
}

export interface Delivered {
  readonly channelId: number
  readonly partition: number
  readonly cursor: QueueCursor
}

export interface DeliveryQueue {
  /** The cluster that is captured from, for rows that are read again. */
  readonly cluster: SourceCluster
  /** Throws when there is no such destination. */
  checkDestination(name: string): Promise<void>
  poll(request: PollRequest, signal: AbortSignal): Promise<Polled>
  delivered(reader: Reader, done: readonly Delivered[]): Promise<void>
  /** The reader is gone; another connector may serve the destination. */
  release(reader: Reader): Promise<void>
  definitionOf(frame: Frame): KnownDefinition | Promise<KnownDefinition>
  /** Undefined where snapshots cannot be given. */
  readonly snapshots?: SnapshotSeam | undefined
}
