/**
 * The door of browsing: tables of Cassandra and topics of Kafka as people look at them on the page.
 * Used by the server. Knows nothing of HTTP and nothing of who asks.
 * Start with `TableDesk` and `TopicDesk`.
 */
export { toCell } from './cell-text.ts'
export type { BrowsedCluster } from './cluster-sessions.ts'
export { BROWSE_ERRORS, badQuery } from './errors.ts'
export { ROWS_MAX, TableDesk } from './table-desk.ts'
export { TopicDesk, type TopicDeskOptions } from './topic-desk.ts'
export type { RecordsQuery } from './topic-records.ts'
