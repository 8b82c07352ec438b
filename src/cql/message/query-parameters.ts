/**
 * The parameters that QUERY and EXECUTE share. Used by both messages, both directions.
 *
 *     [consistency] [byte] flags (v5: [int]) [short n, n × ([string] if named) [value]]
 *     [int page size] [bytes paging state] [consistency serial] [long timestamp]
 *     v5: [string keyspace] [int now in seconds]
 *
 * Spec: native protocol v5, section 4.1.4 (v3 and v4: the same without the last line).
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import {
  type ByteReader,
  readByte,
  readBytes,
  readInt,
  readLong,
  readShort,
  readString,
} from '../primitive/byte-reader.ts'
import type { ConsistencyCode } from '../primitive/consistency.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { type BoundValue, readValue, writeValue } from '../primitive/structures.ts'
import { writeBytesOrNull, writeLong, writeString } from '../primitive/writers.ts'

export const QUERY_FLAG = {
  VALUES: 0x01,
  SKIP_METADATA: 0x02,
  PAGE_SIZE: 0x04,
  PAGING_STATE: 0x08,
  SERIAL_CONSISTENCY: 0x10,
  TIMESTAMP: 0x20,
  NAMED_VALUES: 0x40,
  KEYSPACE: 0x80,
  NOW_IN_SECONDS: 0x100,
} as const

/** What may follow the values of a request; BATCH has the same fields without paging. */
export interface RequestTail {
  readonly pageSize?: number | undefined
  readonly pagingState?: Buffer | undefined
  readonly serialConsistency?: ConsistencyCode | undefined
  /** Microseconds; a number spares the bigint. */
  readonly timestamp?: bigint | number | undefined
  /** v5 only, ignored before. */
  readonly keyspace?: string | undefined
  /** v5 only, ignored before. */
  readonly nowInSeconds?: number | undefined
}

export interface QueryParameters extends RequestTail {
  readonly consistency: ConsistencyCode
  readonly skipMetadata?: boolean | undefined
  readonly values?: readonly BoundValue[] | undefined
  /** One name per value; then the server binds by name. */
  readonly names?: readonly string[] | undefined
}

export function writeQueryParameters(
  writer: ByteWriter,
  parameters: QueryParameters,
  version: ProtocolVersion,
): void {
  const { consistency, values, names } = parameters
  writer.writeInt16(consistency)
  let flags = tailFlags(parameters, version)
  if (parameters.skipMetadata === true) flags |= QUERY_FLAG.SKIP_METADATA
  if (values !== undefined) flags |= QUERY_FLAG.VALUES
  if (values !== undefined && names !== undefined) flags |= QUERY_FLAG.NAMED_VALUES
  writeFlags(writer, flags, version)
  if (values !== undefined) writeValues(writer, values, names)
  writeTail(writer, parameters, flags)
}

export function readQueryParameters(reader: ByteReader, version: ProtocolVersion): QueryParameters {
  const consistency = readShort(reader)
  const flags = readFlags(reader, version)
  let values: BoundValue[] | undefined
  let names: string[] | undefined
  if ((flags & QUERY_FLAG.VALUES) !== 0) {
    names = (flags & QUERY_FLAG.NAMED_VALUES) !== 0 ? [] : undefined
    values = readValues(reader, names)
  }
  const skipMetadata = (flags & QUERY_FLAG.SKIP_METADATA) !== 0
  return { consistency, skipMetadata, values, names, ...readTail(reader, flags) }
}

/** [short] n and n values, each after its name when there are names. */
export function writeValues(
  writer: ByteWriter,
  values: readonly BoundValue[],
  names?: readonly string[],
): void {
  writer.writeInt16(values.length)
  for (let i = 0; i < values.length; i++) {
    if (names !== undefined) writeString(writer, names[i]!)
    writeValue(writer, values[i]!)
  }
}

/** The values; their names are appended to `names` when the request has them. */
export function readValues(reader: ByteReader, names?: string[]): BoundValue[] {
  const values: BoundValue[] = []
  for (let i = readShort(reader); i > 0; i--) {
    names?.push(readString(reader))
    values.push(readValue(reader))
  }
  return values
}

/** The flags of the fields that are present; fields the version does not have count as absent. */
export function tailFlags(tail: RequestTail, version: number): number {
  let flags = 0
  if (tail.pageSize !== undefined) flags |= QUERY_FLAG.PAGE_SIZE
  if (tail.pagingState !== undefined) flags |= QUERY_FLAG.PAGING_STATE
  if (tail.serialConsistency !== undefined) flags |= QUERY_FLAG.SERIAL_CONSISTENCY
  if (tail.timestamp !== undefined) flags |= QUERY_FLAG.TIMESTAMP
  if (version >= 5) {
    if (tail.keyspace !== undefined) flags |= QUERY_FLAG.KEYSPACE
    if (tail.nowInSeconds !== undefined) flags |= QUERY_FLAG.NOW_IN_SECONDS
  }
  return flags
}

/** Writes the fields that `flags` announces, in wire order. */
export function writeTail(writer: ByteWriter, tail: RequestTail, flags: number): void {
  if ((flags & QUERY_FLAG.PAGE_SIZE) !== 0) writer.writeInt32(tail.pageSize!)
  if ((flags & QUERY_FLAG.PAGING_STATE) !== 0) writeBytesOrNull(writer, tail.pagingState!)
  if ((flags & QUERY_FLAG.SERIAL_CONSISTENCY) !== 0) writer.writeInt16(tail.serialConsistency!)
  if ((flags & QUERY_FLAG.TIMESTAMP) !== 0) writeLong(writer, tail.timestamp!)
  if ((flags & QUERY_FLAG.KEYSPACE) !== 0) writeString(writer, tail.keyspace!)
  if ((flags & QUERY_FLAG.NOW_IN_SECONDS) !== 0) writer.writeInt32(tail.nowInSeconds!)
}

export function readTail(reader: ByteReader, flags: number): RequestTail {
  const has = (flag: number) => (flags & flag) !== 0
  return {
    pageSize: has(QUERY_FLAG.PAGE_SIZE) ? readInt(reader) : undefined,
    pagingState: has(QUERY_FLAG.PAGING_STATE) ? readPagingState(reader) : undefined,
    serialConsistency: has(QUERY_FLAG.SERIAL_CONSISTENCY) ? readShort(reader) : undefined,
    timestamp: has(QUERY_FLAG.TIMESTAMP) ? readLong(reader) : undefined,
    keyspace: has(QUERY_FLAG.KEYSPACE) ? readString(reader) : undefined,
    nowInSeconds: has(QUERY_FLAG.NOW_IN_SECONDS) ? readInt(reader) : undefined,
  }
}

function readPagingState(reader: ByteReader): Buffer {
  const state = readBytes(reader)
  if (state === null) throw malformed('expected a paging state, found null')
  return state
}

/** [byte] before v5, [int] since. */
export function writeFlags(writer: ByteWriter, flags: number, version: number): void {
  if (version >= 5) writer.writeInt32(flags)
  else writer.writeUInt8(flags)
}

export function readFlags(reader: ByteReader, version: number): number {
  return version >= 5 ? readInt(reader) : readByte(reader)
}
