/**
 * The encoder of one column: CQL value bytes out of a JSON value, a text or a Connect value.
 * Compiled once per column by `compileCellEncoder`; called once per cell. The bytes go straight to
 * the writer, without the length, which the caller reserves and patches.
 * Invariant: a method either writes one whole value and returns VALUE or EMPTY, or returns NULL
 * having written nothing, or throws a ConversionFailure (the writer is then to be rewound).
 * Spec: cassandra-sink 5.5 and 9.
 */
import { ByteWriter } from '../../../base/byte-writer.ts'
import { Decimal } from '../../../base/decimal.ts'
import {
  KIND_FALSE,
  KIND_FRACTION,
  KIND_INTEGER,
  KIND_NULL,
  KIND_STRING,
  KIND_STRING_ESCAPED,
  KIND_TRUE,
} from '../../../base/json/json-kind.ts'
import { unescapeInto } from '../../../base/json/json-string.ts'
import { JsonNumber, type JsonValue, parseJson } from '../../../base/json/parse-json.ts'
import { RawText, type Schema, Struct, type Value } from '../../../flow/index.ts'
import type { Codec } from './codec-settings.ts'
import { type FailureReason, failure } from './conversion-failure.ts'
import { connectNumberText } from './number-value.ts'

/** The encoded null: the caller decides between unset and null. */
export const NULL = 0
export const VALUE = 1
/** No bytes, and to be treated like null unless nulls are written (D6, reference). */
export const EMPTY = 2
export type Status = 0 | 1 | 2

const unescaped = new ByteWriter(1024)

export abstract class CellEncoder {
  /** The CQL type, for messages. */
  readonly typeName: string
  protected readonly codec: Codec

  constructor(typeName: string, codec: Codec) {
    this.typeName = typeName
    this.codec = codec
  }

  /** A JSON value in bytes; strings inside their quotes, `kind` as JsonIndex has it. */
  json(writer: ByteWriter, bytes: Buffer, start: number, end: number, kind: number): Status {
    switch (kind) {
      case KIND_STRING:
        return this.jsonString(writer, bytes, start, end)
      case KIND_STRING_ESCAPED:
        unescaped.reset()
        unescapeInto(bytes, start, end, unescaped)
        return this.jsonString(writer, unescaped.bytes, 0, unescaped.position)
      case KIND_INTEGER:
      case KIND_FRACTION:
        return this.jsonNumber(writer, bytes, start, end, kind)
      case KIND_TRUE:
        return this.fromBoolean(writer, true)
      case KIND_FALSE:
        return this.fromBoolean(writer, false)
      case KIND_NULL:
        return NULL
      default:
        return this.fromTree(writer, parseJson(bytes, start, end) as JsonContainer)
    }
  }

  /** A text in bytes (StringConverter). Empty is null, but for texts. */
  text(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    return start === end ? NULL : this.fromTextBytes(writer, bytes, start, end)
  }

  /** A Connect value; `schema` is null when it has none. */
  value(writer: ByteWriter, value: Value, schema: Schema | null): Status {
    if (value === null || value === '') return NULL
    return this.nestedValue(writer, value, schema)
  }

  /** A value inside a collection: an empty string is not special. */
  nestedValue(writer: ByteWriter, value: Value, schema: Schema | null): Status {
    switch (typeof value) {
      case 'string':
        return this.fromText(writer, value)
      case 'boolean':
        return this.fromConnectBoolean(writer, value)
      case 'number':
      case 'bigint':
        this.checkLogical(schema)
        return this.fromConnectNumber(writer, value, schema)
      default:
        return value === null ? NULL : this.#object(writer, value, schema)
    }
  }

  /** A JSON value inside a collection. */
  node(writer: ByteWriter, node: JsonValue): Status {
    if (node === null) return NULL
    if (typeof node === 'string') return this.fromJsonString(writer, node)
    if (typeof node === 'boolean') return this.fromBoolean(writer, node)
    if (!(node instanceof JsonNumber)) return this.fromTree(writer, node)
    const bytes = Buffer.from(node.text, 'latin1')
    const kind = /[.eE]/.test(node.text) ? KIND_FRACTION : KIND_INTEGER
    return this.jsonNumber(writer, bytes, 0, bytes.length, kind)
  }

  /** A text, empty or not, that no shorter way exists for. */
  abstract fromText(writer: ByteWriter, text: string): Status

  /** A text that is not empty, in bytes; overridden where no string is needed. */
  fromTextBytes(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    return this.fromText(writer, bytes.utf8Slice(start, end))
  }

  protected jsonString(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    return this.text(writer, bytes, start, end)
  }

  protected fromJsonString(writer: ByteWriter, text: string): Status {
    return this.fromText(writer, text)
  }

  /** A JSON number in bytes. */
  protected jsonNumber(
    writer: ByteWriter,
    bytes: Buffer,
    start: number,
    end: number,
    kind: number,
  ): Status {
    return this.fromNumberText(writer, this.numberText(bytes, start, end, kind))
  }

  /** The digits of a JSON number, after JsonConverter when the record went through it. */
  protected numberText(bytes: Buffer, start: number, end: number, kind: number): string {
    const text = bytes.latin1Slice(start, end)
    return this.codec.jsonNumbers === 'exact' ? text : connectNumberText(text, kind)
  }

  /** The text of a JSON number. */
  protected fromNumberText(_writer: ByteWriter, _text: string): Status {
    return this.refuse('codec not found', 'JSON number')
  }

  protected fromBoolean(_writer: ByteWriter, _value: boolean): Status {
    return this.refuse('codec not found', 'boolean')
  }

  protected fromConnectBoolean(writer: ByteWriter, value: boolean): Status {
    return this.fromBoolean(writer, value)
  }

  protected fromTree(_writer: ByteWriter, tree: JsonContainer): Status {
    return this.refuse('codec not found', Array.isArray(tree) ? 'JSON array' : 'JSON object')
  }

  protected fromConnectNumber(
    _writer: ByteWriter,
    _value: number | bigint,
    schema: Schema | null,
  ): Status {
    return this.refuse('codec not found', schemaName(schema))
  }

  protected fromDecimal(_writer: ByteWriter, _value: Decimal): Status {
    return this.refuse('codec not found', 'Decimal')
  }

  protected fromBytes(_writer: ByteWriter, _value: Buffer): Status {
    return this.refuse('codec not found', 'BYTES')
  }

  protected fromList(_writer: ByteWriter, _value: Value[], _schema: Schema | null): Status {
    return this.refuse('codec not found', 'ARRAY')
  }

  protected fromMap(
    _writer: ByteWriter,
    _value: ReadonlyMap<Value, Value>,
    _schema: Schema | null,
  ): Status {
    return this.refuse('codec not found', 'MAP')
  }

  protected fromStruct(_writer: ByteWriter, _value: Struct): Status {
    return this.refuse('codec not found', 'STRUCT')
  }

  protected refuse(reason: FailureReason, found: string): never {
    throw failure(reason, this.typeName, found)
  }

  /** Logical types fail in the reference (D10). */
  protected checkLogical(schema: Schema | null): void {
    if (this.codec.compat.D10 === 'fixed' || schema?.name === undefined) return
    if (schema.name.startsWith('org.apache.kafka.connect.data.')) {
      this.refuse('codec not found', schema.name)
    }
  }

  #object(writer: ByteWriter, value: object & Value, schema: Schema | null): Status {
    if (Array.isArray(value)) return this.fromList(writer, value, schema)
    if (value instanceof Map) return this.fromMap(writer, value, schema)
    if (value instanceof Struct) return this.fromStruct(writer, value)
    if (value instanceof RawText) return this.#rawText(writer, value)
    if (value instanceof Decimal) {
      this.checkLogical(schema)
      if (this.codec.compat.D10 === 'reference') this.refuse('codec not found', 'Decimal')
      return this.fromDecimal(writer, value)
    }
    return this.fromBytes(writer, value as Buffer)
  }

  #rawText(writer: ByteWriter, { form, bytes, start, end }: RawText): Status {
    if (form === 'string') return this.text(writer, bytes, start, end)
    const node = parseJson(bytes, start, end)
    return node === '' ? this.text(writer, bytes, 0, 0) : this.node(writer, node)
  }
}

export type JsonContainer = Extract<JsonValue, readonly unknown[] | ReadonlyMap<string, unknown>>

/** A schema's type for messages. */
export function schemaName(schema: Schema | null): string {
  return schema === null ? 'number' : (schema.name ?? schema.type.toUpperCase())
}
