/**
 * Sources that read tables by query: by token ranges (`scan`), and by KCQL statements (`kcql`).
 * Used by `catalog.ts` through the door of the source room.
 * The contract they keep is `RecordSource` in src/flow/source.ts.
 */
export { examineKcqlSource, examineTokenRangeSource } from './examine.ts'
export * from './kcql/index.ts'
export { ReadSessions } from './read-sessions.ts'
export * from './scan/index.ts'
