/**
 * Keys, values and headers of records as text: by the schema registry, as JSON, as text, or in hex.
 * One per server; used for every record that is shown.
 * Invariants: bytes are shown as they are: JSON text is never parsed and written again, so numbers keep
 * their digits; what cannot be decoded is shown in the next simpler form, never left out.
 * Spec: ui 4.8, 5.7 (Decode).
 */
import type { DataFormat, DecodeAs, RecordPart } from '../api-v1-data.ts'
import { converterClasses } from '../convert/index.ts'
import {
  type Converter,
  type RawHeader,
  type SchemaFormat,
  SchemaNeeded,
  type SchemaRegistry,
} from '../flow/index.ts'
import { openRegistry } from '../kafka/index.ts'

const MAGIC_BYTES = 5
const FETCHES_MAX = 10
/** A first byte of JSON that is no plain word. */
const JSON_START = /^\s*[[{"]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: what text does not hold
const BINARY = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/

const CLASSES: Readonly<Record<SchemaFormat, readonly [string, DataFormat]>> = {
  AVRO: ['AvroConverter', 'avro'],
  PROTOBUF: ['ProtobufConverter', 'protobuf'],
  JSON: ['JsonSchemaConverter', 'json-schema'],
}

export interface PartPlace {
  readonly topic: string
  readonly isKey: boolean
  readonly decode: DecodeAs
  readonly charactersMax: number
}

export class RecordParts {
  readonly hasRegistry: boolean
  readonly #options: Readonly<Record<string, string>>
  readonly #converters = new Map<string, Converter>()
  readonly #json = jsonWriter()
  #registry: SchemaRegistry | undefined

  /** The options of a registry converter, without a prefix; undefined: there is no registry. */
  constructor(options: Readonly<Record<string, string>> | undefined) {
    this.#options = options ?? {}
    this.hasRegistry = options !== undefined
  }

  async read(bytes: Buffer | null, place: PartPlace): Promise<RecordPart> {
    if (bytes === null) return part('null', '', { bytes: 0, charactersMax: 0 })
    const size = { bytes: bytes.length, charactersMax: place.charactersMax }
    if (place.decode === 'hex') return part('hex', hexOf(bytes, place.charactersMax), size)
    if (place.decode === 'auto') {
      const decoded = await this.#byRegistry(bytes, place)
      if (decoded !== undefined)
        return { ...part(decoded.format, decoded.text, size), schemaId: decoded.id }
    }
    const text = bytes.toString('utf8', 0, Math.min(bytes.length, place.charactersMax * 4))
    if (place.decode === 'text') return part('text', text, size)
    if (place.decode === 'json' || JSON_START.test(text)) {
      if (isJson(bytes)) return part('json', text, size)
    }
    return BINARY.test(text)
      ? part('hex', hexOf(bytes, place.charactersMax), size)
      : part('text', text, size)
  }

  async header({ value }: RawHeader, charactersMax: number): Promise<RecordPart> {
    return await this.read(value, { topic: '', isKey: false, decode: 'text', charactersMax })
  }

  /** Undefined: not written with a schema of the registry, or the registry does not tell. */
  async #byRegistry(bytes: Buffer, { topic, isKey }: PartPlace) {
    if (!this.hasRegistry || bytes.length < MAGIC_BYTES || bytes[0] !== 0) return undefined
    const id = bytes.readInt32BE(1)
    try {
      const { format } = await this.#open().fetchById(id)
      const [name, shown] = CLASSES[format]
      const converter = this.#converter(name, isKey)
      const { schema, value } = await decoded(converter, topic, bytes)
      const text = this.#json.encode(topic, schema, value)?.toString('utf8') ?? 'null'
      return { id, format: shown, text }
    } catch {
      // Bytes may begin like that by chance, and registries may be away: the bytes are shown then.
      return undefined
    }
  }

  #open(): SchemaRegistry {
    if (this.#registry === undefined) this.#converter('AvroConverter', false)
    if (this.#registry === undefined) throw new TypeError('no registry was opened')
    return this.#registry
  }

  #converter(name: string, isKey: boolean): Converter {
    const key = `${name} ${isKey}`
    const known = this.#converters.get(key)
    if (known !== undefined) return known
    const create = converterClasses.get(name)?.createConverter
    if (create === undefined) throw new TypeError(`there is no converter ${name}`)
    const made = create(this.#options, isKey, {
      openRegistry: settings => {
        this.#registry ??= openRegistry(settings)
        return this.#registry
      },
    })
    this.#converters.set(key, made)
    return made
  }
}

async function decoded(converter: Converter, topic: string, bytes: Buffer) {
  for (let fetches = 0; ; fetches++) {
    try {
      return converter.decode(topic, bytes, 0, bytes.length)
    } catch (error) {
      if (!(error instanceof SchemaNeeded) || fetches >= FETCHES_MAX) throw error
      await error.fetch()
    }
  }
}

function jsonWriter(): Converter {
  const create = converterClasses.get('JsonConverter')?.createConverter
  if (create === undefined) throw new TypeError('there is no converter JsonConverter')
  return create({ 'schemas.enable': 'false', 'decimal.format': 'NUMERIC' }, false)
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'))
    return true
  } catch {
    return false
  }
}

export function hexOf(bytes: Buffer, charactersMax: number): string {
  return bytes.toString('hex', 0, Math.min(bytes.length, Math.floor(charactersMax / 2)))
}

function part(
  format: DataFormat,
  text: string,
  { bytes, charactersMax }: { readonly bytes: number; readonly charactersMax: number },
): RecordPart {
  const shown = text.slice(0, charactersMax)
  const whole = format === 'hex' ? bytes * 2 : text.length
  const isCut = shown.length < whole || (format === 'text' && Buffer.byteLength(text) < bytes)
  return { format, text: shown, bytes, isCut, schemaId: null }
}
