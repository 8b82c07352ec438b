/**
 * The Backlog source: the catalogue of tables, rows from payloads, and the reader of changes.
 * Used by the replication engine.
 * Spec: backlog-replication 1.
 */
export {
  type BacklogCursor,
  BacklogReader,
  type SourcePage,
  type SourceRow,
} from './backlog-reader.ts'
export { CATALOGUE, type CatalogueTable, type ColumnType, TABLES } from './catalogue.ts'
export { type LoopValues, type RowValue, readRow } from './read-row.ts'
