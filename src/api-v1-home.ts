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
  /** Records that fail and are tried again now, those that last longest first; states stay RUNNING. */
  readonly troubles: readonly FlowTrouble[]
  /** Servers that owe it answers for more than five seconds. */
  readonly waits: readonly FlowWait[]
}

/** A record at which a partition of a task stands still. */
export interface FlowTrouble {
  readonly task: number
  /** `topic-partition@offset` */
  readonly record: string
  /** Of its first failure. */
  readonly since: string
  readonly code: string
  readonly message: string
  readonly advice: string
  /** The record is at fault; else the server that is to take it. */
  readonly isRecord: boolean
  /** Failures so far. */
  readonly attempts: number
}

export interface FlowWait {
  readonly task: number
  readonly server: 'Cassandra' | 'Kafka'
  /** The node that owes the answer; empty: none answers. */
  readonly node: string
  /** When it was last heard. */
  readonly since: string
  /** Writes under way; 0 for Kafka. */
  readonly inFlight: number
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
  | 'retrying'
  | 'waiting'
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

/** `GET /components`: what the server stands on, asked at most every four seconds. */
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
