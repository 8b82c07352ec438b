/**
 * Writes values as JSON payloads, with or without a schema. Spec: connect-rest 11.2.
 * Used by the JSON converter; output is compact, members in schema order, bytes are Base64.
 * Invariant: what the payload reader reads with the same schema equals what was written.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { Decimal } from '../../base/decimal.ts'
import { LOGICAL, RawText, type Schema, Struct, type Value } from '../../flow/index.ts'
import { checkScale, decimalToBytes, scaleOf } from '../decimal-bytes.ts'
import { fitsBits, fitsInt64, INTEGER_BITS, kindOfValue, typeName } from '../value-kind.ts'
import { plainNumberText } from '../value-text.ts'
import { valueError } from './json-errors.ts'

export interface PayloadWriterOptions {
  readonly decimalFormat: 'BASE64' | 'NUMERIC'
  readonly replaceNullWithDefault: boolean
  /** Names the structs of which the one field that is set is written alone. @default none */
  readonly unionName?: string
  /** Entries of maps without text keys are objects of key and value. @default arrays of two */
  readonly entriesAreObjects?: boolean
}

export class PayloadWriter {
  readonly #writer: ByteWriter
  readonly #options: PayloadWriterOptions

  constructor(writer: ByteWriter, options: PayloadWriterOptions) {
    this.#writer = writer
    this.#options = options
  }

  /** Appends `value` as JSON; a null schema means schemaless. */
  write(schema: Schema | null, value: Value): void {
    if (value === null) this.#writeNull(schema)
    else if (schema === null) this.#writeSchemaless(value)
    else if (!this.#writeLogical(schema, value)) this.#writeTyped(schema, value)
  }

  #writeNull(schema: Schema | null): void {
    if (schema === null) this.#ascii('null')
    else if (schema.defaultValue != null && this.#options.replaceNullWithDefault) {
      this.write(schema, schema.defaultValue)
    } else if (schema.optional) this.#ascii('null')
    else {
      throw valueError(
        'Conversion error: null value for field that is required and has no default value',
      )
    }
  }

  #writeSchemaless(value: NonNullable<Value>): void {
    if (value instanceof RawText) this.#writeRaw(value)
    else if (value instanceof Struct) this.#writeTyped(value.schema, value)
    else if (value instanceof Decimal) this.#ascii(value.toString())
    else if (value instanceof Map) this.#writeMap(null, value)
    else if (Array.isArray(value)) this.#writeArray(null, value)
    else this.#writeScalar(null, value)
  }

  /** JSON text stays as it came: no number loses digits. */
  #writeRaw(value: RawText): void {
    if (value.form === 'json') this.#writer.writeBytes(value.bytes, value.start, value.end)
    else writeJsonString(this.#writer, value.toString())
  }

  /** False when the schema is not of a logical type. */
  #writeLogical(schema: Schema, value: NonNullable<Value>): boolean {
    switch (schema.name) {
      case LOGICAL.DECIMAL:
        if (!(value instanceof Decimal)) throw mismatch(schema, value)
        this.#writeDecimal(schema, value)
        return true
      case LOGICAL.DATE:
      case LOGICAL.TIME:
        if (typeof value !== 'number' || !fitsBits(value, 32)) throw mismatch(schema, value)
        if (schema.name === LOGICAL.TIME && (value < 0 || value >= 86_400_000)) {
          throw valueError('Expected a Time within one day, found one outside 0..86399999 ms')
        }
        this.#ascii(String(value))
        return true
      default:
        return false
    }
  }

  #writeDecimal(schema: Schema, value: Decimal): void {
    const scale = scaleOf(schema)
    if (this.#options.decimalFormat === 'NUMERIC') {
      checkScale(value, scale)
      this.#ascii(value.toString())
    } else this.#ascii(`"${decimalToBytes(value, scale).toString('base64')}"`)
  }

  #writeTyped(schema: Schema, value: NonNullable<Value>): void {
    const { type } = schema
    if (type === 'struct' && value instanceof Struct) this.#writeStruct(schema, value)
    else if (type === 'array' && Array.isArray(value)) this.#writeArray(schema, value)
    else if (type === 'map' && value instanceof Map) this.#writeMap(schema, value)
    else if (!isOfType(schema, value)) throw mismatch(schema, value)
    else if (value instanceof RawText) this.#writeRaw(value)
    else this.#writeScalar(schema, value as boolean | number | bigint | string | Buffer)
  }

  #writeScalar(schema: Schema | null, value: boolean | number | bigint | string | Buffer): void {
    if (typeof value === 'string') writeJsonString(this.#writer, value)
    else if (typeof value === 'boolean') this.#ascii(value ? 'true' : 'false')
    else if (Buffer.isBuffer(value)) this.#ascii(`"${value.toString('base64')}"`)
    else {
      const text = plainNumberText(schema, value)
      // JSON has no such numbers; the reference quotes them.
      this.#ascii(typeof value === 'bigint' || Number.isFinite(value) ? text : `"${text}"`)
    }
  }

  #writeUnion(schema: Schema, struct: Struct): void {
    const at = struct.values.findIndex(value => value !== null)
    if (at >= 0) this.write(schema.fields[at]!.schema, struct.values[at]!)
    else this.#writeNull(schema)
  }

  #writeStruct(schema: Schema, struct: Struct): void {
    checkFields(schema, struct)
    const { unionName } = this.#options
    if (unionName !== undefined && schema.name === unionName) {
      this.#writeUnion(schema, struct)
      return
    }
    const writer = this.#writer
    writer.writeUInt8(0x7b)
    const { fields } = schema
    const names = memberNames(schema)
    for (let i = 0; i < fields.length; i++) {
      writer.writeBytes(names[i]!)
      this.write(fields[i]!.schema, struct.values[i] ?? null)
    }
    writer.writeUInt8(0x7d)
  }

  #writeArray(schema: Schema | null, elements: readonly Value[]): void {
    const writer = this.#writer
    const elementSchema = schema?.values ?? null
    writer.writeUInt8(0x5b)
    for (let i = 0; i < elements.length; i++) {
      if (i > 0) writer.writeUInt8(0x2c)
      this.write(elementSchema, elements[i]!)
    }
    writer.writeUInt8(0x5d)
  }

  /** An object when all keys are text by schema or by value, else an array of pairs. */
  #writeMap(schema: Schema | null, map: ReadonlyMap<Value, Value>): void {
    const isObject =
      schema === null ? [...map.keys()].every(isText) : schema.keys?.type === 'string'
    const writer = this.#writer
    const values = schema?.values ?? null
    let separator = ''
    writer.writeUInt8(isObject ? 0x7b : 0x5b)
    for (const [key, value] of map) {
      this.#ascii(separator)
      separator = ','
      if (isObject) {
        if (!isText(key)) throw valueError(`Expected map keys of STRING, found ${kindOfValue(key)}`)
        writeJsonString(writer, String(key))
        writer.writeUInt8(0x3a)
        this.write(values, value)
      } else if (this.#options.entriesAreObjects === true) {
        this.#ascii('{"key":')
        this.write(schema?.keys ?? null, key)
        this.#ascii(',"value":')
        this.write(values, value)
        writer.writeUInt8(0x7d)
      } else {
        writer.writeUInt8(0x5b)
        this.write(schema?.keys ?? null, key)
        writer.writeUInt8(0x2c)
        this.write(values, value)
        writer.writeUInt8(0x5d)
      }
    }
    writer.writeUInt8(isObject ? 0x7d : 0x5d)
  }

  #ascii(text: string): void {
    this.#writer.writeUtf8(text)
  }
}

const NAMES = new WeakMap<Schema, readonly Buffer[]>()

/** `"name":` of every field, with the comma before it; made once per schema. */
function memberNames(schema: Schema): readonly Buffer[] {
  let names = NAMES.get(schema)
  if (names === undefined) {
    names = schema.fields.map(({ name, index }) =>
      Buffer.from(`${index > 0 ? ',' : ''}"${escapeText(name)}":`),
    )
    NAMES.set(schema, names)
  }
  return names
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const TO_ESCAPE = /["\\\u0000-\u001f]/

/** Appends a string in quotes, escaped as Jackson does: only what must be, in upper-case hex. */
export function writeJsonString(writer: ByteWriter, text: string): void {
  writer.writeUInt8(0x22)
  writer.writeUtf8(escapeText(text))
  writer.writeUInt8(0x22)
}

function escapeText(text: string): string {
  if (!TO_ESCAPE.test(text)) return text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  return text.replace(/["\\\u0000-\u001f]/g, character => {
    const hex = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    return ESCAPES.get(character) ?? `\\u${hex}`
  })
}

function isText(value: Value): boolean {
  return typeof value === 'string' || (value instanceof RawText && value.form === 'string')
}

function isOfType(schema: Schema, value: NonNullable<Value>): boolean {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
      return typeof value === 'number' && fitsBits(value, INTEGER_BITS[schema.type])
    case 'int64':
      return typeof value === 'bigint' && fitsInt64(value)
    case 'float32':
    case 'float64':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'bytes':
      return Buffer.isBuffer(value)
    case 'string':
      return isText(value)
    default:
      return false
  }
}

function mismatch(schema: Schema, value: Value) {
  const wanted = schema.name === undefined ? typeName(schema) : `${typeName(schema)} ${schema.name}`
  return valueError(
    `Invalid type for ${wanted}: ${kindOfValue(value)} out of range or of other type`,
  )
}

function checkFields(schema: Schema, struct: Struct): void {
  if (struct.schema === schema) return
  const { fields } = struct.schema
  const isEqual =
    fields.length === schema.fields.length &&
    fields.every((field, i) => {
      const other = schema.fields[i]!
      return field.name === other.name && field.schema.type === other.schema.type
    })
  if (!isEqual) throw valueError('Mismatching schema.')
}
