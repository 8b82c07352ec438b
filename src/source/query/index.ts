/**
 * Sources that read tables by query: by token ranges, and by KCQL statements.
 * Used by `catalog.ts` through the door of the source room.
 */
export * from './kcql/index.ts'
export { ReadSessions } from './read-sessions.ts'
export * from './scan/index.ts'
