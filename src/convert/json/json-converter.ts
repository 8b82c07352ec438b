/**
 * JSON keys, values and headers (org.apache.kafka.connect.json.JsonConverter).
 * With schemas (the default) a message is an envelope `{"schema":…,"payload":…}`; without, any
 * JSON text, which is checked and handed on as `RawText` without building a value.
 * Invariant: one instance has one owner; its indexes and writer are reused for every message.
 * Spec: connect-rest 11.2. Text behind the first JSON value is ignored, as in the reference.
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import { JsonIndex } from '../../base/json/json-index.ts'
import {
  type JsonForm,
  KIND_OBJECT,
  KIND_STRING,
  KIND_STRING_ESCAPED,
} from '../../base/json/json-kind.ts'
import { type ConfigSource, parseConfig } from '../../config/index.ts'
import { type Converter, type Decoded, RawText, type Schema, type Value } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import { type JsonConverterSettings, jsonConverterConfig } from './json-converter-config.ts'
import { ENVELOPE_MESSAGE, notJson } from './json-errors.ts'
import { compilePayloadReader, PayloadContext, type PayloadReader } from './payload-reader.ts'
import { PayloadWriter } from './payload-writer.ts'
import { SchemaCache } from './schema-cache.ts'
import { readSchema } from './schema-reader.ts'
import { writeSchema } from './schema-writer.ts'

const NULL: Decoded = { schema: null, value: null }
const SCHEMA = Buffer.from('schema')
const PAYLOAD = Buffer.from('payload')

interface FixedSchema {
  readonly schema: Schema | null
  readonly reader: PayloadReader
}

export class JsonConverter implements Converter {
  readonly #settings: JsonConverterSettings
  readonly #index = new JsonIndex()
  readonly #cache: SchemaCache
  readonly #context: PayloadContext
  readonly #writer = new ByteWriter()
  readonly #payloadWriter: PayloadWriter
  readonly #schemaTexts = new WeakMap<Schema, Buffer>()
  /** `schema.content`: the schema of all messages, which then carry the payload alone. */
  readonly #fixed: FixedSchema | undefined
  /** The answer for every message without a schema. */
  readonly #plain: { schema: null; value: Value } = { schema: null, value: null }

  constructor(settings: JsonConverterSettings) {
    this.#settings = settings
    this.#cache = new SchemaCache(settings.schemasCacheSize)
    this.#context = new PayloadContext({
      replaceNullWithDefault: settings.replaceNullWithDefault,
      isStrict: settings.strict,
    })
    this.#payloadWriter = new PayloadWriter(this.#writer, settings)
    this.#fixed = fixedSchema(settings.schemaContent ?? '')
  }

  /** Throws `ConfigError` with every bad option. */
  static fromConfig(source: ConfigSource): JsonConverter {
    const options = { isForeignKey: () => true }
    return new JsonConverter(parseConfig(jsonConverterConfig, source, options).settings)
  }

  decode(_topic: string, bytes: Buffer, start: number, length: number): Decoded {
    if (length < 0) return NULL
    const index = this.#index
    const form = index.scan(bytes, start, start + length)
    if (form === 'invalid' || form === 'blank') {
      throw notJson(bytes, { start, end: start + length }, index.errorOffset)
    }
    this.#context.bytes = bytes
    if (!this.#settings.schemasEnable) return this.#decodePlain(bytes, form)
    return this.#fixed === undefined ? this.#decodeEnvelope(bytes) : this.#decodeFixed(this.#fixed)
  }

  encode(_topic: string, schema: Schema | null, value: Value): Buffer | null {
    if (schema === null && value === null) return null
    const writer = this.#writer
    writer.reset()
    if (!this.#settings.schemasEnable || this.#fixed !== undefined) {
      this.#payloadWriter.write(schema, value)
    } else {
      writer.writeUtf8('{"schema":')
      if (schema === null) writer.writeUtf8('null')
      else writer.writeBytes(this.#schemaText(schema))
      writer.writeUtf8(',"payload":')
      this.#payloadWriter.write(schema, value)
      writer.writeUInt8(0x7d)
    }
    // A copy: the writer's bytes are overwritten by the next message.
    return Buffer.from(writer.view())
  }

  #decodePlain(bytes: Buffer, form: JsonForm): Decoded {
    if (form === 'null') return NULL
    const index = this.#index
    const kind = index.rootKind
    const quote = kind === KIND_STRING || kind === KIND_STRING_ESCAPED ? 1 : 0
    const start = index.rootStart - quote
    this.#plain.value = new RawText('json', bytes, start, index.endOffset)
    return this.#plain
  }

  #decodeEnvelope(bytes: Buffer): Decoded {
    const index = this.#index
    const schemaAt = index.find(SCHEMA, 0)
    const payloadAt = index.find(PAYLOAD, 1)
    if (
      index.rootKind !== KIND_OBJECT ||
      index.memberCount !== 2 ||
      schemaAt < 0 ||
      payloadAt < 0
    ) {
      throw dataError(CONVERT_ERRORS.ENVELOPE, ENVELOPE_MESSAGE)
    }
    const { valueStart, valueEnd, valueKind } = index
    // A schema that is a string must not be mistaken for the text inside its quotes.
    const quote = valueKind[schemaAt]! <= KIND_STRING_ESCAPED ? 1 : 0
    const from = valueStart[schemaAt]! - quote
    const { schema, reader } = this.#cache.get(bytes, from, valueEnd[schemaAt]! + quote)
    return { schema, value: reader.read(this.#context, index, payloadAt) }
  }

  #decodeFixed(fixed: FixedSchema): Decoded {
    this.#index.selectRoot()
    const value = fixed.reader.read(this.#context, this.#index, 0)
    return { schema: fixed.schema, value }
  }

  #schemaText(schema: Schema): Buffer {
    let text = this.#schemaTexts.get(schema)
    if (text === undefined) {
      text = writeSchema(schema, this.#settings)
      this.#schemaTexts.set(schema, text)
    }
    return text
  }
}

/** The schema of the option `schema.content`; undefined when it is empty. */
function fixedSchema(content: string): FixedSchema | undefined {
  if (content.trim() === '') return undefined
  const bytes = Buffer.from(content)
  const schema = readSchema(bytes, 0, bytes.length)
  return { schema, reader: compilePayloadReader(schema) }
}
