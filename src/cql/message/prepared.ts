/**
 * RESULT kind 4: the answer to PREPARE.
 *
 *     [short bytes] id   v5: [short bytes] result metadata id   variables metadata   rows metadata
 *
 * Spec: native protocol v5, section 4.2.5.4.
 */
import { assert } from '../../base/assert.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, readShortBytes } from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { writeShortBytes } from '../primitive/writers.ts'
import {
  type RowsMetadata,
  readRowsMetadata,
  readVariablesMetadata,
  type VariablesMetadata,
  writeRowsMetadata,
  writeVariablesMetadata,
} from './metadata.ts'

export interface PreparedResult {
  readonly kind: 'RESULT'
  readonly result: 'PREPARED'
  readonly preparedId: Buffer
  /** v5: goes back with every EXECUTE. */
  readonly resultMetadataId?: Buffer | undefined
  readonly variables: VariablesMetadata
  /** Of the rows that EXECUTE will answer; no columns for writes. */
  readonly resultMetadata: RowsMetadata
}

export function encodePrepared(
  writer: ByteWriter,
  message: PreparedResult,
  version: ProtocolVersion,
): void {
  writeShortBytes(writer, message.preparedId)
  if (version >= 5) {
    assert(message.resultMetadataId !== undefined, 'PREPARED in v5 has a result metadata id')
    writeShortBytes(writer, message.resultMetadataId)
  }
  writeVariablesMetadata(writer, message.variables, version)
  writeRowsMetadata(writer, message.resultMetadata, version)
}

/** Ids are copied, because they outlive the frame by far. */
export function decodePrepared(reader: ByteReader, version: ProtocolVersion): PreparedResult {
  const preparedId = Buffer.from(readShortBytes(reader))
  const resultMetadataId = version >= 5 ? Buffer.from(readShortBytes(reader)) : undefined
  const variables = readVariablesMetadata(reader, version)
  const resultMetadata = readRowsMetadata(reader)
  return {
    kind: 'RESULT',
    result: 'PREPARED',
    preparedId,
    resultMetadataId,
    variables,
    resultMetadata,
  }
}
