/**
 * The Backlog source: the catalogue of tables, rows from payloads, and the reader of changes.
 * Used by the replication engine.
 * Spec: backlog-replication 1.
 */
export { BacklogReader } from './backlog-reader.ts'
export { CATALOGUE, TABLES } from './catalogue.ts'
export type { CatalogueColumn, CatalogueTable, ColumnType } from './catalogue-table.ts'
export { type CustomField, fetchCustomFields, fieldColumn } from './field-list.ts'
export { type LoopValues, type RowValue, readRow } from './read-row.ts'
export { type Condition, issueParams, type RowFilter, rowFilter } from './row-filter.ts'
export type { BacklogCursor, ReadOptions, SourcePage, SourceRow } from './table-reading.ts'
