/**
 * The KCQL source: tables by query into topics. Its own door within the room.
 * Start with `kcql-source.ts`; each mode of reading is a reader of its own.
 * Spec: cassandra-sink 11.1-11.7.
 */
export { divideTables, KcqlSource, notesOf, tryStatement } from './kcql-source.ts'
export * from './source-config.ts'
