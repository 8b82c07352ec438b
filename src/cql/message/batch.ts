/**
 * BATCH: several statements, as text or prepared, applied together. The hot path uses write-path.ts.
 *
 *     [byte] type  [short] n, n × ( [byte] 0 [long string] query | [byte] 1 [short bytes] id ) [short] m [value]*
 *     [consistency] [byte] flags (v5: [int]) [consistency serial] [long timestamp]
 *     v5: [string keyspace] [int now in seconds]
 *
 * Values by name (flag 0x40) cannot work in this layout and are refused by servers and here.
 * Spec: native protocol v5, section 4.1.7.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import {
  type ByteReader,
  readByte,
  readLongString,
  readShort,
  readShortBytes,
} from '../primitive/byte-reader.ts'
import type { ConsistencyCode } from '../primitive/consistency.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import type { BoundValue } from '../primitive/structures.ts'
import { writeLongString, writeShortBytes } from '../primitive/writers.ts'
import {
  QUERY_FLAG,
  type RequestTail,
  readFlags,
  readTail,
  readValues,
  tailFlags,
  writeFlags,
  writeTail,
  writeValues,
} from './query-parameters.ts'

export const BATCH_TYPE = { LOGGED: 0, UNLOGGED: 1, COUNTER: 2 } as const
export const BATCH_CHILD = { QUERY: 0, PREPARED: 1 } as const

export type BatchType = (typeof BATCH_TYPE)[keyof typeof BATCH_TYPE]

export type BatchChild =
  | { readonly query: string; readonly values: readonly BoundValue[] }
  | { readonly preparedId: Buffer; readonly values: readonly BoundValue[] }

/** The fields after the children. */
export type BatchTail = Omit<RequestTail, 'pageSize' | 'pagingState'>

export interface BatchMessage extends BatchTail {
  readonly kind: 'BATCH'
  readonly type: BatchType
  readonly children: readonly BatchChild[]
  readonly consistency: ConsistencyCode
}

export function encodeBatch(
  writer: ByteWriter,
  message: BatchMessage,
  version: ProtocolVersion,
): void {
  writer.writeUInt8(message.type)
  writer.writeInt16(message.children.length)
  for (const child of message.children) {
    if ('query' in child) {
      writer.writeUInt8(BATCH_CHILD.QUERY)
      writeLongString(writer, child.query)
    } else {
      writer.writeUInt8(BATCH_CHILD.PREPARED)
      writeShortBytes(writer, child.preparedId)
    }
    writeValues(writer, child.values)
  }
  writer.writeInt16(message.consistency)
  const flags = tailFlags(message, version)
  writeFlags(writer, flags, version)
  writeTail(writer, message, flags)
}

export function decodeBatch(reader: ByteReader, version: ProtocolVersion): BatchMessage {
  const type = readByte(reader)
  if (type > BATCH_TYPE.COUNTER) throw malformed(`expected a batch type of 0 to 2, found ${type}`)
  const children: BatchChild[] = []
  for (let i = readShort(reader); i > 0; i--) children.push(readChild(reader))
  const consistency = readShort(reader)
  const flags = readFlags(reader, version)
  if ((flags & QUERY_FLAG.NAMED_VALUES) !== 0) {
    throw malformed('a batch cannot bind its values by name')
  }
  const tail = QUERY_FLAG.SERIAL_CONSISTENCY | QUERY_FLAG.TIMESTAMP
  const tailV5 = tail | QUERY_FLAG.KEYSPACE | QUERY_FLAG.NOW_IN_SECONDS
  const read = readTail(reader, flags & (version >= 5 ? tailV5 : tail))
  const { serialConsistency, timestamp, keyspace, nowInSeconds } = read
  return {
    kind: 'BATCH',
    type: type as BatchType,
    children,
    consistency,
    serialConsistency,
    timestamp,
    keyspace,
    nowInSeconds,
  }
}

function readChild(reader: ByteReader): BatchChild {
  const kind = readByte(reader)
  if (kind === BATCH_CHILD.QUERY) {
    const query = readLongString(reader)
    return { query, values: readValues(reader) }
  }
  if (kind !== BATCH_CHILD.PREPARED) {
    throw malformed(`expected a batch statement of kind 0 or 1, found ${kind}`)
  }
  const preparedId = readShortBytes(reader)
  return { preparedId, values: readValues(reader) }
}
