/**
 * REGISTER: asks for events on this connection.
 *
 *     [string list] event types: TOPOLOGY_CHANGE, STATUS_CHANGE, SCHEMA_CHANGE
 *
 * Spec: native protocol v5, section 4.1.8.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { ByteReader } from '../primitive/byte-reader.ts'
import { readStringList, writeStringList } from '../primitive/structures.ts'

export interface RegisterMessage {
  readonly kind: 'REGISTER'
  readonly events: readonly string[]
}

export function encodeRegister(writer: ByteWriter, message: RegisterMessage): void {
  writeStringList(writer, message.events)
}

export function decodeRegister(reader: ByteReader): RegisterMessage {
  return { kind: 'REGISTER', events: readStringList(reader) }
}
