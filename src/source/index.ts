/**
 * Sources that are not topics, one folder each. The only door of the room.
 * Capture (`cdc`) reads Cassandra's commit log, `query` reads tables, `backlog` a project tracker.
 * `held` reads nothing: it holds work that the group gives to one worker.
 * Used by the catalogue, which makes connectors of them, by replication jobs and by commands.
 */

export * from './backlog/index.ts'
export * from './cdc/index.ts'
export * from './held/index.ts'
export * from './query/index.ts'
