/**
 * Sources that are not topics, one folder each. The only door of the room.
 * Capture (`cdc`) reads Cassandra's commit log; `query` reads tables.
 */

export * from './backlog/index.ts'
export * from './cdc/index.ts'
export * from './query/index.ts'
