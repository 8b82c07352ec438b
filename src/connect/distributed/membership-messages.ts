/**
 * What the membership's thread and the main thread tell each other. Plain data: it is copied.
 * Used by membership.ts (main) and membership-thread.ts.
 * Invariant: `releases` counts the times that the main thread let go of everything; an assignment
 * made before the last of them is void.
 */
import type { Assignment } from './group-codec.ts'
import type { WorkShare } from './work-share.ts'

/** Given to the thread at its start. */
export interface MembershipStart {
  /** Java client properties of the worker's own clients. */
  readonly properties: Readonly<Record<string, string>>
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly syncTimeoutMs: number
  readonly delayMsMax: number
  readonly workerUrl: string
  readonly lease: SharedArrayBuffer
  /** A counter that the main thread moves on while it lives. */
  readonly pulse: SharedArrayBuffer
}

export type ToThread =
  /** Everything that is configured, as of `configOffset`. */
  | { readonly type: 'work'; readonly work: WorkShare; readonly configOffset: number }
  /** These run no more, as of the assignment of that generation. */
  | { readonly type: 'released'; readonly share: WorkShare; readonly generation: number }
  /** Nothing runs any more; the member joins again without anything. */
  | { readonly type: 'released-all' }
  | { readonly type: 'rejoin' }
  /** The member leaves and stays away for that long. */
  | { readonly type: 'leave'; readonly forMs: number }
  | { readonly type: 'close' }

/** A member as the leader sees it. */
export interface KnownMember {
  readonly workerUrl: string
  readonly assigned: WorkShare
}

export interface AssignedMessage {
  readonly type: 'assigned'
  readonly assignment: Assignment
  /** Everything that must stop and be told as `released`. */
  readonly stopping: WorkShare
  readonly releases: number
  readonly isLeader: boolean
  /** All members; only the leader knows them. */
  readonly members: readonly KnownMember[]
}

export type FromThread =
  | AssignedMessage
  /** Cast out: everything must stop at once; answered by `released-all`. */
  | { readonly type: 'lost'; readonly why: string }
  /** The log of configurations must be read up to that offset; `work` follows. */
  | { readonly type: 'catch-up'; readonly configOffset: number }
  /** A round began; its result follows. */
  | { readonly type: 'rebalancing' }
  | { readonly type: 'failed'; readonly kafkaError: string; readonly message: string }
  | { readonly type: 'log'; readonly level: 'debug' | 'warn'; readonly text: string }
  | { readonly type: 'closed' }
