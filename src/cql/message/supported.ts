/**
 * SUPPORTED: the answer to OPTIONS.
 *
 *     [string multimap] options: CQL_VERSION, COMPRESSION, PROTOCOL_VERSIONS, …
 *
 * Spec: native protocol v5, section 4.2.4.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { ByteReader } from '../primitive/byte-reader.ts'
import {
  readStringMultimap,
  type StringMultimap,
  writeStringMultimap,
} from '../primitive/structures.ts'

export interface SupportedMessage {
  readonly kind: 'SUPPORTED'
  readonly options: StringMultimap
}

export function encodeSupported(writer: ByteWriter, message: SupportedMessage): void {
  writeStringMultimap(writer, message.options)
}

export function decodeSupported(reader: ByteReader): SupportedMessage {
  return { kind: 'SUPPORTED', options: readStringMultimap(reader) }
}
