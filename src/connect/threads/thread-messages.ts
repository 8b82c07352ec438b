/**
 * What a task thread and the main thread tell each other. Plain data: it is copied.
 * Used by task-host.ts (main) and task-thread.ts.
 * Invariants: a run's number is used once in a process; nothing of a run is told after its `ended`;
 * records never cross.
 */
import type { ConfigSource } from '../../config/index.ts'
import type { SourceOffset, SourcePartition, SourcePosition, Unanswered } from '../../flow/index.ts'
import type { PartitionLag } from '../../kafka/index.ts'
import type { TaskCounters, TaskTrouble } from '../../pipeline/index.ts'
import type { Level, MetricReport, NamedBean } from '../../telemetry/index.ts'
import type { OffsetEntry } from '../offsets/offset-store.ts'
import type { WorkerConfig } from '../standalone-config.ts'
import type { PlainError } from './plain-error.ts'

/** Given to the thread at its start. */
export interface ThreadStart {
  readonly mode: 'standalone' | 'distributed'
  /** The worker's properties, references resolved. */
  readonly worker: ConfigSource
  readonly exactlyOnce: WorkerConfig['exactlyOnce']
  readonly levels: readonly { readonly name: string; readonly level: Level }[]
  /** See `Pulse`. */
  readonly pulse: SharedArrayBuffer
  /** See `Lease`: of a worker in a cluster. */
  readonly lease: SharedArrayBuffer | undefined
}

export interface RunOrder {
  readonly run: number
  readonly connector: string
  readonly task: number
  /** References resolved. */
  readonly source: ConfigSource
  /** Of a source: the keys of this task. */
  readonly taskConfig: Readonly<Record<string, string>> | undefined
  readonly wasStarted: boolean
  readonly isPaused: boolean
  /** Of its consumer group: left behind by a run whose thread was ended. Empty: none. */
  readonly lostMember: string
}

export type ToTaskThread =
  | ({ readonly type: 'run' } & RunOrder)
  | { readonly type: 'stop' | 'resume'; readonly run: number }
  /** Answered by `done`. */
  | { readonly type: 'pause' | 'cut-off'; readonly run: number; readonly call: number }
  /** Answered by `done`: what is to be told of traces was sent, or took too long. */
  | { readonly type: 'flush'; readonly call: number }
  /** Answered by `report`. */
  | { readonly type: 'report'; readonly call: number }
  /** Answered by `beans`. */
  | { readonly type: 'beans'; readonly prefix: string; readonly call: number }
  /** The answer to `offsets`. */
  | { readonly type: 'answer'; readonly call: number; readonly answer: Answer }
  | { readonly type: 'level'; readonly name: string; readonly level: Level }
  /** The series with that label, or the beans of that owner, belong to nobody any more. */
  | { readonly type: 'forget'; readonly label: string; readonly value: string }
  | { readonly type: 'forget-beans'; readonly owner: string }

export type Answer = { readonly value: unknown } | { readonly error: PlainError }

/** A call on the worker's offset store. */
export type OffsetsCall =
  | { readonly method: 'readAll'; readonly connector: string }
  | {
      readonly method: 'read' | 'keysOf'
      readonly connector: string
      readonly partitions: readonly SourcePartition[]
    }
  | {
      readonly method: 'write'
      readonly connector: string
      readonly entries: readonly OffsetEntry[]
    }

export interface OffsetsAnswers {
  readonly readAll: SourcePosition[]
  readonly read: (SourceOffset | undefined)[]
  readonly keysOf: string[] | undefined
  readonly write: undefined
}

/** Average, least and most of something, as `Spread` keeps them. */
export interface SpreadNumbers {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

/** The numbers of one run, from its beginning. */
export interface RunNumbers {
  readonly run: number
  readonly counters: Partial<TaskCounters> & Readonly<Record<string, number>>
  readonly spreads: Readonly<Record<string, SpreadNumbers>>
  /** Records not settled, now and at most. */
  readonly active: number
  readonly activeMax: number
  readonly lags: readonly PartitionLag[]
  /** Of a sink: records that are tried again, and servers that owe answers. */
  readonly troubles: readonly TaskTrouble[]
  readonly unanswered: readonly Unanswered[]
  /** Of a sink's consumer group; empty: none. */
  readonly memberId: string
  readonly deadLetters: { readonly requests: number; readonly failures: number }
}

export interface ThreadReport extends MetricReport {
  readonly runs: readonly RunNumbers[]
  /** Bytes outside of the heap of JavaScript. */
  readonly bufferBytes: number
  /** Names of loggers that are new. */
  readonly loggers: readonly string[]
}

export type FromTaskThread =
  | { readonly type: 'ready' }
  | { readonly type: 'started'; readonly run: number }
  /** A topic is used, by that member of the consumer group. */
  | {
      readonly type: 'topic'
      readonly run: number
      readonly topic: string
      readonly memberId: string
    }
  /** Last of a run; `error` undefined: it was stopped. */
  | { readonly type: 'ended'; readonly run: number; readonly error: PlainError | undefined }
  | { readonly type: 'done'; readonly call: number; readonly error: PlainError | undefined }
  | { readonly type: 'offsets'; readonly call: number; readonly of: OffsetsCall }
  /** Traces were sent; `failure` undefined: the collector took them. */
  | { readonly type: 'traces'; readonly failure: string | undefined }
  /** `call` undefined: told by itself. */
  | { readonly type: 'report'; readonly call: number | undefined; readonly report: ThreadReport }
  | { readonly type: 'beans'; readonly call: number; readonly beans: readonly NamedBean[] }
  | {
      readonly type: 'log'
      readonly level: Level
      readonly line: Readonly<Record<string, unknown>>
    }
