/**
 * Work of this process that the group of workers gives to one member at a time, as a task without
 * records: replication jobs. The server of a worker offers it; the connector of its name finds it here.
 * Invariants: `take` and `release` come in turn; `leave` comes at once when the task ends, also when the
 * group has given the work to somebody else already.
 * Spec: design, decision 5; docs/adr/0033-replication-in-a-worker-group.md.
 */
export interface HeldWork {
  /** The only connector that may hold it. */
  readonly connector: string
  /** Resolves when this process does the work. */
  take(signal: AbortSignal): Promise<void>
  /** Throws when this process does the work no more. */
  check(): void
  /** Nothing that is done from now on may be kept. Does not wait. */
  leave(): void
  /** Resolves when nothing of the work runs here any more. */
  release(): Promise<void>
}

let offered: HeldWork | undefined

export function offerHeldWork(work: HeldWork | undefined): void {
  offered = work
}

export function findHeldWork(): HeldWork | undefined {
  return offered
}
