/**
 * The data plane within the cassandra room: what its door re-exports to sinks and bulk copies.
 * Start with `write-session.ts`; reads are in `read-session.ts`.
 * Invariant: nothing outside this folder sees connections, frames or stream ids.
 */

export { detectLocalDc } from './detect-dc.ts'
export { decodeRows, type LinkQuery, type LinkRow, NodeLink } from './node-link.ts'
export { ReadSession, type ReadSessionOptions } from './read-session.ts'
export type { PageRequest, ReadColumn, ReadStatement } from './read-statement.ts'
export type { BatchBy, PlannedRequest, PlannerOptions } from './request-planner.ts'
export { FLAG_ORDERED, FLAG_UNROUTED, RowBatch } from './row-batch.ts'
export { SchemaLink } from './schema-link.ts'
export { SchemaLinks } from './schema-links.ts'
export type { RowFailure } from './write-delivery.ts'
export type { WriteObserver } from './write-observer.ts'
export { WriteSession, type WriteSessionOptions } from './write-session.ts'
export type { BoundVariable, WriteStatement, WriteStatementOptions } from './write-statement.ts'
