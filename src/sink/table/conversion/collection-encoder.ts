/**
 * Encoders of list, set, map and vector from JSON, JSON text and Connect values.
 * Sets and maps are written in the order they come: the server sorts and removes duplicates.
 * Invariant: null elements are refused; an empty Connect list or map is null, an empty JSON array
 * or object is an empty collection. Spec: cassandra-sink 9.4; native protocol v5, section 6.
 */
import { ByteWriter } from '../../../base/byte-writer.ts'
import type { JsonValue } from '../../../base/json/parse-json.ts'
import type { Schema, Value } from '../../../flow/index.ts'
import { CellEncoder, type JsonContainer, NULL, type Status, VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { writeElement } from './element-writer.ts'
import { parseLenient } from './lenient-json.ts'
import { writeUnsignedVint } from './vint.ts'

/** A JSON string is no collection; a text of its own is parsed as JSON. */
export abstract class ContainerEncoder extends CellEncoder {
  protected abstract readonly brackets: '[]' | '{}'

  override fromText(writer: ByteWriter, text: string): Status {
    const tree = parseLenient(text, this.brackets)
    if (tree === undefined) return this.refuse('not JSON', 'text')
    return this.fromTree(writer, tree)
  }

  protected override jsonString(
    _writer: ByteWriter,
    _b: Buffer,
    start: number,
    end: number,
  ): Status {
    return start === end ? NULL : this.refuse('codec not found', 'JSON string')
  }

  protected override fromJsonString(_writer: ByteWriter, _text: string): Status {
    return this.refuse('codec not found', 'JSON string')
  }
}

export class ListEncoder extends ContainerEncoder {
  protected readonly brackets = '[]'
  readonly #element: CellEncoder

  constructor(typeName: string, codec: Codec, element: CellEncoder) {
    super(typeName, codec)
    this.#element = element
  }

  protected override fromTree(writer: ByteWriter, tree: JsonContainer): Status {
    if (!Array.isArray(tree)) return this.refuse('codec not found', 'JSON object')
    writer.writeInt32(tree.length)
    for (const node of tree) {
      this.#require(writeElement(writer, () => this.#element.node(writer, node)))
    }
    return VALUE
  }

  protected override fromList(writer: ByteWriter, value: Value[], schema: Schema | null): Status {
    if (value.length === 0) return NULL
    const elementSchema = schema?.values ?? null
    writer.writeInt32(value.length)
    for (const item of value) {
      this.#require(
        writeElement(writer, () => this.#element.nestedValue(writer, item, elementSchema)),
      )
    }
    return VALUE
  }

  #require(isPresent: boolean): void {
    if (!isPresent) this.refuse('null element', 'null')
  }
}

export class MapEncoder extends ContainerEncoder {
  protected readonly brackets = '{}'
  readonly #key: CellEncoder
  readonly #value: CellEncoder

  constructor(typeName: string, codec: Codec, members: { key: CellEncoder; value: CellEncoder }) {
    super(typeName, codec)
    this.#key = members.key
    this.#value = members.value
  }

  protected override fromTree(writer: ByteWriter, tree: JsonContainer): Status {
    if (Array.isArray(tree)) return this.refuse('codec not found', 'JSON array')
    writer.writeInt32(tree.size)
    for (const [name, node] of tree) {
      this.#require(writeElement(writer, () => this.#key.fromText(writer, name)))
      this.#require(writeElement(writer, () => this.#value.node(writer, node)))
    }
    return VALUE
  }

  protected override fromMap(
    writer: ByteWriter,
    value: ReadonlyMap<Value, Value>,
    schema: Schema | null,
  ): Status {
    if (value.size === 0) return NULL
    const keys = schema?.keys ?? null
    const values = schema?.values ?? null
    writer.writeInt32(value.size)
    for (const [key, member] of value) {
      this.#require(writeElement(writer, () => this.#key.nestedValue(writer, key, keys)))
      this.#require(writeElement(writer, () => this.#value.nestedValue(writer, member, values)))
    }
    return VALUE
  }

  #require(isPresent: boolean): void {
    if (!isPresent) this.refuse('null element', 'null')
  }
}

export interface VectorShape {
  readonly element: CellEncoder
  readonly dimension: number
  /** Whether the server stores elements of this type without their lengths. */
  readonly isFixedWidth: boolean
}

export class VectorEncoder extends ContainerEncoder {
  protected readonly brackets = '[]'
  readonly #shape: VectorShape
  readonly #scratch = new ByteWriter(64)

  constructor(typeName: string, codec: Codec, shape: VectorShape) {
    super(typeName, codec)
    this.#shape = shape
  }

  protected override fromTree(writer: ByteWriter, tree: JsonContainer): Status {
    if (!Array.isArray(tree)) return this.refuse('codec not found', 'JSON object')
    this.#checkCount(tree.length)
    const { element } = this.#shape
    for (const node of tree as readonly JsonValue[]) {
      this.#write(writer, target => element.node(target, node))
    }
    return VALUE
  }

  protected override fromList(writer: ByteWriter, value: Value[], schema: Schema | null): Status {
    if (value.length === 0) return NULL
    this.#checkCount(value.length)
    const elementSchema = schema?.values ?? null
    for (const item of value) {
      this.#write(writer, target => this.#shape.element.nestedValue(target, item, elementSchema))
    }
    return VALUE
  }

  #checkCount(count: number): void {
    if (count !== this.#shape.dimension) this.refuse('wrong element count', `${count} elements`)
  }

  #write(writer: ByteWriter, encode: (target: ByteWriter) => Status): void {
    if (this.#shape.isFixedWidth) {
      if (encode(writer) === NULL) this.refuse('null element', 'null')
      return
    }
    this.#scratch.reset()
    if (encode(this.#scratch) === NULL) this.refuse('null element', 'null')
    writeUnsignedVint(writer, BigInt(this.#scratch.position))
    writer.writeBytes(this.#scratch.bytes, 0, this.#scratch.position)
  }
}
