/**
 * Encoders of text, varchar and ascii. Text without escapes is a copy of its bytes.
 * Made by `compileCellEncoder`. Invariant: an empty text is a value, never null.
 * Spec: cassandra-sink 9.4.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import type { Decimal } from '../../../base/decimal.ts'
import { javaDouble, javaFloat, jsonNumberText } from '../../../base/java-number.ts'
import { KIND_INTEGER } from '../../../base/json/json-kind.ts'
import type { Schema, Value } from '../../../flow/index.ts'
import { CellEncoder, type JsonContainer, NULL, type Status, VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { compactJson } from './compact-json.ts'

export class TextEncoder extends CellEncoder {
  readonly #isAscii: boolean

  constructor(kind: 'text' | 'ascii', codec: Codec) {
    super(kind, codec)
    this.#isAscii = kind === 'ascii'
  }

  override text(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    if (this.#isAscii) this.#checkAscii(bytes, start, end)
    writer.writeBytes(bytes, start, end)
    return VALUE
  }

  override value(writer: ByteWriter, value: Value, schema: Schema | null): Status {
    return value === null ? NULL : this.nestedValue(writer, value, schema)
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const start = writer.position
    writer.writeUtf8(text)
    if (this.#isAscii) this.#checkAscii(writer.bytes, start, writer.position)
    return VALUE
  }

  protected override jsonNumber(
    writer: ByteWriter,
    bytes: Buffer,
    start: number,
    end: number,
    kind: number,
  ): Status {
    const isPlain = kind === KIND_INTEGER && end - start <= 15 && bytes[start] !== 0x2d
    if (isPlain) return this.text(writer, bytes, start, end)
    return this.fromText(writer, jsonNumberText(this.numberText(bytes, start, end, kind)))
  }

  protected override fromBoolean(writer: ByteWriter, value: boolean): Status {
    return this.fromText(writer, value ? 'true' : 'false')
  }

  protected override fromConnectBoolean(writer: ByteWriter, value: boolean): Status {
    if (this.#isAscii) return this.refuse('codec not found', 'BOOLEAN')
    return this.fromBoolean(writer, value)
  }

  protected override fromConnectNumber(
    writer: ByteWriter,
    value: number | bigint,
    schema: Schema | null,
  ): Status {
    if (typeof value === 'bigint' || schema?.type.startsWith('int')) {
      return this.fromText(writer, String(value))
    }
    return this.fromText(writer, schema?.type === 'float32' ? javaFloat(value) : javaDouble(value))
  }

  protected override fromDecimal(writer: ByteWriter, value: Decimal): Status {
    return this.fromText(writer, value.toString())
  }

  protected override fromTree(writer: ByteWriter, tree: JsonContainer): Status {
    return this.fromText(writer, compactJson(tree, this.codec.jsonNumbers))
  }

  #checkAscii(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      if (bytes[at]! >= 0x80) this.refuse('not ASCII', 'text')
    }
  }
}
