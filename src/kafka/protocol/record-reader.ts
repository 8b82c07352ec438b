/**
 * Decodes the record batches of one partition in a fetch response into raw messages.
 * The consumer makes one reader per partition and response and takes as many messages as it wants;
 * a message is a set of ranges into the response (or into the batch's decompressed bytes).
 * Invariants: messages below the wanted offset, control batches and, for read_committed, batches of
 * aborted transactions never come out; `nextOffset` moves past them. Bytes are read only after the
 * batch's CRC matched (unless switched off). An incomplete batch at the end is left alone.
 * Spec: Kafka record batch format, magic 2.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { NO_TIMESTAMP, type RawHeader, RawMessage } from '../../flow/index.ts'
import { KAFKA_ERRORS } from '../errors.ts'
import { decompress } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { readVarint, readVarlong, varintEnd } from './varint.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface RecordReaderOptions {
  readonly origin: { readonly topic: string; readonly partition: number }
  /** Messages below it are skipped. */
  readonly fromOffset: number
  readonly checkCrc: boolean
  /** Set for read_committed, ascending by first offset. */
  readonly aborted?: readonly AbortedTransaction[] | undefined
}

/*
  Record batch, big-endian:
    0 baseOffset int64 | 8 batchLength int32 (bytes after it) | 12 partitionLeaderEpoch int32
    16 magic int8 | 17 crc uint32 | 21 attributes int16 | 23 lastOffsetDelta int32
    27 baseTimestamp int64 | 35 maxTimestamp int64 | 43 producerId int64 | 51 producerEpoch int16
    53 baseSequence int32 | 57 recordCount int32 | 61 records
  Attributes: bits 0-2 compression, 3 log-append time, 4 transactional, 5 control
  Record: length varint | attributes int8 | timestampDelta varlong | offsetDelta varint
    | keyLength varint, key | valueLength varint, value | headerCount varint, headers
*/
const HEADER_BYTES = 61
const LOG_APPEND_TIME = 8
const TRANSACTIONAL = 16
const CONTROL = 32

// Filled and read again by every RawMessage constructor; one object each, for ever.
const at = { offset: 0, timestampMs: 0 }
const ranges = {
  bytes: Buffer.alloc(0) as Buffer,
  keyStart: 0,
  keyLength: 0,
  valueStart: 0,
  valueLength: 0,
  headers: [] as readonly RawHeader[],
}
const NO_HEADERS: readonly RawHeader[] = Object.freeze([])

export class RecordReader {
  /** Offset behind the last message given out or batch passed. */
  nextOffset: number
  readonly #bytes: Buffer
  readonly #end: number
  readonly #options: RecordReaderOptions
  readonly #abortedProducers = new Set<number>()
  #abortedSeen = 0
  /** Start of the next batch. */
  #batchAt: number
  // The current batch: where its records lie, and how many are left.
  #records: Buffer
  #recordAt = 0
  #recordsEnd = 0
  #recordsLeft = 0
  #baseOffset = 0
  #baseTimestampMs = 0
  #appendTimestampMs = NO_TIMESTAMP
  #isAppendTime = false
  #batchNextOffset = 0

  /** Reads `bytes[start..end)`. */
  constructor(bytes: Buffer, range: readonly [number, number], options: RecordReaderOptions) {
    this.#bytes = bytes
    this.#records = bytes
    this.#batchAt = range[0]
    this.#end = range[1]
    this.#options = options
    this.nextOffset = options.fromOffset
  }

  /** Appends up to `countMax` messages to `out`; returns their bytes. */
  read(out: RawMessage[], countMax: number): number {
    const full = out.length + countMax
    let sizeBytes = 0
    while (out.length < full) {
      if (this.#recordsLeft === 0) {
        if (!this.#openBatch()) break
        continue
      }
      sizeBytes += this.#readRecords(out, full)
      if (this.#recordsLeft === 0) this.nextOffset = this.#batchNextOffset
    }
    return sizeBytes
  }

  /** False when nothing more can come out of these bytes. */
  get hasMore(): boolean {
    return this.#recordsLeft > 0 || completeBatchEnd(this.#bytes, this.#batchAt, this.#end) > 0
  }

  /** Moves to the next batch; false when there is no complete one. */
  #openBatch(): boolean {
    const bytes = this.#bytes
    const start = this.#batchAt
    const end = completeBatchEnd(bytes, start, this.#end)
    if (end < 0) return false
    this.#batchAt = end
    const baseOffset = readSafeInt64(bytes, start)
    this.#checkBatch(start, end, baseOffset)
    const attributes = bytes.readInt16BE(start + 21)
    this.#batchNextOffset = baseOffset + bytes.readInt32BE(start + 23) + 1
    const skip =
      this.#batchNextOffset <= this.#options.fromOffset ||
      this.#isAbortedOrControl(start, attributes)
    if (skip) {
      this.nextOffset = Math.max(this.nextOffset, this.#batchNextOffset)
      return true
    }
    this.#baseOffset = baseOffset
    this.#baseTimestampMs = readSafeInt64(bytes, start + 27)
    this.#appendTimestampMs = readSafeInt64(bytes, start + 35)
    this.#isAppendTime = (attributes & LOG_APPEND_TIME) !== 0
    this.#openRecords(start, end, attributes & 7)
    // A batch that compaction emptied has no records but an offset range.
    if (this.#recordsLeft === 0) this.nextOffset = this.#batchNextOffset
    return true
  }

  #openRecords(start: number, end: number, codec: number): void {
    this.#recordsLeft = this.#bytes.readInt32BE(start + 57)
    if (codec === 0 || this.#recordsLeft === 0) {
      this.#records = this.#bytes
      this.#recordAt = start + HEADER_BYTES
      this.#recordsEnd = end
      return
    }
    try {
      this.#records = decompress(codec, this.#bytes, [start + HEADER_BYTES, end])
    } catch (cause) {
      throw this.#corrupt(`batch does not decompress with codec ${codec}`, cause)
    }
    this.#recordAt = 0
    this.#recordsEnd = this.#records.length
  }

  #checkBatch(start: number, end: number, baseOffset: number): void {
    const bytes = this.#bytes
    if (!Number.isSafeInteger(baseOffset)) throw this.#corrupt('batch offset is beyond 2^53')
    const magic = bytes[start + 16]!
    if (magic !== 2)
      throw this.#corrupt(`batch format is ${magic}, expected 2 (Kafka 0.11 or newer)`)
    if (!this.#options.checkCrc) return
    const found = crc32c(bytes, start + 21, end)
    const expected = bytes.readUInt32BE(start + 17)
    if (found !== expected) throw this.#corrupt(`CRC is ${found}, the batch says ${expected}`)
  }

  /** Follows the aborted transactions up to this batch, and tells whether to leave it out. */
  #isAbortedOrControl(start: number, attributes: number): boolean {
    const isControl = (attributes & CONTROL) !== 0
    const aborted = this.#options.aborted
    if (aborted === undefined || aborted.length === 0) return isControl
    while (
      this.#abortedSeen < aborted.length &&
      aborted[this.#abortedSeen]!.firstOffset < this.#batchNextOffset
    ) {
      this.#abortedProducers.add(aborted[this.#abortedSeen]!.producerId)
      this.#abortedSeen += 1
    }
    if ((attributes & TRANSACTIONAL) === 0) return isControl
    const producerId = readSafeInt64(this.#bytes, start + 43)
    if (!isControl) return this.#abortedProducers.has(producerId)
    // A marker ends its producer's transaction; the next aborted one is in the list again.
    this.#abortedProducers.delete(producerId)
    return true
  }

  #readRecords(out: RawMessage[], full: number): number {
    const bytes = this.#records
    const origin = this.#options.origin
    const fromOffset = this.#options.fromOffset
    const started = this.#recordAt
    let position = started
    let left = this.#recordsLeft
    ranges.bytes = bytes
    while (left > 0 && out.length < full) {
      const length = readVarint(bytes, position)
      const recordEnd = varintEnd + length
      if (length < 6 || recordEnd > this.#recordsEnd) throw this.#corrupt('record length is wrong')
      const timestampDelta = readVarlong(bytes, varintEnd + 1)
      const offset = this.#baseOffset + readVarint(bytes, varintEnd)
      ranges.keyLength = readVarint(bytes, varintEnd)
      ranges.keyStart = varintEnd
      const keyEnd = ranges.keyLength > 0 ? varintEnd + ranges.keyLength : varintEnd
      ranges.valueLength = readVarint(bytes, keyEnd)
      ranges.valueStart = varintEnd
      const valueEnd = ranges.valueLength > 0 ? varintEnd + ranges.valueLength : varintEnd
      if (valueEnd >= recordEnd) throw this.#corrupt('key or value is longer than its record')
      ranges.headers = bytes[valueEnd] === 0 ? NO_HEADERS : this.#readHeaders(valueEnd, recordEnd)
      position = recordEnd
      left -= 1
      if (offset < fromOffset) continue
      at.offset = offset
      at.timestampMs = this.#timestampMs(timestampDelta)
      out.push(new RawMessage(origin, at, ranges))
      this.nextOffset = offset + 1
    }
    this.#recordAt = position
    this.#recordsLeft = left
    return position - started
  }

  #timestampMs(delta: number): number {
    if (this.#isAppendTime) return this.#appendTimestampMs
    return this.#baseTimestampMs < 0 ? NO_TIMESTAMP : this.#baseTimestampMs + delta
  }

  #readHeaders(start: number, end: number): readonly RawHeader[] {
    const bytes = this.#records
    const count = readVarint(bytes, start)
    let position = varintEnd
    if (count < 0 || count > end - position) throw this.#corrupt('header count is wrong')
    const headers: RawHeader[] = []
    for (let i = 0; i < count; i++) {
      const nameLength = readVarint(bytes, position)
      const nameEnd = varintEnd + nameLength
      if (nameLength < 0 || nameEnd > end) throw this.#corrupt('header name is too long')
      const name = bytes.utf8Slice(varintEnd, nameEnd)
      const valueLength = readVarint(bytes, nameEnd)
      position = valueLength < 0 ? varintEnd : varintEnd + valueLength
      if (position > end) throw this.#corrupt('header value is too long')
      headers.push({ name, value: valueLength < 0 ? null : bytes.subarray(varintEnd, position) })
    }
    return headers
  }

  #corrupt(what: string, cause?: unknown): ScamanderError {
    const { topic, partition } = this.#options.origin
    const message = `${what}, in ${topic}-${partition} near offset ${this.nextOffset}`
    const context = { topic, partition, offset: this.nextOffset }
    return new ScamanderError(KAFKA_ERRORS.CORRUPT, message, { context, cause })
  }
}

/** Offset behind the last complete batch of `bytes[start..end)`; -1 when there is none. */
export function lastBatchNextOffset(bytes: Buffer, start: number, end: number): number {
  let next = -1
  for (let from = start; ; ) {
    const batchEnd = completeBatchEnd(bytes, from, end)
    if (batchEnd < 0) return next
    // Formats 0 and 1 have no such field; the reader refuses them when it comes there.
    if (bytes[from + 16] === 2) next = readSafeInt64(bytes, from) + bytes.readInt32BE(from + 23) + 1
    else return readSafeInt64(bytes, from) + 1
    from = batchEnd
  }
}

/** A 64-bit integer as a number; beyond 2^53 it is no longer exact. */
export function readSafeInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4)
}

/** End of the batch that starts at `start`, or -1 when it is not complete. */
function completeBatchEnd(bytes: Buffer, start: number, end: number): number {
  if (start + HEADER_BYTES > end) return -1
  const batchEnd = start + 12 + bytes.readInt32BE(start + 8)
  return batchEnd > end || batchEnd < start + HEADER_BYTES ? -1 : batchEnd
}
