/**
 * The contract of sources that are not topics: tables read by query, the commit log. A source gives
 * records with positions of its own making; the engine transforms, converts and produces them, and
 * keeps the positions in the runtime's offset store.
 * Guarantee the engine gives: a position is stored only after every record given before it, in that
 * batch and all earlier ones, was accepted by Kafka or given up by the error policy.
 * Spec: connect-rest 13 (source loop), 17 (offsets); design, "The flow".
 */
import type { ScamanderError } from '../base/scamander-error.ts'
import type { Batch } from './interfaces.ts'
import { FlowRecord, type Header, RawMessage } from './record.ts'
import type { Schema } from './schema.ts'
import type { Value } from './value.ts'

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

/** What is read: a table, a token range, a log. Equal JSON (whatever the key order) is the same. */
export type SourcePartition = { readonly [name: string]: JsonValue }
/** How far it was read; the source alone understands it. */
export type SourceOffset = { readonly [name: string]: JsonValue }

export interface SourcePosition {
  readonly partition: SourcePartition
  readonly offset: SourceOffset
}

export interface SourceRecordData {
  readonly topic: string
  /** Chosen by the producer when not given. */
  readonly kafkaPartition?: number
  /** Whole and not negative: records of one hash go to one partition; in place of the key's hash. */
  readonly partitionHash?: number
  readonly keySchema: Schema | null
  readonly key: Value
  readonly valueSchema: Schema | null
  readonly value: Value
  readonly headers?: readonly Header[]
  /** The time of producing when not given. */
  readonly timestampMs?: number
  /**
   * Reached once this record and everything before it is accepted; null when only the batch has
   * positions. Objects may be shared between records and must not be changed afterwards.
   */
  readonly position: SourcePosition | null
}

const NO_HEADERS: readonly never[] = Object.freeze([])
const NO_BYTES = Buffer.alloc(0)

/** Stands where a sink's record has its message: partition and offset -1 say that there is none. */
const NO_MESSAGE = new RawMessage(
  { topic: '', partition: -1 },
  { offset: -1, timestampMs: -1 },
  { bytes: NO_BYTES, keyStart: 0, keyLength: -1, valueStart: 0, valueLength: -1 },
)

/** What a source gives. Transforms see it as a record; partition and position stay as given. */
export class SourceRecord extends FlowRecord {
  /** -1: the producer chooses. */
  readonly kafkaPartition: number
  /** -1: none. */
  readonly partitionHash: number
  readonly position: SourcePosition | null

  constructor(data: SourceRecordData) {
    super(
      NO_MESSAGE,
      { schema: data.keySchema, value: data.key },
      { schema: data.valueSchema, value: data.value },
      data.headers ?? NO_HEADERS,
    )
    this.topic = data.topic
    this.timestampMs = data.timestampMs ?? -1
    this.kafkaPartition = data.kafkaPartition ?? -1
    this.partitionHash = data.partitionHash ?? -1
    this.position = data.position
  }
}

export interface SourceBatch extends Batch<SourceRecord> {
  /**
   * Reached once all items are accepted, after the positions of the items themselves. Also with no
   * items: progress through what gave no record.
   */
  readonly positions?: readonly SourcePosition[]
  /** Why some rows gave no record: errors of kind `data`, judged by the error policy. */
  readonly failures?: readonly ScamanderError[]
}

/** Positions of the connector as they are stored now. */
export interface StoredOffsets {
  /** One answer per partition, in order; undefined: none stored. */
  read(partitions: readonly SourcePartition[]): Promise<(SourceOffset | undefined)[]>
  /** Everything stored for this connector, also by its other tasks. */
  readAll(): Promise<SourcePosition[]>
}

export interface SourceOpening {
  readonly offsets: StoredOffsets
}

/**
 * One per task. The engine calls `open`, then `read` again and again, never concurrently, then
 * `close`. After an error of kind `retriable` or `disconnected` from any of them it waits until
 * everything given is settled and stored, then calls `close` and `open` again: the source begins at
 * the stored offsets, never at what it remembers. Any other error fails the task.
 */
export interface RecordSource {
  open(opening: SourceOpening, signal: AbortSignal): Promise<void>
  /**
   * Returns within about a second, with an empty batch when idle; undefined: there will never be
   * more (the task then stays, idle). When the signal aborts it returns at once.
   */
  read(signal: AbortSignal): Promise<SourceBatch | undefined>
  /**
   * Kafka accepted everything up to these positions and they are stored; the last of each partition
   * only, in the order in which they were given. Never concurrent with itself; may be concurrent
   * with `read`. A failure is logged and does not stop the task.
   */
  commit?(positions: readonly SourcePosition[]): Promise<void>
  close(): Promise<void>
}
