/**
 * EVENT: what the server tells without being asked, on stream -1.
 *
 *     [string] TOPOLOGY_CHANGE  [string] NEW_NODE | REMOVED_NODE | MOVED_NODE  [inet] node
 *     [string] STATUS_CHANGE    [string] UP | DOWN                             [inet] node
 *     [string] SCHEMA_CHANGE    schema change
 *
 * Spec: native protocol v5, section 4.2.6.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import { type ByteReader, readString } from '../primitive/byte-reader.ts'
import { type InetEndpoint, readInet, writeInet } from '../primitive/structures.ts'
import { writeString } from '../primitive/writers.ts'
import { readSchemaChange, type SchemaChange, writeSchemaChange } from './schema-change.ts'

export type EventMessage =
  | {
      readonly kind: 'EVENT'
      readonly event: 'TOPOLOGY_CHANGE' | 'STATUS_CHANGE'
      readonly change: string
      readonly node: InetEndpoint
    }
  | {
      readonly kind: 'EVENT'
      readonly event: 'SCHEMA_CHANGE'
      readonly schemaChange: SchemaChange
    }

export function encodeEvent(writer: ByteWriter, message: EventMessage): void {
  writeString(writer, message.event)
  if (message.event === 'SCHEMA_CHANGE') writeSchemaChange(writer, message.schemaChange)
  else {
    writeString(writer, message.change)
    writeInet(writer, message.node)
  }
}

export function decodeEvent(reader: ByteReader): EventMessage {
  const event = readString(reader)
  if (event === 'SCHEMA_CHANGE') {
    return { kind: 'EVENT', event, schemaChange: readSchemaChange(reader) }
  }
  if (event !== 'TOPOLOGY_CHANGE' && event !== 'STATUS_CHANGE') {
    throw malformed(`unknown event type: ${event}`)
  }
  const change = readString(reader)
  return { kind: 'EVENT', event, change, node: readInet(reader) }
}
