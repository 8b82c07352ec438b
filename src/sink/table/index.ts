/**
 * The table sink: Kafka records into Cassandra tables. Its own door within the sink room.
 * Used by `catalog.ts` through the door of the sink room.
 * Dialects parse configurations into `DatastaxSinkSettings`; `TableSink` does the work.
 */
export { codecProblems } from './codecs.ts'
export * from './datastax/config.ts'
export type { DatastaxSinkSettings } from './datastax/settings.ts'
export {
  type DatastaxSourceSettings,
  datastaxSourceChecks,
  datastaxSourceFields,
  toDatastaxSourceConnection,
} from './datastax/source-connection.ts'
export { examineTables } from './examine-tables.ts'
export * from './kcql/index.ts'
export * from './metrics.ts'
export { SharedSessions } from './shared-sessions.ts'
export { TableSink, type TableSinkParts } from './table-sink.ts'
export { type TriedRecord, tryRecord } from './try-record.ts'
