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

/** `GET /attention`, and the live topic `attention`: what somebody should look at, on this server. */
export interface AttentionInfo {
  /** Errors first, then what lasts longest. */
  readonly items: readonly AttentionItem[]
  /** When the last problem ended, or was told; null: none is known. */
  readonly lastProblemAt: string | null
}

export type AttentionKind =
  | 'failed'
  | 'degraded'
  | 'behind'
  | 'key'
  | 'rows'
  | 'deletes'
  | 'schema'
  | 'disk'
  | 'diverging'
  | 'gap'
  | 'certificate'

/** Where an item is found in the page. */
export type AttentionSection =
  | 'connections'
  | 'jobs'
  | 'connectors'
  | 'capture'
  | 'migrations'
  | 'monitoring'

export interface AttentionItem {
  /** Stays the same while the problem lasts. */
  readonly key: string
  readonly kind: AttentionKind
  readonly role: 'error' | 'warn'
  readonly section: AttentionSection
  /** Name of the connector or migration, id of the job or connection; of capture: a tab. */
  readonly id: string
  /** The object as people call it. */
  readonly name: string
  /** What is wrong, behind the name: "failed: its task". */
  readonly what: string
  /** Why, as far as it can be told. */
  readonly cause: string | null
  /** Since it was seen, or since it is known to last. */
  readonly since: string
}

/** `GET /components`: what the server stands on, asked at most every ten seconds. */
export interface ComponentInfo {
  readonly kind: 'cassandra' | 'kafka' | 'worker'
  readonly name: string
  readonly state: 'UP' | 'WARNING' | 'DOWN'
  /** Null: it does not tell. */
  readonly version: string | null
  /** "1 node", "0 under-replicated": short, in the order in which they are shown. */
  readonly facts: readonly string[]
  /** Why it is not up. */
  readonly problem: string | null
}

/** `GET /changes`: what happened to connectors since the worker started, newest first. */
export interface ChangeInfo {
  readonly at: string
  /** Empty: nobody; it changed by itself. */
  readonly by: string
  readonly kind: 'act' | 'state'
  readonly connector: string
  readonly text: string
}
