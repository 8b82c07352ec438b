/**
 * STARTUP: the first request of a connection; its options choose CQL version and compression.
 *
 *     [string map] options: CQL_VERSION (required), COMPRESSION, DRIVER_NAME, DRIVER_VERSION, …
 *
 * Spec: native protocol v5, section 4.1.1.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { ByteReader } from '../primitive/byte-reader.ts'
import { readStringMap, type StringMap, writeStringMap } from '../primitive/structures.ts'

export interface StartupMessage {
  readonly kind: 'STARTUP'
  readonly options: StringMap
}

export function encodeStartup(writer: ByteWriter, message: StartupMessage): void {
  writeStringMap(writer, message.options)
}

export function decodeStartup(reader: ByteReader): StartupMessage {
  return { kind: 'STARTUP', options: readStringMap(reader) }
}
