/**
 * Capture: changes of Cassandra tables from the commit log.
 *
 *     cdc_raw -> SegmentFollower (worker thread) -> CaptureStore (queue) -> CdcSource -> Kafka
 *
 * The dump (`cdc dump`) reads the same files and keeps nothing.
 */

export { readLagMs } from './agent/agent-figures.ts'
export type { AgentLedger, LedgerBatch } from './agent/agent-ledger.ts'
export type { AgentStatus } from './agent/node-agent.ts'
export { type RemoteAgentOptions, runRemoteAgent } from './agent/remote-agent.ts'
export type { AgentOrders, AgentReport, WorkerAddress } from './agent/remote-ledger.ts'
export { Capture, type CaptureOptions } from './capture.ts'
export { CAPTURE_CONF, type ConfName, confNames } from './capture-conf.ts'
export {
  type CaptureElsewhere,
  type CaptureSettings,
  captureConfig,
  parseCapture,
  parseCaptureWorker,
  parsePoint,
  TOPIC_PREFIX,
  workerHosts,
} from './capture-config.ts'
export {
  findCapture,
  requireCapture,
  requireQueue,
  setCapture,
  setRemoteQueue,
} from './capture-hub.ts'
export * from './channel-requests.ts'
export { fetchSchema } from './cluster-schema.ts'
export {
  cdcConnectorConfig,
  checkCdcConnector,
  prepareCdcConnector,
} from './delivery/cdc-connector.ts'
export { CDC_SOURCE_CLASS } from './delivery/cdc-connector-config.ts'
export { FrameDecoder } from './delivery/frame-decoder.ts'
export { parseCursor } from './delivery/queue-cursor.ts'
export {
  RemoteQueue,
  type SentDefinition,
  type SentDelivery,
  type SentPage,
  type SentPoll,
} from './delivery/remote-queue.ts'
export * from './dump/index.ts'
export { readEncryptionKeys } from './encryption-keys.ts'
export { CDC_ERRORS } from './errors.ts'
export { Frame } from './frame.ts'
export { CDC_METRICS } from './metrics.ts'
export { type OpenedReplica, openReplica } from './replica/open-replica.ts'
export { OwnerFinder } from './replica/owner-finder.ts'
export { FRAME_BYTES_MAX } from './replica/replica-topics.ts'
export type { SentAnswer, SentOrder, SentQuestion } from './snapshot/remote-snapshots.ts'
export { SourceCluster } from './source-cluster.ts'
export type { QueueCount } from './state/capture-store.ts'
export type * from './state/records.ts'
