/**
 * Copy and validation as tasks of the worker group: the connector classes. Part of the migration room;
 * reached through its door. Start with connector.ts.
 * Spec: live-migration 3, 4; docs/adr/0027-migration-tasks.md.
 */
export { prepareCopyConnector, prepareValidationConnector } from './connector.ts'
export { COPY_CONNECTOR_CLASS, copyConnectorConfig } from './copy-connector-config.ts'
export {
  VALIDATION_CONNECTOR_CLASS,
  validationConnectorConfig,
} from './validation-connector-config.ts'
