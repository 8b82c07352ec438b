/**
 * The JSON shapes of long acts that are under way, types only: the live topic `activity` and
 * `GET /api/v1/activity`. Importable by every room.
 * Invariant: what is unknown is null, never 0.
 * Spec: ui 4.3 (progress, the Activity tray).
 */

export type ActivityKind = 'run' | 'snapshot' | 'copy' | 'validate' | 'repair' | 'replay'

export interface ActivityInfo {
  /** Oldest first. */
  readonly items: readonly ActivityItem[]
}

export interface ActivityItem {
  /** Stays the same while it goes on. */
  readonly key: string
  readonly kind: ActivityKind
  /** The object as people call it: a job, a migration, a channel, a connector. */
  readonly name: string
  /** `waiting`: for a rate limit, or for its turn. */
  readonly state: 'running' | 'waiting'
  /** What it does now: "page 12 of OPS". */
  readonly text: string
  /** Rows or records. */
  readonly done: number
  /** About so many in all. */
  readonly total: number | null
  /** 0 to 1, where it is known without a total. */
  readonly share: number | null
  readonly startedAt: string | null
  /** Where it is found: ids of a job and its run; else the name. */
  readonly id: string
  readonly runId: string | null
  readonly canStop: boolean
}
