/**
 * Tasks without records that hold work of their worker: replication jobs. Part of the source room;
 * reached through its door. Start with held-work.ts.
 * Spec: design, decision 5; docs/adr/0033-replication-in-a-worker-group.md.
 */
export { HELD_ERRORS } from './errors.ts'
export {
  checkReplicationConnector,
  prepareReplicationConnector,
  REPLICATION_CONNECTOR,
  REPLICATION_CONNECTOR_CLASS,
  replicationConnectorConfig,
} from './held-connector.ts'
export { findHeldWork, type HeldWork, offerHeldWork } from './held-work.ts'
