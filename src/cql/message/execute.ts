/**
 * EXECUTE: a prepared statement with its values. The hot path uses write-path.ts instead.
 *
 *     [short bytes] prepared id      v5: [short bytes] result metadata id      query parameters
 *
 * Spec: native protocol v5, section 4.1.6.
 */
import { assert } from '../../base/assert.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, readShortBytes } from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { writeShortBytes } from '../primitive/writers.ts'
import {
  type QueryParameters,
  readQueryParameters,
  writeQueryParameters,
} from './query-parameters.ts'

export interface ExecuteMessage {
  readonly kind: 'EXECUTE'
  readonly preparedId: Buffer
  /** Required by v5, absent before. */
  readonly resultMetadataId?: Buffer | undefined
  readonly parameters: QueryParameters
}

export function encodeExecute(
  writer: ByteWriter,
  message: ExecuteMessage,
  version: ProtocolVersion,
): void {
  writeShortBytes(writer, message.preparedId)
  if (version >= 5) {
    assert(message.resultMetadataId !== undefined, 'EXECUTE in v5 has a result metadata id')
    writeShortBytes(writer, message.resultMetadataId)
  }
  writeQueryParameters(writer, message.parameters, version)
}

export function decodeExecute(reader: ByteReader, version: ProtocolVersion): ExecuteMessage {
  const preparedId = readShortBytes(reader)
  const resultMetadataId = version >= 5 ? readShortBytes(reader) : undefined
  const parameters = readQueryParameters(reader, version)
  return { kind: 'EXECUTE', preparedId, resultMetadataId, parameters }
}
