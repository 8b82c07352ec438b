/**
 * PREPARE: asks for the id and the metadata of a statement.
 *
 *     [long string] query        v5: [int] flags, 0x01: [string] keyspace
 *
 * Spec: native protocol v5, section 4.1.5.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, readInt, readLongString, readString } from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { writeLongString, writeString } from '../primitive/writers.ts'

const WITH_KEYSPACE = 0x01

export interface PrepareMessage {
  readonly kind: 'PREPARE'
  readonly query: string
  /** v5 only, ignored before. */
  readonly keyspace?: string | undefined
}

export function encodePrepare(
  writer: ByteWriter,
  message: PrepareMessage,
  version: ProtocolVersion,
): void {
  writeLongString(writer, message.query)
  if (version < 5) return
  writer.writeInt32(message.keyspace === undefined ? 0 : WITH_KEYSPACE)
  if (message.keyspace !== undefined) writeString(writer, message.keyspace)
}

export function decodePrepare(reader: ByteReader, version: ProtocolVersion): PrepareMessage {
  const query = readLongString(reader)
  const flags = version < 5 ? 0 : readInt(reader)
  const keyspace = (flags & WITH_KEYSPACE) !== 0 ? readString(reader) : undefined
  return { kind: 'PREPARE', query, keyspace }
}
