/**
 * What a connector's tasks run by, and what a running task is to its owner, whether it is a sink's
 * or a source's. `ConnectorTask` builds a run from a plan with `buildTask` at every start.
 * Spec: connect-rest 4, 13.
 */
import type { PreparedSink, PreparedSource } from '../catalog.ts'
import type { Unanswered } from '../flow/index.ts'
import type { PartitionLag } from '../kafka/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import type { ConnectorEvaluation } from './connector-config.ts'
import type { DeadLetterCounters } from './dead-letter-topic.ts'
import type { SinkFrameworkSettings } from './framework-config.ts'
import type { OffsetStore } from './offsets/offset-store.ts'
import type { SourceFrameworkSettings } from './source-framework-config.ts'
import type { WorkerConfig } from './standalone-config.ts'
import type { TaskHooks } from './task-hooks.ts'
import type { TaskMark } from './threads/watched-parts.ts'

/** A sink connector that may start: its checked configuration and what its tasks share. */
export interface SinkPlan {
  readonly kind: 'sink'
  readonly name: string
  readonly evaluation: ConnectorEvaluation
  readonly settings: SinkFrameworkSettings
  readonly prepared: PreparedSink
  readonly className: string
}

/** A source connector that may start. */
export interface SourcePlan {
  readonly kind: 'source'
  readonly name: string
  readonly evaluation: ConnectorEvaluation
  readonly settings: SourceFrameworkSettings
  readonly prepared: PreparedSource
  readonly className: string
  /** One per task: the keys that its task has beside the connector's. */
  readonly taskConfigs: readonly Readonly<Record<string, string>>[]
}

export type ConnectorPlan = SinkPlan | SourcePlan

/** As much of it as its clients need. */
export type NamedConfig = Pick<ConnectorPlan, 'name' | 'evaluation'>

/** How many tasks there are. */
export function taskCountOf(plan: ConnectorPlan): number {
  return plan.kind === 'sink' ? plan.settings.tasksMax : plan.taskConfigs.length
}

/** What a run of a task is built with, beside its plan. */
export interface TaskContext {
  readonly task: number
  readonly worker: WorkerConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  /** Where positions of sources are kept. */
  readonly offsets: OffsetStore
  /** Another store, bound to the life of the run as `offsets` is. */
  readonly bound: (store: OffsetStore) => OffsetStore
  readonly deadLetters: DeadLetterCounters
  /** An earlier run reached the servers: what cannot be reached now may come back. */
  readonly wasStarted: boolean
  readonly hooks?: TaskHooks | undefined
  /** Tells whoever watches the thread that the task's code executes. */
  readonly mark?: TaskMark | undefined
}

/** One run, as its owner handles it. */
export interface TaskRun {
  /** Resolves after a stop; rejects when the task cannot go on. `started` is called once open. */
  run(signal: AbortSignal, started: () => void): Promise<void>
  /** Before `run` as well as during it. */
  pause(): Promise<void>
  resume(): void
  /** The run did not end in time: its clients are closed, so that nothing more leaves it. */
  cutOff(): Promise<void>
  /** Of a sink. */
  lags(): PartitionLag[]
  /** Servers that owe it answers; of a sink. */
  unanswered?(): Unanswered[]
  /** As the consumer group knows a sink's task; empty: not in it. */
  memberId?(): string
}
