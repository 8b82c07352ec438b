/**
 * The KCQL source: tables by query into topics. Its own door within the room.
 */
export { divideTables, KcqlSource, notesOf } from './kcql-source.ts'
export * from './source-config.ts'
