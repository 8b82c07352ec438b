/**
 * Metadata of result rows and of bind variables.
 *
 *     rows:      [int] flags [int] columns [bytes paging state] [short bytes new metadata id]
 *                [string keyspace, string table if global] columns × ( [string ks] [string table] ) name [option]
 *     variables: [int] flags [int] columns; v4+: [int] n [short]* partition key; then as above
 *
 * Decoded once per PREPARE or per result; never on the row path.
 * Spec: native protocol v5, sections 4.2.5.2 and 4.2.5.4.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import {
  type ByteReader,
  readBytes,
  readInt,
  readShort,
  readShortBytes,
  readString,
} from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { writeBytesOrNull, writeShortBytes, writeString } from '../primitive/writers.ts'
import type { CqlType } from '../type/cql-type.ts'
import { readTypeOption, writeTypeOption } from '../type/type-option.ts'

export const METADATA_FLAG = {
  GLOBAL_TABLE: 0x01,
  HAS_MORE_PAGES: 0x02,
  NO_METADATA: 0x04,
  METADATA_CHANGED: 0x08,
} as const

export interface ColumnSpec {
  readonly keyspace: string
  readonly table: string
  readonly name: string
  readonly type: CqlType
}

export interface RowsMetadata {
  readonly columnCount: number
  /** Absent when the request said skipMetadata: use those of the PREPARED result. */
  readonly columns?: readonly ColumnSpec[] | undefined
  /** Present exactly when there are more pages. */
  readonly pagingState?: Buffer | undefined
  /** v5: the columns changed since PREPARE; the id for later EXECUTE requests. */
  readonly newMetadataId?: Buffer | undefined
}

export interface VariablesMetadata {
  readonly columns: readonly ColumnSpec[]
  /** For each partition key component, its index in `columns`; empty in v3 and when not all bound. */
  readonly partitionKeyIndexes: readonly number[]
}

export function writeRowsMetadata(
  writer: ByteWriter,
  metadata: RowsMetadata,
  version: ProtocolVersion,
): void {
  const { columns, pagingState, newMetadataId } = metadata
  let flags = columns === undefined ? METADATA_FLAG.NO_METADATA : globalFlag(columns)
  if (pagingState !== undefined) flags |= METADATA_FLAG.HAS_MORE_PAGES
  const changed = version >= 5 && newMetadataId !== undefined
  if (changed) flags |= METADATA_FLAG.METADATA_CHANGED
  writer.writeInt32(flags)
  writer.writeInt32(metadata.columnCount)
  if (pagingState !== undefined) writeBytesOrNull(writer, pagingState)
  if (changed) writeShortBytes(writer, newMetadataId)
  if (columns !== undefined) writeColumns(writer, columns, version)
}

export function readRowsMetadata(reader: ByteReader): RowsMetadata {
  const flags = readInt(reader)
  const columnCount = readCount(reader)
  const hasMore = (flags & METADATA_FLAG.HAS_MORE_PAGES) !== 0
  const pagingState = hasMore ? (readBytes(reader) ?? undefined) : undefined
  const changed = (flags & METADATA_FLAG.METADATA_CHANGED) !== 0
  const newMetadataId = changed ? readShortBytes(reader) : undefined
  const none = (flags & METADATA_FLAG.NO_METADATA) !== 0
  const columns = none ? undefined : readColumns(reader, flags, columnCount)
  return { columnCount, columns, pagingState, newMetadataId }
}

export function writeVariablesMetadata(
  writer: ByteWriter,
  metadata: VariablesMetadata,
  version: ProtocolVersion,
): void {
  const { columns, partitionKeyIndexes } = metadata
  writer.writeInt32(globalFlag(columns))
  writer.writeInt32(columns.length)
  if (version >= 4) {
    writer.writeInt32(partitionKeyIndexes.length)
    for (const index of partitionKeyIndexes) writer.writeInt16(index)
  }
  writeColumns(writer, columns, version)
}

export function readVariablesMetadata(
  reader: ByteReader,
  version: ProtocolVersion,
): VariablesMetadata {
  const flags = readInt(reader)
  const columnCount = readCount(reader)
  const partitionKeyIndexes: number[] = []
  if (version >= 4) {
    for (let i = readCount(reader); i > 0; i--) partitionKeyIndexes.push(readShort(reader))
  }
  const none = (flags & METADATA_FLAG.NO_METADATA) !== 0
  return { columns: none ? [] : readColumns(reader, flags, columnCount), partitionKeyIndexes }
}

function readCount(reader: ByteReader): number {
  const count = readInt(reader)
  if (count < 0 || count > 65_535) throw malformed(`expected 0 to 65535 columns, found ${count}`)
  return count
}

/** The flag is set when all columns are of one table, which is then written once. */
function globalFlag(columns: readonly ColumnSpec[]): number {
  const first = columns[0]
  if (first === undefined) return 0
  const same = columns.every(c => c.keyspace === first.keyspace && c.table === first.table)
  return same ? METADATA_FLAG.GLOBAL_TABLE : 0
}

function writeColumns(
  writer: ByteWriter,
  columns: readonly ColumnSpec[],
  version: ProtocolVersion,
): void {
  const isGlobal = globalFlag(columns) !== 0
  if (isGlobal) {
    writeString(writer, columns[0]!.keyspace)
    writeString(writer, columns[0]!.table)
  }
  for (const column of columns) {
    if (!isGlobal) {
      writeString(writer, column.keyspace)
      writeString(writer, column.table)
    }
    writeString(writer, column.name)
    writeTypeOption(writer, column.type, version)
  }
}

function readColumns(reader: ByteReader, flags: number, count: number): ColumnSpec[] {
  const isGlobal = (flags & METADATA_FLAG.GLOBAL_TABLE) !== 0
  let keyspace = isGlobal ? readString(reader) : ''
  let table = isGlobal ? readString(reader) : ''
  const columns: ColumnSpec[] = []
  for (let i = 0; i < count; i++) {
    if (!isGlobal) {
      keyspace = readString(reader)
      table = readString(reader)
    }
    const name = readString(reader)
    columns.push({ keyspace, table, name, type: readTypeOption(reader) })
  }
  return columns
}
