/**
 * QUERY: a statement as text with its parameters.
 *
 *     [long string] query, query parameters
 *
 * Spec: native protocol v5, section 4.1.4.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, readLongString } from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { writeLongString } from '../primitive/writers.ts'
import {
  type QueryParameters,
  readQueryParameters,
  writeQueryParameters,
} from './query-parameters.ts'

export interface QueryMessage {
  readonly kind: 'QUERY'
  readonly query: string
  readonly parameters: QueryParameters
}

export function encodeQuery(
  writer: ByteWriter,
  message: QueryMessage,
  version: ProtocolVersion,
): void {
  writeLongString(writer, message.query)
  writeQueryParameters(writer, message.parameters, version)
}

export function decodeQuery(reader: ByteReader, version: ProtocolVersion): QueryMessage {
  const query = readLongString(reader)
  return { kind: 'QUERY', query, parameters: readQueryParameters(reader, version) }
}
