/**
 * What travels: a raw message as it lies in the bytes of a fetch, and the record decoded from it.
 * Both are built in one place each (one hidden class), with all fields always present.
 * Invariant: a raw message is a view: its `bytes` stay untouched until the batch was written.
 */
import type { Schema } from './schema.ts'
import type { Value } from './value.ts'

/** `timestampMs` of a message that carries none. */
export const NO_TIMESTAMP = -1

export interface RawHeader {
  readonly name: string
  readonly value: Buffer | null
}

export interface Header {
  readonly name: string
  readonly schema: Schema | null
  readonly value: Value
}

const NO_HEADERS: readonly never[] = Object.freeze([])

export class RawMessage {
  readonly topic: string
  readonly partition: number
  /** Kafka offset; offsets beyond 2^53 are refused at the edge. */
  readonly offset: number
  readonly timestampMs: number
  readonly bytes: Buffer
  readonly keyStart: number
  /** -1: null key. */
  readonly keyLength: number
  readonly valueStart: number
  /** -1: null value. */
  readonly valueLength: number
  readonly headers: readonly RawHeader[]

  constructor(
    origin: { topic: string; partition: number },
    at: { offset: number; timestampMs: number },
    data: {
      bytes: Buffer
      keyStart: number
      keyLength: number
      valueStart: number
      valueLength: number
      headers?: readonly RawHeader[]
    },
  ) {
    this.topic = origin.topic
    this.partition = origin.partition
    this.offset = at.offset
    this.timestampMs = at.timestampMs
    this.bytes = data.bytes
    this.keyStart = data.keyStart
    this.keyLength = data.keyLength
    this.valueStart = data.valueStart
    this.valueLength = data.valueLength
    this.headers = data.headers ?? NO_HEADERS
  }

  /** The key's bytes as a view, or null. */
  key(): Buffer | null {
    if (this.keyLength < 0) return null
    return this.bytes.subarray(this.keyStart, this.keyStart + this.keyLength)
  }

  /** The value's bytes as a view, or null. */
  value(): Buffer | null {
    if (this.valueLength < 0) return null
    return this.bytes.subarray(this.valueStart, this.valueStart + this.valueLength)
  }
}

export class FlowRecord {
  topic: string
  keySchema: Schema | null
  key: Value
  valueSchema: Schema | null
  value: Value
  headers: readonly Header[]
  timestampMs: number
  /** Where it came from; transforms may change `topic`, never this. */
  readonly origin: RawMessage

  constructor(
    origin: RawMessage,
    key: { schema: Schema | null; value: Value },
    value: { schema: Schema | null; value: Value },
    headers: readonly Header[] = NO_HEADERS,
  ) {
    this.topic = origin.topic
    this.keySchema = key.schema
    this.key = key.value
    this.valueSchema = value.schema
    this.value = value.value
    this.headers = headers
    this.timestampMs = origin.timestampMs
    this.origin = origin
  }
}
