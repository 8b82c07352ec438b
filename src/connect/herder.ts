/**
 * What the REST API needs of a worker, whether it runs alone or is one of a cluster.
 * Implemented by `StandaloneWorker` and by the distributed worker; called by the routes of the
 * server, which know nothing else of a worker.
 * Invariants: reads answer from what this worker knows; a write that another worker must do
 * throws `elsewhere`, and the server forwards the call; configurations that leave are masked.
 * Spec: connect-rest 1, 2, 4, 7.
 */
import type {
  ConnectorInfo,
  ConnectorOffset,
  ConnectorStateInfo,
  OffsetsInfo,
  TaskInfo,
  TaskState,
} from '../api.ts'
import type { RecordSample } from '../api-v1-connectors.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import type { ConfigInfos, Lint } from '../config/index.ts'
import type { RestartOptions, TargetState } from './connector.ts'
import { CONNECT_ERRORS } from './errors.ts'
import type { GivenConfig } from './given-config.ts'
import type { HeldUp } from './held-up.ts'

export type Awaitable<T> = T | Promise<T>

export interface WorkerHealth {
  readonly status: 'healthy' | 'starting' | 'unhealthy'
  /** What the worker is doing, as a sentence; added to the answer unless healthy. */
  readonly stage?: string
}

export interface PutResult {
  readonly info: ConnectorInfo
  /** Created rather than replaced. */
  readonly isNew: boolean
}

/** Who really knows: the connector checked the change itself, or only the framework did it. */
export type OffsetsChange = 'by-connector' | 'by-framework'

/** The signature of a call between workers; absent parts are undefined. */
export interface InternalCall {
  readonly body: string
  readonly signature: string | undefined
  readonly algorithm: string | undefined
}

export interface Herder {
  /** `host:port` told in statuses. */
  readonly workerId: string
  readonly kafkaClusterId: string
  /** Answers within ten seconds. */
  health(): Awaitable<WorkerHealth>

  /** Resolves, within seconds, when this worker knows what others wrote before. */
  caughtUp(): Promise<void>

  /** Sorted. */
  names(): Awaitable<readonly string[]>
  info(name: string): Awaitable<ConnectorInfo>
  shownConfig(name: string): Awaitable<Record<string, string>>
  status(name: string): Awaitable<ConnectorStateInfo>
  /** What holds up tasks that run on this worker. */
  heldUp(): readonly HeldUp[]
  tasks(name: string): Awaitable<readonly TaskInfo[]>
  taskStatus(name: string, task: number): Awaitable<TaskState>
  /** Every finding as Connect answers it, also for a valid configuration. */
  validate(given: GivenConfig): Awaitable<ConfigInfos>
  /** What is said of a configuration without asking a server, warnings too. */
  lints(given: GivenConfig): readonly Lint[]
  /** What a configuration without problems makes of the last record of each topic; writes nothing. */
  samples(given: GivenConfig): Promise<readonly RecordSample[]>

  create(name: string, given: GivenConfig, target: TargetState): Promise<{ info: ConnectorInfo }>
  /** Creates or replaces. */
  put(name: string, given: GivenConfig): Promise<PutResult>
  /** Changes single keys; null removes one. */
  patch(
    name: string,
    changes: Readonly<Record<string, string | null>>,
  ): Promise<{ info: ConnectorInfo }>
  delete(name: string): Promise<void>
  pause(name: string): Promise<void>
  resume(name: string): Promise<void>
  stop(name: string): Promise<void>
  /** The status in which what restarts already reads RESTARTING. */
  restart(name: string, options: RestartOptions): Promise<ConnectorStateInfo>
  restartTask(name: string, task: number): Promise<void>

  offsets(name: string): Promise<OffsetsInfo>
  /** Partitions that are not named keep theirs; an offset of null removes one. */
  alterOffsets(name: string, offsets: readonly ConnectorOffset[]): Promise<OffsetsChange>
  resetOffsets(name: string): Promise<OffsetsChange>

  /** Sorted; empty also for an unknown connector. */
  topics(name: string): Awaitable<readonly string[]>
  resetTopics(name: string): Awaitable<void>

  /** Tells every worker; this one sets its own level when it hears of it, or at once. */
  setClusterLogLevel(namespace: string, level: string): Promise<void>

  /** Calls between workers; refused by a worker that is alone. */
  putTaskConfigs(name: string, call: InternalCall): Promise<void>
  fence(name: string, call: InternalCall): Promise<void>
}

/**
 * The worker at `url` must do this: the server forwards the call there. Undefined: nobody knows
 * who, because the workers are about to agree on it.
 */
export function elsewhere(url: string | undefined): ScamanderError {
  if (url === undefined) return new ScamanderError(CONNECT_ERRORS.NO_LEADER, NO_LEADER_TEXT)
  return new ScamanderError(CONNECT_ERRORS.ELSEWHERE, CONFLICT_TEXT, { context: { url } })
}

const NO_LEADER_TEXT =
  'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.'
const CONFLICT_TEXT =
  'Cannot complete request because of a conflicting operation (e.g. worker rebalance)'
