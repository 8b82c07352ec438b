/**
 * Sources that are not topics, one folder each. The only door of the room.
 * Capture (`cdc`) reads Cassandra's commit log, `query` reads tables, `backlog` a project tracker.
 * Used by the catalogue, which makes connectors of them, by replication jobs and by commands.
 */

export * from './backlog/index.ts'
export * from './cdc/index.ts'
export * from './query/index.ts'
