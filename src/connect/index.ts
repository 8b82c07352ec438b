/**
 * Kafka Connect's semantics: connectors, tasks, states, configuration of workers and connectors.
 * The only door of the room; used by the server, the command line and the demo.
 * Start with `checkStandalone`, then `StandaloneWorker`.
 */
export { workerClientSettings } from './client-properties.ts'
export {
  type RestartOptions,
  type StartedTasks,
  type TargetState,
  taskStatus,
} from './connector.ts'
export {
  type ConnectorEvaluation,
  evaluateConnector,
  unknownConnectorMessage,
  type WorkerContext,
} from './connector-config.ts'
export * from './dead-letters/index.ts'
export { type DistributedConfig, parseDistributed } from './distributed/distributed-config.ts'
export { DistributedWorker } from './distributed/distributed-worker.ts'
export { CLUSTER_ERRORS } from './distributed/errors.ts'
export { Membership, type MembershipSettings } from './distributed/membership.ts'
export type { AssignedMessage } from './distributed/membership-messages.ts'
export { NO_WORK, shareOf, type WorkShare } from './distributed/work-share.ts'
export { CONNECT_ERRORS } from './errors.ts'
export * from './framework-config.ts'
export { type GivenConfig, missingClass } from './given-config.ts'
export type { HeldUp } from './held-up.ts'
export {
  type Awaitable,
  elsewhere,
  type Herder,
  type InternalCall,
  type OffsetsChange,
  type PutResult,
  type WorkerHealth,
} from './herder.ts'
export type { OffsetEntry, OffsetStore } from './offsets/offset-store.ts'
export { type PartitionRange, previewPositions } from './offsets/partition-positions.ts'
export { type SourceFrameworkSettings, sourceFrameworkConfig } from './source-framework-config.ts'
export {
  type ConnectorFile,
  checkStandalone,
  evaluateWorker,
  parseWorker,
  type WorkerConfig,
} from './standalone-config.ts'
export {
  type Created,
  StandaloneWorker,
  type WorkerParts,
} from './standalone-worker.ts'
export { tracingKeysOf } from './tracing-fields.ts'
export * from './worker-config.ts'
