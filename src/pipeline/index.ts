/**
 * The engine: the one loop that reads, decodes, writes, retries, dead-letters, commits, measures.
 * Knows the interfaces of `flow`, no concrete source or sink. Used by the connect room.
 * Start with `sink-task.ts`, for sources with `source-task.ts`.
 */
export * from './dead-letter.ts'
export * from './error-policy.ts'
export * from './metrics.ts'
export type { TaskOffsets } from './reached-positions.ts'
export * from './record-decoder.ts'
export * from './record-encoder.ts'
export type { RetryPolicy } from './retry-limit.ts'
export * from './sink-task.ts'
export type { SourceErrorPolicy } from './source-errors.ts'
export * from './source-metrics.ts'
export * from './source-task.ts'
export type { TaskTrouble } from './task-troubles.ts'
