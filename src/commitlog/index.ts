/**
 * The door of the commit-log room: segments of Cassandra 4.0, 4.1 and 5.0 in, mutations out.
 *
 *     SegmentFile -> SegmentReader -> Mutation -> readCellValue ... ; SchemaCatalog tells the types
 *
 * Pure but for SegmentFile, so everything runs in worker threads. Nothing here knows `cdc_raw`'s life
 * cycle, events or destinations: that is the business of the capture source.
 */
export { ColumnLayout, type ColumnRole } from './column-layout.ts'
export { type CounterShard, counterTotal, readCounterShards } from './counter-context.ts'
export type { KeyLookup } from './encrypted-section.ts'
export { COMMITLOG_ERRORS, undecodable } from './errors.ts'
export * from './mutation.ts'
export { type DecodeOutcome, MutationDecoder, type WantsTable } from './mutation-decoder.ts'
export * from './mutation-values.ts'
export type { ProblemKind, ReaderCounts, RecordProblem } from './record-problem.ts'
export { SchemaCatalog, type SchemaRows } from './schema/schema-catalog.ts'
export type {
  ColumnRow,
  DroppedColumnRow,
  KeyspaceRow,
  TableRow,
  TypeRow,
} from './schema/schema-rows.ts'
export { toOptions } from './schema/schema-stream.ts'
export { isSchemaTable, isTruncationTable } from './schema/system-schema.ts'
export { readTruncations, type Truncation } from './schema/truncation.ts'
export { type FileState, SegmentFile } from './segment-file.ts'
export type { SegmentEncryption, SegmentHeader } from './segment-header.ts'
export * from './segment-name.ts'
export {
  type ReaderState,
  SegmentReader,
  type SegmentReaderOptions,
  type SegmentWindow,
} from './segment-reader.ts'
export { TableLayout } from './table-layout.ts'
export type * from './table-schema.ts'
