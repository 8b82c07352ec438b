/**
 * Encodes records into one record batch: the producer calls it per partition and request.
 * Two passes: sizes first, so that every length is written once and nothing is copied twice.
 * Invariant: what `encodeBatch` writes, `RecordReader` reads back equal, and any broker accepts.
 * Spec: Kafka record batch format, magic 2 (layout drawn in record-reader.ts).
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import type { RawHeader } from '../../flow/index.ts'
import { COMPRESSIONS, type CompressionName, compress } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { sizeOfVarint, sizeOfVarlong } from './varint.ts'

/** What one record of a batch is made of. */
export interface BatchRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RawHeader[]
  readonly timestampMs: number
}

/** Who writes: the broker checks epoch and sequence. */
export interface BatchProducer {
  readonly id: bigint
  readonly epoch: number
  /** The batch is part of a transaction. */
  readonly isTransactional: boolean
  /** Records that this producer wrote to the partition before. */
  readonly sequence: number
}

const HEADER_BYTES = 61
const TRANSACTIONAL = 16

/** One batch with `records` in order; not empty. The result is a fresh buffer. */
export function encodeBatch(
  records: readonly BatchRecord[],
  compression: CompressionName,
  producer?: BatchProducer,
): Buffer {
  const baseTimestampMs = records[0]!.timestampMs
  let maxTimestampMs = baseTimestampMs
  let bodyBytes = 0
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!
    if (record.timestampMs > maxTimestampMs) maxTimestampMs = record.timestampMs
    const size = recordBytes(record, i, baseTimestampMs)
    bodyBytes += sizeOfVarint(size) + size
  }
  const writer = new ByteWriter(HEADER_BYTES + bodyBytes)
  writer.position = HEADER_BYTES
  for (let i = 0; i < records.length; i++) writeRecord(writer, records[i]!, [i, baseTimestampMs])
  const batch = withCompression(writer, compression)
  writeHeader(batch, {
    attributes: COMPRESSIONS.indexOf(compression) | (producer?.isTransactional ? TRANSACTIONAL : 0),
    producer,
    count: records.length,
    baseTimestampMs,
    maxTimestampMs,
  })
  return batch
}

/** Bytes that a record adds to a batch at most: for limits before encoding. */
export function recordBytesMax(record: BatchRecord): number {
  return recordBytes(record, 0x7fffffff, 0) + 5
}

function withCompression(writer: ByteWriter, compression: CompressionName): Buffer {
  const plain = writer.view()
  if (compression === 'none') return plain
  const body = compress(compression, plain.subarray(HEADER_BYTES))
  return Buffer.concat([plain.subarray(0, HEADER_BYTES), body])
}

interface HeaderFields {
  readonly attributes: number
  /** Undefined: not idempotent, not transactional. */
  readonly producer: BatchProducer | undefined
  readonly count: number
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
}

function writeHeader(batch: Buffer, fields: HeaderFields): void {
  batch.fill(0, 0, 8)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt32BE(-1, 12)
  batch[16] = 2
  batch.writeInt16BE(fields.attributes, 21)
  batch.writeInt32BE(fields.count - 1, 23)
  batch.writeBigInt64BE(BigInt(fields.baseTimestampMs), 27)
  batch.writeBigInt64BE(BigInt(fields.maxTimestampMs), 35)
  if (fields.producer === undefined) batch.fill(0xff, 43, 57)
  else {
    batch.writeBigInt64BE(fields.producer.id, 43)
    batch.writeInt16BE(fields.producer.epoch, 51)
    batch.writeInt32BE(fields.producer.sequence, 53)
  }
  batch.writeInt32BE(fields.count, 57)
  batch.writeUInt32BE(crc32c(batch, 21, batch.length), 17)
}

function recordBytes(record: BatchRecord, index: number, baseTimestampMs: number): number {
  let size = 1 + sizeOfVarlong(record.timestampMs - baseTimestampMs) + sizeOfVarint(index)
  size += bytesSize(record.key) + bytesSize(record.value) + sizeOfVarint(record.headers.length)
  for (const header of record.headers) {
    const nameBytes = Buffer.byteLength(header.name)
    size += sizeOfVarint(nameBytes) + nameBytes + bytesSize(header.value)
  }
  return size
}

function bytesSize(bytes: Buffer | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length
}

function writeRecord(
  writer: ByteWriter,
  record: BatchRecord,
  [index, baseTimestampMs]: readonly [number, number],
): void {
  writeVarint(writer, recordBytes(record, index, baseTimestampMs))
  writer.writeUInt8(0)
  writeVarlong(writer, record.timestampMs - baseTimestampMs)
  writeVarint(writer, index)
  writeBytes(writer, record.key)
  writeBytes(writer, record.value)
  writeVarint(writer, record.headers.length)
  for (const header of record.headers) {
    writeVarint(writer, Buffer.byteLength(header.name))
    writer.writeUtf8(header.name)
    writeBytes(writer, header.value)
  }
}

function writeBytes(writer: ByteWriter, bytes: Buffer | null): void {
  writeVarint(writer, bytes === null ? -1 : bytes.length)
  if (bytes !== null) writer.writeBytes(bytes)
}

function writeVarint(writer: ByteWriter, value: number): void {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  while (rest > 127) {
    writer.writeUInt8((rest & 127) | 128)
    rest >>>= 7
  }
  writer.writeUInt8(rest)
}

function writeVarlong(writer: ByteWriter, value: number): void {
  let rest = value < 0 ? -2 * (value + 1) + 1 : 2 * value
  while (rest > 127) {
    writer.writeUInt8((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  writer.writeUInt8(rest)
}
