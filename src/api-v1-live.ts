/**
 * The messages of the one live connection of a browser, types only: `GET /api/v1/stream?topics=` is a
 * stream of server-sent events, `PATCH /api/v1/stream/{id}` changes its topics without a new one.
 * Importable by every room. A topic has either a state (a snapshot, then changes) or items (a tail).
 * Invariant: what a `patch` tells holds for the state that the messages before it made.
 * Spec: ui 4.3, 6.
 */

/** Where in the state, and what stands there now; without a value it is gone. */
export type LiveChange = readonly [path: readonly (string | number)[], value?: unknown]

export type LiveMessage =
  | {
      readonly event: 'hello'
      readonly data: {
        readonly stream: string
        readonly version: string
        /** False: what was sent before is lost; every topic begins with its snapshot. */
        readonly resumed: boolean
      }
    }
  | {
      readonly event: 'snapshot'
      readonly data: { readonly topic: string; readonly data: unknown }
    }
  | {
      readonly event: 'patch'
      readonly data: { readonly topic: string; readonly changes: readonly LiveChange[] }
    }
  | {
      readonly event: 'items'
      readonly data: {
        readonly topic: string
        readonly items: readonly unknown[]
        /** So many came and are not among the items. */
        readonly skipped: number
      }
    }
  | {
      readonly event: 'refused'
      readonly data: { readonly topic: string; readonly status: number; readonly detail: string }
    }

/** `PATCH /stream/{id}` */
export interface LiveTopicsPatch {
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}
