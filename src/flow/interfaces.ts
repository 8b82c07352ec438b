/**
 * The contracts between the engine and its components. The engine alone retries, reopens,
 * tolerates, dead-letters, commits and measures; components stay naive: they throw a
 * `ScamanderError` and its kind tells the engine what to do. A component never loops by itself
 * over a lost connection: it throws `disconnected` and the engine calls `open` again.
 */
import type { ScamanderError } from '../base/scamander-error.ts'
import type { FlowRecord, Header, RawHeader, RawMessage } from './record.ts'
import type { Schema } from './schema.ts'
import type { Value } from './value.ts'

/** The next offset to read of one topic partition, with the commit's metadata text. */
export interface TopicPosition {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly metadata?: string
}

/** One delivery of a source. */
export interface Batch<T> {
  readonly items: readonly T[]
  /** Bytes held by the items, for limits. */
  readonly sizeBytes: number
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface AssignmentListener {
  /** Called after partitions were given; positions as committed (offset -1: none). */
  assigned(positions: readonly TopicPosition[]): void
  /** Called before partitions are taken; resolves when their work is finished and committed. */
  revoked(partitions: readonly TopicPartition[]): Promise<void>
}

/**
 * A source of Kafka messages with seekable positions; one per task.
 * `read` is never called concurrently, returns within a second, with an empty batch when idle.
 */
export interface TopicSource {
  open(listener: AssignmentListener, signal: AbortSignal): Promise<void>
  read(signal: AbortSignal): Promise<Batch<RawMessage>>
  /** Positions are next offsets to read. */
  commit(positions: readonly TopicPosition[]): Promise<void>
  /** Later reads of that partition start there. Anything prefetched for it is dropped. */
  seek(position: TopicPosition): void
  /**
   * Stops delivery of these partitions, or of all present and future ones when none are named.
   * Group membership is kept; `read` goes on returning what is not paused, or empty batches.
   */
  pause(partitions?: readonly TopicPartition[]): void
  resume(partitions?: readonly TopicPartition[]): void
  close(): Promise<void>
}

/** What a converter answers; it may answer with the same object again: read it before the next call. */
export interface Decoded {
  readonly schema: Schema | null
  readonly value: Value
}

/**
 * Key and value use independent instances. No I/O; throws kind `data`, or `SchemaNeeded` when a
 * schema of a registry must be fetched before the same call is repeated.
 */
export interface Converter {
  /**
   * `bytes[start..start+length)`; length -1 is a Kafka null. The result may keep views. `headers`
   * are the message's own: a producer may have put the id of the schema there.
   */
  decode(
    topic: string,
    bytes: Buffer,
    start: number,
    length: number,
    headers?: readonly RawHeader[],
  ): Decoded
  /** Null is a Kafka null. */
  encode(topic: string, schema: Schema | null, value: Value): Buffer | null
}

export interface HeaderConverter {
  decode(topic: string, header: RawHeader): Header
  encode(topic: string, header: Header): Buffer | null
}

/** Pure and synchronous; undefined drops the record. */
export interface Transform {
  apply(record: FlowRecord): FlowRecord | undefined
}

export interface Failure {
  /** Index into the records given to `write`. */
  readonly index: number
  readonly error: ScamanderError
  /** Whether the record itself could not be mapped, or the target refused or missed the write. */
  readonly origin: 'mapping' | 'driver'
}

/** Lists failed records only, in ascending index order; all others are written. */
export interface Outcome {
  readonly failures: readonly Failure[]
}

export interface Sink {
  open(signal: AbortSignal): Promise<void>
  /** Resolves when every record was written or failed. At most `concurrentWritesMax` at once. */
  write(records: readonly FlowRecord[], signal: AbortSignal): Promise<Outcome>
  close(): Promise<void>
  readonly concurrentWritesMax: number
  /** Text kept beside a committed offset whose last record had this timestamp. */
  positionMetadata?(partition: TopicPartition, timestampMs: number): string
  /** Gives that text back when the partition is assigned, before its first record. */
  restorePosition?(position: TopicPosition): void
  /** What it wrote and has had no answer to; undefined: nothing, or answers come. */
  unanswered?(): Unanswered | undefined
}

/** Requests under way at a server that says nothing. */
export interface Unanswered {
  readonly server: 'Cassandra' | 'Kafka'
  /** The node that owes the answer. */
  readonly node: string
  readonly silentMs: number
  readonly inFlight: number
}
