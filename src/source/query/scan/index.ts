/**
 * The token-range source: whole tables into topics, range by range. Its own door within the room.
 * Start with `token-range-source.ts`, then `range-lane.ts`.
 * Spec: cassandra-sink 11.8.
 */
export * from './scan-config.ts'
export { divideRing, TokenRangeSource } from './token-range-source.ts'
