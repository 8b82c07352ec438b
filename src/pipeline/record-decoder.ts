/**
 * Turns raw messages into records: key, value and header converters, then the transform chain.
 * Called by the sink task once per delivery. A record that fails carries its stage and the class
 * that was executing, as Connect's dead letters want it (connect-rest 14).
 * A schema that a converter lacks is answered as it is (`SchemaNeeded`): the caller fetches it and
 * decodes again. Invariant: pure and synchronous; throws for a broken invariant only, never for bad data.
 */
import { AssertionFailure } from '../base/assert.ts'
import { messageOf, PLAIN_DATA_ERROR, ScamanderError, type Stage } from '../base/scamander-error.ts'
import {
  type Converter,
  FlowRecord,
  type Header,
  type HeaderConverter,
  type RawMessage,
  SchemaNeeded,
  type Transform,
} from '../flow/index.ts'

/** A component with the class name that users configured it by. */
export interface Named<T> {
  readonly className: string
  readonly component: T
}

export interface DecoderParts {
  readonly key: Named<Converter>
  readonly value: Named<Converter>
  readonly header: Named<HeaderConverter>
  readonly transforms: readonly Named<Transform>[]
}

/** Why a record did not get through. */
export interface DecodeFailure {
  readonly message: RawMessage
  readonly stage: Stage
  readonly className: string
  readonly error: ScamanderError
}

const NO_HEADERS: readonly Header[] = []

export class RecordDecoder {
  readonly #parts: DecoderParts
  #stage: Stage = 'KEY_CONVERTER'
  #className = ''

  constructor(parts: DecoderParts) {
    this.#parts = parts
  }

  /** The record, undefined when a transform dropped it, the failure, or the schema that is missing. */
  decode(message: RawMessage): FlowRecord | DecodeFailure | SchemaNeeded | undefined {
    try {
      return this.#transform(this.#convert(message))
    } catch (error) {
      if (error instanceof SchemaNeeded) return error
      return {
        message,
        stage: this.#stage,
        className: this.#className,
        error: asDataError(error, this.#stage),
      }
    }
  }

  /** For the message that `decode` was just called with: the schema it lacks is given up. */
  failureOf(message: RawMessage, error: ScamanderError): DecodeFailure {
    return { message, stage: this.#stage, className: this.#className, error }
  }

  #convert(message: RawMessage): FlowRecord {
    const { key, value } = this.#parts
    const { topic, bytes, headers: raw } = message
    this.#enter('KEY_CONVERTER', key.className)
    const { keyStart, keyLength } = message
    const decodedKey = key.component.decode(topic, bytes, keyStart, keyLength, raw)
    this.#enter('VALUE_CONVERTER', value.className)
    const decodedValue = value.component.decode(
      topic,
      bytes,
      message.valueStart,
      message.valueLength,
      raw,
    )
    const headers = raw.length === 0 ? NO_HEADERS : this.#headers(message)
    return new FlowRecord(message, decodedKey, decodedValue, headers)
  }

  #headers(message: RawMessage): Header[] {
    const { header } = this.#parts
    this.#enter('HEADER_CONVERTER', header.className)
    return message.headers.map(raw => header.component.decode(message.topic, raw))
  }

  #transform(record: FlowRecord): FlowRecord | undefined {
    let current: FlowRecord | undefined = record
    for (const { className, component } of this.#parts.transforms) {
      this.#enter('TRANSFORMATION', className)
      current = component.apply(current)
      if (current === undefined) return undefined
    }
    return current
  }

  #enter(stage: Stage, className: string): void {
    this.#stage = stage
    this.#className = className
  }
}

/** What a component threw, as the record's error; broken invariants are thrown on. */
export function asDataError(error: unknown, stage: Stage): ScamanderError {
  if (error instanceof ScamanderError) return error
  // A broken invariant is ours, not the record's: it is never tolerated.
  if (error instanceof AssertionFailure) throw error
  return new ScamanderError(PLAIN_DATA_ERROR, messageOf(error), { stage, cause: error })
}
