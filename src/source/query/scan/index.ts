/**
 * The token-range source: whole tables into topics, range by range. Its own door within the room.
 */
export * from './scan-config.ts'
export { divideRing, TokenRangeSource } from './token-range-source.ts'
