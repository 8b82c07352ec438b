/**
 * Finds the places in a QUERY, EXECUTE or BATCH body that the proxy reads or changes: consistency,
 * flags, paging state, the place of the timestamp. Values are stepped over, never decoded.
 * Called for every request; `readTail` only when flags announce fields that matter.
 * Invariant: offsets are absolute in the reader's bytes; a body that ends early throws.
 * Spec: live-migration 2.1 (version-dependent layouts).
 */
import { type ByteReader, QUERY_FLAG, readByte, readInt, readShort, take } from '../../cql/index.ts'

export interface ParameterPlaces {
  readonly consistency: number
  readonly consistencyAt: number
  /** All flags. */
  readonly flags: number
  /** Of the byte that holds the flag of the timestamp. */
  readonly flagsAt: number
}

/** Where a timestamp is or would be inserted, and the paging state. */
export interface TailPlaces {
  readonly timestampAt: number
  /** Of the paging state's length field; -1 when there is none. */
  readonly pagingStateAt: number
  readonly pagingStateLength: number
  readonly serialConsistency: number
}

/** Consistency and flags; the reader stands behind them afterwards. */
export function readParameters(reader: ByteReader, version: number): ParameterPlaces {
  const consistencyAt = reader.position
  const consistency = readShort(reader)
  const flags = version >= 5 ? readInt(reader) : readByte(reader)
  return { consistency, consistencyAt, flags, flagsAt: reader.position - 1 }
}

/** Steps over [short] n and n values, with their names when they have them. */
export function skipValues(reader: ByteReader, isNamed: boolean): void {
  for (let count = readShort(reader); count > 0; count--) {
    if (isNamed) take(reader, readShort(reader))
    const length = readInt(reader)
    if (length > 0) take(reader, length)
  }
}

/** What follows the values; `flags` without VALUES for a BATCH. */
export function readTail(reader: ByteReader, flags: number): TailPlaces {
  if ((flags & QUERY_FLAG.VALUES) !== 0) skipValues(reader, (flags & QUERY_FLAG.NAMED_VALUES) !== 0)
  if ((flags & QUERY_FLAG.PAGE_SIZE) !== 0) take(reader, 4)
  let pagingStateAt = -1
  let pagingStateLength = 0
  if ((flags & QUERY_FLAG.PAGING_STATE) !== 0) {
    pagingStateAt = reader.position
    pagingStateLength = readInt(reader)
    if (pagingStateLength > 0) take(reader, pagingStateLength)
  }
  const hasSerial = (flags & QUERY_FLAG.SERIAL_CONSISTENCY) !== 0
  const serialConsistency = hasSerial ? readShort(reader) : -1
  return { timestampAt: reader.position, pagingStateAt, pagingStateLength, serialConsistency }
}

/** Steps over the custom payload that a header flag announces. */
export function skipCustomPayload(reader: ByteReader): void {
  for (let count = readShort(reader); count > 0; count--) {
    take(reader, readShort(reader))
    const length = readInt(reader)
    if (length > 0) take(reader, length)
  }
}
