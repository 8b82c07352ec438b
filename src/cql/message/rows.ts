/**
 * RESULT kind 2: rows, kept as bytes; cells are found by a `CellCursor` and decoded on demand.
 *
 *     metadata  [int] rows  rows × columns × [bytes]
 *
 * Lifetime: `bytes` is the frame's buffer, see FrameView.
 * Spec: native protocol v5, section 4.2.5.2.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import { type ByteReader, readInt } from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { writeBytesOrNull } from '../primitive/writers.ts'
import { type RowsMetadata, readRowsMetadata, writeRowsMetadata } from './metadata.ts'

export interface RowsResult {
  readonly kind: 'RESULT'
  readonly result: 'ROWS'
  readonly metadata: RowsMetadata
  readonly rowCount: number
  /** The cells of all rows are `bytes[rowsStart..rowsEnd)`. */
  readonly bytes: Buffer
  readonly rowsStart: number
  readonly rowsEnd: number
  /** The same as in the metadata. */
  readonly pagingState?: Buffer | undefined
}

export function encodeRows(
  writer: ByteWriter,
  message: RowsResult,
  version: ProtocolVersion,
): void {
  writeRowsMetadata(writer, message.metadata, version)
  writer.writeInt32(message.rowCount)
  writer.writeBytes(message.bytes, message.rowsStart, message.rowsEnd)
}

export function decodeRows(reader: ByteReader): RowsResult {
  const metadata = readRowsMetadata(reader)
  const rowCount = readInt(reader)
  if (rowCount < 0) throw malformed(`expected a row count, found ${rowCount}`)
  const rowsStart = reader.position
  reader.position = reader.end
  return {
    kind: 'RESULT',
    result: 'ROWS',
    metadata,
    rowCount,
    bytes: reader.bytes,
    rowsStart,
    rowsEnd: reader.end,
    pagingState: metadata.pagingState,
  }
}

/** Rows from the bytes of their cells, for answers made here (a proxy's system tables, tests). */
export function rowsOf(
  writer: ByteWriter,
  metadata: RowsMetadata,
  rows: readonly (readonly (Uint8Array | null)[])[],
): RowsResult {
  const rowsStart = writer.position
  for (const row of rows) for (const cell of row) writeBytesOrNull(writer, cell)
  return {
    kind: 'RESULT',
    result: 'ROWS',
    metadata,
    rowCount: rows.length,
    bytes: writer.bytes,
    rowsStart,
    rowsEnd: writer.position,
    pagingState: metadata.pagingState,
  }
}
