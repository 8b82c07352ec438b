/**
 * The converter of every format with a schema registry: framing, schemas by id, header ids,
 * subjects, registration. The format itself is a `SchemaCodec`.
 * Used as key, value and header converter. Spec: connect-rest 12.
 * Invariants: no I/O here, a schema that is missing is thrown as `SchemaNeeded`; one instance has one
 * owner; a null stays a Kafka null in both directions.
 *
 *   byte 0: 0x00 | bytes 1-4: schema id, big-endian | payload
 *   header `__key_schema_id`, `__value_schema_id`: 0x01 | 16 bytes GUID | message path (Protobuf)
 *   or 0x00 | 4 bytes id | message path; the payload then has no prefix
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import type {
  Converter,
  Decoded,
  RawHeader,
  Schema,
  SchemaRegistry,
  Value,
} from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import { materialise } from '../materialise.ts'
import { EncoderStore } from './encoder-store.ts'
import type { WriteRules } from './registry-settings.ts'
import type { PayloadDecoder, SchemaCodec } from './schema-codec.ts'
import { SchemaStore } from './schema-store.ts'

const NULL: Decoded = { schema: null, value: null }
const PREFIX_BYTES = 5
const GUID_BYTES = 16
const HEADER_ID_BYTES = 5
const NO_HEADERS: readonly RawHeader[] = []

export interface RegistryConverterParts {
  readonly codec: SchemaCodec
  readonly registry: SchemaRegistry
  readonly rules: WriteRules
  readonly cacheEntriesMax: number
  readonly clock?: Clock
}

export class RegistryConverter implements Converter {
  readonly #codec: SchemaCodec
  readonly #registry: SchemaRegistry
  readonly #decoders: SchemaStore<number | string, PayloadDecoder>
  readonly #encoders: EncoderStore
  readonly #idHeader: string
  readonly #writer = new ByteWriter()
  /** The schema of the last message: topics mostly carry one. */
  #lastId = -1
  #lastDecoder: PayloadDecoder | undefined

  constructor(parts: RegistryConverterParts) {
    this.#codec = parts.codec
    this.#registry = parts.registry
    this.#decoders = new SchemaStore(parts.cacheEntriesMax, parts.clock ?? systemClock)
    this.#encoders = new EncoderStore(parts)
    this.#idHeader = parts.rules.isKey ? '__key_schema_id' : '__value_schema_id'
  }

  decode(
    _topic: string,
    bytes: Buffer,
    start: number,
    length: number,
    headers: readonly RawHeader[] = NO_HEADERS,
  ): Decoded {
    if (length < 0) return NULL
    if (headers.length > 0) {
      const header = headers.find(one => one.name === this.#idHeader)?.value
      if (header != null) return this.#decodeByHeader(header, bytes, start, length)
    }
    if (length < PREFIX_BYTES || bytes[start] !== 0) throw notFramed(bytes, start, length)
    const id = bytes.readUInt32BE(start + 1)
    const decoder = id === this.#lastId ? this.#lastDecoder! : this.#decoderOf(id)
    return decoder.decode(bytes, start + PREFIX_BYTES, start + length)
  }

  encode(topic: string, schema: Schema | null, given: Value): Buffer | null {
    const value = schema === null ? materialise(given) : given
    if (value === null) {
      if (schema === null || schema.optional) return null
      throw dataError(CONVERT_ERRORS.VALUE, 'Found null value for non-optional schema')
    }
    const { id, encoder } = this.#encoders.get(topic, schema)
    const out = this.#writer
    out.reset()
    out.writeUInt8(0)
    out.writeInt32(id)
    encoder.write(out, value)
    // A copy: the writer's bytes are overwritten by the next message.
    return Buffer.from(out.view())
  }

  #decodeByHeader(header: Buffer, bytes: Buffer, start: number, length: number): Decoded {
    const isGuid = header[0] === 1
    const size = isGuid ? 1 + GUID_BYTES : HEADER_ID_BYTES
    if (header.length < size || (!isGuid && header[0] !== 0)) {
      throw dataError(
        CONVERT_ERRORS.BYTES,
        `Header ${this.#idHeader}: expected a schema id of 5 or a GUID of 17 bytes, found ${header.length} bytes`,
      )
    }
    const decoder = isGuid
      ? this.#decoderOfGuid(guidText(header))
      : this.#decoderOf(header.readUInt32BE(1))
    const indexes = header.length > size ? header.subarray(size) : undefined
    return decoder.decode(bytes, start, start + length, indexes)
  }

  #decoderOf(id: number): PayloadDecoder {
    const decoder = this.#decoders.get(id)
    if (decoder === undefined) {
      throw this.#decoders.need(id, `schema id ${id}`, async () => {
        return this.#compile(await this.#registry.fetchById(id), `schema id ${id}`)
      })
    }
    this.#lastId = id
    this.#lastDecoder = decoder
    return decoder
  }

  #decoderOfGuid(guid: string): PayloadDecoder {
    const decoder = this.#decoders.get(guid)
    if (decoder !== undefined) return decoder
    throw this.#decoders.need(guid, `schema guid ${guid}`, async () => {
      return this.#compile(await this.#registry.fetchByGuid(guid), `schema guid ${guid}`)
    })
  }

  #compile(schema: Awaited<ReturnType<SchemaRegistry['fetchById']>>, what: string): PayloadDecoder {
    const codec = this.#codec
    if (schema.format !== codec.format) {
      throw dataError(
        CONVERT_ERRORS.SCHEMA,
        `${what}: expected a schema of type ${codec.format}, found ${schema.format}: the producer used another serializer`,
      )
    }
    return codec.compileDecoder(schema)
  }
}

function notFramed(bytes: Buffer, start: number, length: number) {
  const found =
    length < PREFIX_BYTES
      ? `${length} bytes`
      : `first byte 0x${bytes[start]!.toString(16).padStart(2, '0')}`
  return dataError(
    CONVERT_ERRORS.FRAMING,
    `Unknown magic byte! Expected byte 0x00 and a schema id of 4 bytes, found ${found}`,
  )
}

function guidText(header: Buffer): string {
  const hex = header.toString('hex', 1, 1 + GUID_BYTES)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
