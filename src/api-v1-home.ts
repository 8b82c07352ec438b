/**
 * The JSON shapes of `/api/v1` for the first screen of the page, types only. Importable by every room.
 * Invariant: what is unknown is null, never 0.
 * Spec: ui 5.1, 6.
 */
/** `GET /flows`: what the tasks on this worker counted since they started, and the process. */
export interface FlowsInfo {
  /** When it was read; two answers give a rate. */
  readonly time: string
  readonly connectors: readonly FlowCounters[]
  readonly worker: {
    readonly version: string
    readonly kafkaClusterId: string
    /** Resident memory of the process. */
    readonly bytes: number
    readonly upSeconds: number
  }
}

/** Records; a counter begins again when its task does. */
export interface FlowCounters {
  readonly name: string
  readonly read: number
  readonly written: number
  /** Behind the ends of the topics; null: unknown, or a source. */
  readonly lag: number | null
  readonly failed: number
  readonly deadLetters: number
}
