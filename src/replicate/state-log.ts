/**
 * Where the store tells every change of what it keeps, so that another process can take its work up.
 * Told by the store and its states of rows; kept in a topic by kafka-state-log.ts. A server that is
 * alone has none.
 * Invariants: changes are kept in the order in which they are told; a key is told whole each time, so
 * that its last value is enough.
 * Spec: backlog-replication 2.18; docs/adr/0033-replication-in-a-worker-group.md.
 */
export type StateKey = readonly [kind: StateKind, ...parts: (string | number)[]]

/**
 * `doubt` and `forget` are about all rows of a task that were told before them; of a task's rows that
 * are being written, `intent` has the keys.
 */
export type StateKind =
  | 'doc'
  | 'run'
  | 'log'
  | 'event'
  | 'row'
  | 'intent'
  | 'intent-end'
  | 'doubt'
  | 'forget'

export interface StateChange {
  readonly key: StateKey
  /** Undefined: it is gone. */
  readonly value: unknown
}

export interface StateLog {
  /** Never waits and never throws. Undefined: the key is gone. */
  put(key: StateKey, value: unknown): void
  /** Where changes stand that are told within a transaction. */
  mark(): number
  /** The transaction was undone: what was told since the mark is not kept. */
  rewind(mark: number): void
  /** Resolves when all that was told is kept; rejects when this process may keep nothing any more. */
  settled(): Promise<void>
}
