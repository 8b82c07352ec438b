/**
 * The Fetch request and response, version 12, by hand: the client library turns each record into
 * an object, which costs several times the CPU of everything else on this path.
 * Called by the fetch loops through `sendFetch`. The response is one buffer; each partition's record
 * set stays a range of it.
 * Spec: Kafka protocol, Fetch v12 (flexible encoding, topics by name; Kafka 2.7 and newer).
 */
import { type Connection, Writer } from '@platformatic/kafka'
import { ByteWriter } from '../../base/byte-writer.ts'
import { type AbortedTransaction, readSafeInt64 } from './record-reader.ts'
import { readUnsignedVarint, varintEnd } from './varint.ts'

const FETCH_KEY = 1
const FETCH_VERSION = 12

export interface FetchTarget {
  readonly topic: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly fetchOffset: number
}

export interface FetchOptions {
  readonly waitMsMax: number
  readonly bytesMin: number
  readonly bytesMax: number
  readonly partitionBytesMax: number
  readonly readCommitted: boolean
  readonly rack: string
}

export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  /** Kafka error code; 0: none. */
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly aborted: readonly AbortedTransaction[]
  /** Node to read from instead, or -1 (a nearer replica of `client.rack`). */
  readonly preferredReplica: number
  /** Record batches, `bytes[start..end)` of the response. */
  readonly start: number
  readonly end: number
}

export interface FetchResponse {
  readonly errorCode: number
  readonly bytes: Buffer
  readonly partitions: readonly FetchedPartition[]
}

/** Sends one fetch; targets of one topic must stand together. */
export function sendFetch(
  connection: Connection,
  targets: readonly FetchTarget[],
  options: FetchOptions,
): Promise<FetchResponse> {
  const payload = encodeFetch(targets, options)
  return new Promise((resolve, reject) => {
    connection.send<FetchResponse>(
      FETCH_KEY,
      FETCH_VERSION,
      () => Writer.create().append(payload),
      (_correlation, _key, _version, reader) =>
        parseFetch(reader.buffer.slice(reader.position, reader.length)),
      true,
      true,
      (error, response) => (error === null ? resolve(response!) : reject(error)),
    )
  })
}

/*
  replica_id INT32 | max_wait_ms INT32 | min_bytes INT32 | max_bytes INT32 | isolation_level INT8
  | session_id INT32 | session_epoch INT32 | topics COMPACT_ARRAY: name COMPACT_STRING,
  partitions COMPACT_ARRAY: partition INT32, current_leader_epoch INT32, fetch_offset INT64,
    last_fetched_epoch INT32, log_start_offset INT64, partition_max_bytes INT32, TAGS
  | TAGS | forgotten_topics COMPACT_ARRAY | rack_id COMPACT_STRING | TAGS
*/
/** The request without its header. */
export function encodeFetch(targets: readonly FetchTarget[], options: FetchOptions): Buffer {
  const writer = new ByteWriter(64 + targets.length * 48)
  writer.writeInt32(-1)
  writer.writeInt32(options.waitMsMax)
  writer.writeInt32(options.bytesMin)
  writer.writeInt32(options.bytesMax)
  writer.writeUInt8(options.readCommitted ? 1 : 0)
  writer.writeInt32(0)
  // Session epoch -1: no fetch session; every request is complete in itself.
  writer.writeInt32(-1)
  const topics = Map.groupBy(targets, target => target.topic)
  writeUnsignedVarint(writer, topics.size + 1)
  for (const [topic, partitions] of topics) {
    writeCompactString(writer, topic)
    writeUnsignedVarint(writer, partitions.length + 1)
    for (const { partition, leaderEpoch, fetchOffset } of partitions) {
      writer.writeInt32(partition)
      writer.writeInt32(leaderEpoch)
      writer.writeSafeInt64(fetchOffset)
      writer.writeInt32(-1)
      writer.writeSafeInt64(-1)
      writer.writeInt32(options.partitionBytesMax)
      writer.writeUInt8(0)
    }
    writer.writeUInt8(0)
  }
  writeUnsignedVarint(writer, 1)
  writeCompactString(writer, options.rack)
  writer.writeUInt8(0)
  return writer.view()
}

/*
  throttle_time_ms INT32 | error_code INT16 | session_id INT32 | responses COMPACT_ARRAY:
  topic COMPACT_STRING, partitions COMPACT_ARRAY: partition_index INT32, error_code INT16,
    high_watermark INT64, last_stable_offset INT64, log_start_offset INT64,
    aborted_transactions COMPACT_ARRAY: producer_id INT64, first_offset INT64, TAGS
    preferred_read_replica INT32, records COMPACT_RECORDS, TAGS
  | TAGS | TAGS
*/
/** Reads the response body; record sets are left as ranges. */
export function parseFetch(bytes: Buffer): FetchResponse {
  const partitions: FetchedPartition[] = []
  const errorCode = bytes.readInt16BE(4)
  let at = 10
  const topicCount = readUnsignedVarint(bytes, at) - 1
  at = varintEnd
  for (let t = 0; t < topicCount; t++) {
    const nameEnd = readUnsignedVarint(bytes, at) - 1 + varintEnd
    const topic = bytes.utf8Slice(varintEnd, nameEnd)
    const partitionCount = readUnsignedVarint(bytes, nameEnd) - 1
    at = varintEnd
    for (let p = 0; p < partitionCount; p++) {
      at = parsePartition(bytes, at, { topic, partitions })
    }
    at = skipTags(bytes, at)
  }
  return { errorCode, bytes, partitions }
}

function parsePartition(
  bytes: Buffer,
  start: number,
  into: { topic: string; partitions: FetchedPartition[] },
): number {
  const abortedCount = readUnsignedVarint(bytes, start + 30) - 1
  let at = varintEnd
  const aborted: AbortedTransaction[] = []
  for (let i = 0; i < abortedCount; i++) {
    const producerId = readSafeInt64(bytes, at)
    aborted.push({ producerId, firstOffset: readSafeInt64(bytes, at + 8) })
    at = skipTags(bytes, at + 16)
  }
  if (aborted.length > 1) aborted.sort((a, b) => a.firstOffset - b.firstOffset)
  const recordBytes = Math.max(0, readUnsignedVarint(bytes, at + 4) - 1)
  const recordsStart = varintEnd
  into.partitions.push({
    topic: into.topic,
    partition: bytes.readInt32BE(start),
    errorCode: bytes.readInt16BE(start + 4),
    highWatermark: readSafeInt64(bytes, start + 6),
    lastStableOffset: readSafeInt64(bytes, start + 14),
    logStartOffset: readSafeInt64(bytes, start + 22),
    aborted,
    preferredReplica: bytes.readInt32BE(at),
    start: recordsStart,
    end: recordsStart + recordBytes,
  })
  return skipTags(bytes, recordsStart + recordBytes)
}

function skipTags(bytes: Buffer, start: number): number {
  const count = readUnsignedVarint(bytes, start)
  let at = varintEnd
  for (let i = 0; i < count; i++) {
    readUnsignedVarint(bytes, at)
    at = readUnsignedVarint(bytes, varintEnd)
    at += varintEnd
  }
  return at
}

function writeUnsignedVarint(writer: ByteWriter, value: number): void {
  let rest = value
  while (rest > 127) {
    writer.writeUInt8((rest & 127) | 128)
    rest >>>= 7
  }
  writer.writeUInt8(rest)
}

function writeCompactString(writer: ByteWriter, text: string): void {
  writeUnsignedVarint(writer, Buffer.byteLength(text) + 1)
  writer.writeUtf8(text)
}
