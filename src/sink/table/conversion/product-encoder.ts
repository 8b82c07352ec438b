/**
 * Encoders of tuples and user-defined types from JSON, JSON text and Connect values.
 * Invariant: exactly the type's fields, by exact name, or exactly as many elements; members may be
 * null. Spec: cassandra-sink 9.4; native protocol v5, sections 6.24 and 6.25.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import type { Schema, Struct, Value } from '../../../flow/index.ts'
import type { CellEncoder, JsonContainer, Status } from './cell-encoder.ts'
import { VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { ContainerEncoder } from './collection-encoder.ts'
import { writeElement } from './element-writer.ts'

export class TupleEncoder extends ContainerEncoder {
  protected readonly brackets: '[]' | '{}' = '[]'
  protected readonly members: readonly CellEncoder[]

  constructor(typeName: string, codec: Codec, members: readonly CellEncoder[]) {
    super(typeName, codec)
    this.members = members
  }

  protected override fromTree(writer: ByteWriter, tree: JsonContainer): Status {
    if (!Array.isArray(tree)) return this.refuse('codec not found', 'JSON object')
    this.#checkCount(tree.length)
    for (const [i, member] of this.members.entries()) {
      writeElement(writer, () => member.node(writer, tree[i]!))
    }
    return VALUE
  }

  protected override fromList(writer: ByteWriter, value: Value[], schema: Schema | null): Status {
    this.#checkCount(value.length)
    const elementSchema = schema?.values ?? null
    for (const [i, member] of this.members.entries()) {
      writeElement(writer, () => member.nestedValue(writer, value[i] ?? null, elementSchema))
    }
    return VALUE
  }

  #checkCount(count: number): void {
    if (count !== this.members.length) this.refuse('wrong element count', `${count} elements`)
  }
}

/** A user-defined type: as a tuple, or by the names of its fields. */
export class UdtEncoder extends TupleEncoder {
  protected override readonly brackets: '[]' | '{}' = '{}'
  readonly #names: readonly string[]
  readonly #known: ReadonlySet<string>

  constructor(
    typeName: string,
    codec: Codec,
    fields: readonly { readonly name: string; readonly encoder: CellEncoder }[],
  ) {
    super(
      typeName,
      codec,
      fields.map(field => field.encoder),
    )
    this.#names = fields.map(field => field.name)
    this.#known = new Set(this.#names)
  }

  protected override fromTree(writer: ByteWriter, tree: JsonContainer): Status {
    if (Array.isArray(tree)) return super.fromTree(writer, tree)
    this.#checkNames([...tree.keys()])
    for (const [i, member] of this.members.entries()) {
      writeElement(writer, () => member.node(writer, tree.get(this.#names[i]!)!))
    }
    return VALUE
  }

  protected override fromStruct(writer: ByteWriter, value: Struct): Status {
    this.#checkNames(value.schema.fields.map(field => field.name))
    for (const [i, member] of this.members.entries()) {
      const field = value.schema.field(this.#names[i]!)!
      const item = value.values[field.index] ?? null
      writeElement(writer, () => member.nestedValue(writer, item, field.schema))
    }
    return VALUE
  }

  protected override fromMap(
    writer: ByteWriter,
    value: ReadonlyMap<Value, Value>,
    schema: Schema | null,
  ): Status {
    this.#checkNames([...value.keys()].map(key => (typeof key === 'string' ? key : '')))
    const memberSchema = schema?.values ?? null
    for (const [i, member] of this.members.entries()) {
      const item = value.get(this.#names[i]!) ?? null
      writeElement(writer, () => member.nestedValue(writer, item, memberSchema))
    }
    return VALUE
  }

  #checkNames(found: readonly string[]): void {
    const missing = this.#names.filter(name => !found.includes(name))
    const extra = found.filter(name => !this.#known.has(name))
    if (missing.length === 0 && extra.length === 0) return
    const told = [
      missing.length > 0 ? `without ${missing.join(', ')}` : '',
      extra.length > 0 ? `with ${extra.join(', ')}` : '',
    ]
    this.refuse('wrong fields', told.filter(part => part !== '').join(' and '))
  }
}
