/**
 * RESULT: the answer to QUERY, PREPARE, EXECUTE and BATCH, of five kinds.
 *
 *     [int] 1 void | 2 rows | 3 set keyspace: [string] | 4 prepared | 5 schema change
 *
 * Spec: native protocol v5, section 4.2.5.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import { type ByteReader, readInt, readString } from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { writeString } from '../primitive/writers.ts'
import { decodePrepared, encodePrepared, type PreparedResult } from './prepared.ts'
import { decodeRows, encodeRows, type RowsResult } from './rows.ts'
import { readSchemaChange, type SchemaChange, writeSchemaChange } from './schema-change.ts'

export const RESULT_KIND = {
  VOID: 1,
  ROWS: 2,
  SET_KEYSPACE: 3,
  PREPARED: 4,
  SCHEMA_CHANGE: 5,
} as const

export type ResultMessage =
  | { readonly kind: 'RESULT'; readonly result: 'VOID' }
  | RowsResult
  | { readonly kind: 'RESULT'; readonly result: 'SET_KEYSPACE'; readonly keyspace: string }
  | PreparedResult
  | {
      readonly kind: 'RESULT'
      readonly result: 'SCHEMA_CHANGE'
      readonly schemaChange: SchemaChange
    }

const VOID: ResultMessage = Object.freeze({ kind: 'RESULT', result: 'VOID' })

export function encodeResult(
  writer: ByteWriter,
  message: ResultMessage,
  version: ProtocolVersion,
): void {
  writer.writeInt32(RESULT_KIND[message.result])
  switch (message.result) {
    case 'ROWS':
      encodeRows(writer, message, version)
      break
    case 'SET_KEYSPACE':
      writeString(writer, message.keyspace)
      break
    case 'PREPARED':
      encodePrepared(writer, message, version)
      break
    case 'SCHEMA_CHANGE':
      writeSchemaChange(writer, message.schemaChange)
      break
  }
}

export function decodeResult(reader: ByteReader, version: ProtocolVersion): ResultMessage {
  const kind = readInt(reader)
  switch (kind) {
    case RESULT_KIND.VOID:
      return VOID
    case RESULT_KIND.ROWS:
      return decodeRows(reader)
    case RESULT_KIND.SET_KEYSPACE:
      return { kind: 'RESULT', result: 'SET_KEYSPACE', keyspace: readString(reader) }
    case RESULT_KIND.PREPARED:
      return decodePrepared(reader, version)
    case RESULT_KIND.SCHEMA_CHANGE:
      return { kind: 'RESULT', result: 'SCHEMA_CHANGE', schemaChange: readSchemaChange(reader) }
    default:
      throw malformed(`expected a result kind of 1 to 5, found ${kind}`)
  }
}
