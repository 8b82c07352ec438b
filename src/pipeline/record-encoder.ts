/**
 * Turns what a source gives into what is produced: the transform chain, then key, value and header
 * converters. Called by the source task, for a whole batch at a time.
 * Two steps, because a converter may lack a schema (`SchemaNeeded`): then only the conversion is
 * repeated, never the transforms, which change the record.
 * Invariant: pure and synchronous; throws for a broken invariant only, never for bad data.
 * Spec: connect-rest 13, 14.
 */
import type { ScamanderError, Stage } from '../base/scamander-error.ts'
import {
  type Converter,
  type FlowRecord,
  type HeaderConverter,
  type RawHeader,
  SchemaNeeded,
  type SourceRecord,
  type Transform,
} from '../flow/index.ts'
import { asDataError, type Named } from './record-decoder.ts'

/** A record as Kafka takes it. */
export interface OutgoingRecord {
  readonly topic: string
  /** Chosen by the producer when not given. */
  readonly partition?: number
  /** It then goes by this hash in place of the key's. */
  readonly partitionHash?: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RawHeader[]
  /** Now, when not given. */
  readonly timestampMs?: number
}

/** Where the source wants a record; -1: the producer chooses. */
export type RecordPlace = Pick<SourceRecord, 'kafkaPartition' | 'partitionHash'>

export interface EncoderParts {
  readonly key: Named<Converter>
  readonly value: Named<Converter>
  readonly header: Named<HeaderConverter>
  readonly transforms: readonly Named<Transform>[]
}

/** Why a record did not get through. */
export class EncodeFailure {
  readonly stage: Stage
  readonly className: string
  readonly error: ReturnType<typeof asDataError>

  constructor(stage: Stage, className: string, error: ReturnType<typeof asDataError>) {
    this.stage = stage
    this.className = className
    this.error = error
  }
}

const NO_HEADERS: readonly RawHeader[] = []

export class RecordEncoder {
  readonly #parts: EncoderParts
  #stage: Stage = 'TRANSFORMATION'
  #className = ''

  constructor(parts: EncoderParts) {
    this.#parts = parts
  }

  /** The record after all transforms; undefined when one dropped it. */
  transform(record: SourceRecord): FlowRecord | EncodeFailure | undefined {
    let current: FlowRecord | undefined = record
    try {
      for (const { className, component } of this.#parts.transforms) {
        this.#enter('TRANSFORMATION', className)
        current = component.apply(current)
        if (current === undefined) return undefined
      }
      return current
    } catch (error) {
      return this.#failure(error)
    }
  }

  /** `place`: what the source gave. */
  encode(record: FlowRecord, place: RecordPlace): OutgoingRecord | EncodeFailure | SchemaNeeded {
    try {
      return this.#convert(record, place)
    } catch (error) {
      return error instanceof SchemaNeeded ? error : this.#failure(error)
    }
  }

  /** For the record that `encode` was just called with: the schema it lacks is given up. */
  failureOf(error: ScamanderError): EncodeFailure {
    return new EncodeFailure(this.#stage, this.#className, error)
  }

  #convert(
    record: FlowRecord,
    { kafkaPartition: partition, partitionHash }: RecordPlace,
  ): OutgoingRecord {
    const { key: keyPart, value: valuePart } = this.#parts
    const { topic, timestampMs } = record
    this.#enter('KEY_CONVERTER', keyPart.className)
    const key = keyPart.component.encode(topic, record.keySchema, record.key)
    this.#enter('VALUE_CONVERTER', valuePart.className)
    const value = valuePart.component.encode(topic, record.valueSchema, record.value)
    const headers = record.headers.length === 0 ? NO_HEADERS : this.#headers(record)
    if (partition >= 0 || partitionHash >= 0) {
      const at = timestampMs >= 0 ? { timestampMs } : {}
      const to = partition >= 0 ? { partition } : { partitionHash }
      return { topic, key, value, headers, ...to, ...at }
    }
    return timestampMs >= 0
      ? { topic, key, value, headers, timestampMs }
      : { topic, key, value, headers }
  }

  #headers(record: FlowRecord): RawHeader[] {
    const { header: part } = this.#parts
    this.#enter('HEADER_CONVERTER', part.className)
    return record.headers.map(header => ({
      name: header.name,
      value: part.component.encode(record.topic, header),
    }))
  }

  #failure(error: unknown): EncodeFailure {
    return new EncodeFailure(this.#stage, this.#className, asDataError(error, this.#stage))
  }

  #enter(stage: Stage, className: string): void {
    this.#stage = stage
    this.#className = className
  }
}
