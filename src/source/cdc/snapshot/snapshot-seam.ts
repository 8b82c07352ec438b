/**
 * What a snapshot must know of the capture behind it: who captures, how far that is, the table as it
 * is now. Two kinds: SnapshotDesk in the worker that keeps the queues, RemoteSnapshots behind the REST
 * API of that worker.
 * Invariant: `caughtUpMs` never claims more than what is queued; undefined where nobody can tell.
 * Spec: cdc-replication 5, steps 1 and 3.
 */
import type { Channel } from '../state/records.ts'
import type { KnownDefinition } from '../state/table-definition.ts'

export interface SnapshotOrder {
  /** Grows with each order; 0: none was given by command. */
  readonly run: number
  readonly isCancelled: boolean
}

/** How far capture is, at one moment. */
export interface CaptureStanding {
  /** Everything logged before this moment is in the queue; undefined: nobody can tell. */
  readonly caughtUpMs: number | undefined
  /** The last number given out in the queue, not before that. */
  readonly lastSeq: number
}

export interface SnapshotSeam {
  /** Between two looks at how far capture is; 0: looks cost nothing. */
  readonly lookMs: number
  /** The latest order for this channel; undefined: nothing is to be given of it now. */
  order(channel: Channel): SnapshotOrder | undefined
  /** Why the table is not captured everywhere yet; undefined: it is. */
  barrier(channel: Channel): Promise<string | undefined>
  standing(channel: Channel): Promise<CaptureStanding>
  /** There is something with a number in `(after, upTo]` that was not delivered. */
  isQueued(channel: Channel, stretch: QueueStretch): Promise<boolean>
  /** The table as it is now. */
  definition(channel: Channel): Promise<KnownDefinition>
  /** For status: rows given, and whether it goes on. */
  progress(channel: Channel, progress: SnapshotProgress): Promise<void>
}

export interface QueueStretch {
  readonly partition: number
  readonly after: number
  readonly upTo: number
}

export interface SnapshotProgress {
  /** Tells the parts of several tasks apart. */
  readonly partition: number
  readonly rows: number
  /** Of its token interval, from 0 to 1. */
  readonly part: number
  readonly isDone: boolean
}
