/**
 * The encoder of a column by Cassandra's JSON rules: whatever comes is seen as JSON first.
 * Made by `compileCellEncoder` for codecs with `rules: 'json'`; the classic KCQL sink calls `node`.
 * Invariant: as `CellEncoder`; an empty text is a text, null only where JSON has null.
 * Spec: cassandra-sink 10.3, 10.5.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { JsonNumber, type JsonValue } from '../../../base/json/parse-json.ts'
import { isScamanderError } from '../../../base/scamander-error.ts'
import { type Codec as CqlCodec, type CqlType, codecFor } from '../../../cql/index.ts'
import type { Schema, Value } from '../../../flow/index.ts'
import { CellEncoder, type JsonContainer, NULL, type Status, VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { type FailureReason, failure } from './conversion-failure.ts'
import type { FromJson } from './json-rules.ts'
import { toTree } from './value-tree.ts'

const REASONS: Readonly<Record<string, FailureReason>> = {
  inet: 'not an address',
  duration: 'not a duration',
}

export class JsonRulesEncoder extends CellEncoder {
  readonly #type: CqlType
  readonly #fromJson: FromJson
  readonly #cql: CqlCodec

  constructor(type: CqlType, codec: Codec, fromJson: FromJson) {
    const cql = codecFor(type)
    super(cql.typeName, codec)
    this.#type = type
    this.#fromJson = fromJson
    this.#cql = cql
  }

  override node(writer: ByteWriter, node: JsonValue): Status {
    const value = this.#fromJson(node)
    if (value === null) return NULL
    try {
      this.#cql.encode(value, writer)
    } catch (error) {
      // The codec's own limits: a date out of range, an address that is none.
      if (!isScamanderError(error, 'data')) throw error
      throw failure(REASONS[this.#type.kind] ?? 'overflow', this.typeName, 'JSON value')
    }
    return VALUE
  }

  override text(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    return this.node(writer, bytes.utf8Slice(start, end))
  }

  override value(writer: ByteWriter, value: Value, schema: Schema | null): Status {
    return this.node(writer, toTree(value, schema))
  }

  override nestedValue(writer: ByteWriter, value: Value, schema: Schema | null): Status {
    return this.value(writer, value, schema)
  }

  override fromText(writer: ByteWriter, text: string): Status {
    return this.node(writer, text)
  }

  protected override jsonNumber(
    writer: ByteWriter,
    bytes: Buffer,
    start: number,
    end: number,
  ): Status {
    return this.node(writer, new JsonNumber(bytes.latin1Slice(start, end)))
  }

  protected override fromBoolean(writer: ByteWriter, value: boolean): Status {
    return this.node(writer, value)
  }

  protected override fromTree(writer: ByteWriter, tree: JsonContainer): Status {
    return this.node(writer, tree as JsonValue)
  }
}
