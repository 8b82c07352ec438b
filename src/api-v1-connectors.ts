/**
 * The JSON shapes of `/api/v1/connectors`, types only: what the page shows of a connector beside the
 * Connect REST API: positions, dead letters, figures over time, activity, and what a configuration makes
 * of a record.
 * Importable by every room. Invariant: offsets are texts: they may be larger than a number holds.
 * Spec: ui 5.4, 6.
 */
import type { DataCell } from './api-v1-data.ts'

/** `GET /connectors/{name}/positions` */
export interface ConnectorPositions {
  /** One per partition; of a sink. */
  readonly partitions: readonly PartitionPosition[]
  /** Of a source: maps of its own, as the Connect API has them. */
  readonly maps: readonly { readonly partition: unknown; readonly offset: unknown }[]
  /** Topics of its configuration that Kafka does not have; of a sink. */
  readonly missing: readonly string[]
}

export interface PartitionPosition {
  readonly topic: string
  readonly partition: number
  readonly earliest: string
  /** Null: none. */
  readonly committed: string | null
  readonly latest: string
  readonly lag: string | null
}

/** `POST /connectors/{name}/positions/preview`: nothing is changed. */
export interface PositionsDraft {
  readonly items: readonly PositionChange[]
}

export interface PositionChange {
  readonly topic: string
  readonly partition: number
  /** earliest, latest, time (ms since 1970), offset, shift (by, may be negative), remove */
  readonly to: 'earliest' | 'latest' | 'time' | 'offset' | 'shift' | 'remove'
  readonly value?: string
}

export interface PositionsPreview {
  readonly items: readonly {
    readonly topic: string
    readonly partition: number
    readonly committed: string | null
    /** Null: it is removed; the connector begins as its settings say. */
    readonly next: string | null
    /** Records that are read again, or never; one of them is 0. */
    readonly again: string
    readonly skipped: string
  }[]
  readonly again: string
  readonly skipped: string
  /** Partitions whose position changes. */
  readonly changed: number
}

/** `GET /connectors/{name}/dead-letters?stage=&since=`: newest first. */
export interface DeadLetters {
  /** Null: the connector names no topic for them. */
  readonly topic: string | null
  readonly items: readonly DeadLetter[]
  /** Of those that were looked at, by stage and error. */
  readonly causes: readonly DeadLetterCause[]
  /** There are older ones that were not looked at. */
  readonly isCut: boolean
}

export interface DeadLetterCause {
  readonly stage: string
  readonly error: string
  readonly count: number
}

export interface DeadLetter {
  /** `partition/offset` in the topic of dead letters. */
  readonly id: string
  readonly at: string | null
  /** `topic-partition@offset` */
  readonly from: string | null
  readonly stage: string
  /** Class of the error, without its package. */
  readonly error: string
  readonly message: string
  /** Sent back by this server, or by a replay of the command line. */
  readonly isReplayed: boolean
  /** How often this record was replayed before it came here. */
  readonly replays: number
}

/** `GET /connectors/{name}/dead-letters/{partition}/{offset}` */
export interface DeadLetterDetail extends DeadLetter {
  readonly key: RecordBytes
  readonly value: RecordBytes
  readonly headers: readonly { readonly name: string; readonly value: string | null }[]
  readonly trace: string
}

export interface RecordBytes {
  /** Null: there is none. */
  readonly text: string | null
  readonly hex: string | null
  readonly bytes: number
  /** More bytes than are shown. */
  readonly isCut: boolean
}

/** `POST /connectors/{name}/dead-letters/replay` */
export interface ReplayDraft {
  /** Ids; without it all that match. */
  readonly ids?: readonly string[]
  readonly stage?: string
  readonly error?: string
  /** Of a single letter: another value, as UTF-8. */
  readonly value?: string
}

export interface ReplayResult {
  readonly asked: number
  readonly sent: number
  /** Passed over: sent before, replayed too often, or without a topic of origin. */
  readonly passed: number
  readonly text: string
}

/** `GET /connectors/{name}/figures`: of the tasks of this worker, kept in memory. */
export interface ConnectorFigures {
  /** Seconds since 1970. */
  readonly times: readonly number[]
  readonly series: Readonly<Partial<Record<FigureName, readonly (number | null)[]>>>
}

/** Rates are per second. */
export type FigureName =
  | 'read'
  | 'written'
  | 'lag'
  | 'batchMs'
  | 'batchMaxMs'
  | 'failures'
  | 'retries'
  | 'skipped'
  | 'deadLetters'
  | 'active'
  | 'batchSize'
  | 'commitMs'

/** `GET /connectors/{name}/activity`: newest first, since the worker started. */
export interface ConnectorEvent {
  readonly at: string
  /** Empty: it happened by itself. */
  readonly by: string
  readonly kind: 'state' | 'act'
  readonly text: string
}

/** `GET /connectors/{name}/versions`: newest first, the present one among them; since the worker started. */
export interface ConnectorVersion {
  readonly at: string
  /** Empty: unknown, or it was so when the worker started. */
  readonly by: string
  /** Secrets read `[hidden]`. */
  readonly config: Readonly<Record<string, string>>
}

/**
 * `POST /connector-sample` with `{"config": {…}}`: one item per topic of a sink; the topic's last record
 * with what the configuration makes of it. Nothing is written.
 */
export interface RecordSample {
  readonly topic: string
  /** `missing`: there is no such topic; `empty`: it holds no record; `dropped`: by a transform. */
  readonly state: 'passed' | 'failed' | 'dropped' | 'empty' | 'missing'
  /** `topic-partition@offset`; null: there is no record. */
  readonly record: string | null
  readonly statements: readonly SampleStatement[]
  readonly problems: readonly SampleProblem[]
}

export interface SampleStatement {
  readonly cql: string
  /** Columns that stay as they are have no value here. */
  readonly values: readonly { readonly name: string; readonly value: DataCell }[]
}

export interface SampleProblem {
  /** As in dead letters: VALUE_CONVERTER, TRANSFORMATION, TASK_PUT, … */
  readonly stage: string
  readonly message: string
}

/** `POST /config/lint` with `{"config": {…}}`: what is said of a configuration without asking a server. */
export interface ConfigLint {
  readonly key: string
  /** unknown, missing, type, deprecated, no-effect, conflict, … */
  readonly kind: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly advice: string | null
}

/** `GET /config/patterns/{class}`: keys with variable parts, which a form cannot list. */
export interface ConfigPattern {
  /** `topic.<topic>.<keyspace>.<table>.mapping`; `<x*>` may hold dots. */
  readonly pattern: string
  readonly group: string | null
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW'
  readonly documentation: string
  readonly example: string | null
}

/** `GET /connectors/{name}/tables`: of the tasks of this worker, per topic and table of a sink. */
export interface TableRate {
  readonly topic: string
  /** `keyspace.table` */
  readonly table: string
  /** Since the worker started. */
  readonly records: number
  readonly failed: number
  /** Per second; null: not measured yet. */
  readonly rate: number | null
}
