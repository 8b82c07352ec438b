/**
 * Reads Protobuf binary data straight into Connect values: per message a table of readers by field
 * number, compiled once and kept with the schema. Spec: connect-rest 12.2.
 * Called once per message by the Protobuf converter.
 * Invariants: of a repeated scalar field that is not a list the last one counts; unknown fields are
 * passed over; bytes are views of the message.
 */
import { type Schema, Struct, type Value } from '../../flow/index.ts'
import type { ProtoCursor } from './proto-cursor.ts'
import { readLogical } from './proto-logical.ts'
import { LOGICAL_MESSAGES, type ProtobufOptions } from './proto-names.ts'
import { scalarReader, zeroOf } from './proto-scalars.ts'
import type { ProtoField, ProtoMessage, ProtoType } from './proto-schema.ts'
import { isNullableWrapper, unionFieldName } from './to-connect.ts'

/** Reads up to `cursor.end`. */
export type MessageReader = (cursor: ProtoCursor) => Value

const DENSE_MAX = 256

interface FieldReader {
  readonly wireType: number
  /** May come packed: many values after one length. */
  readonly isList: boolean
  readonly read: (cursor: ProtoCursor, values: Value[]) => void
}

export function compileProtoReader(
  message: ProtoMessage,
  schema: Schema,
  options: ProtobufOptions,
): MessageReader {
  const compiler = new ReaderCompiler(options)
  if (schema.type !== 'struct') return compiler.wrapped(message)
  return compiler.message(message, schema)
}

class ReaderCompiler {
  readonly #options: ProtobufOptions
  readonly #messages = new Map<
    ProtoMessage,
    { schema: Schema; read: MessageReader | undefined }[]
  >()

  constructor(options: ProtobufOptions) {
    this.#options = options
  }

  message(message: ProtoMessage, schema: Schema): MessageReader {
    const known = this.#messages.get(message) ?? []
    this.#messages.set(message, known)
    const open = known.find(one => one.schema.fields === schema.fields)
    if (open !== undefined) return cursor => open.read!(cursor)
    const entry = { schema, read: undefined as MessageReader | undefined }
    known.push(entry)
    const table = this.#table(message, schema)
    const makeEmpty = this.#emptyMaker(message, schema)
    entry.read = cursor => {
      const values = makeEmpty()
      readFields(cursor, table, values)
      return new Struct(schema, values)
    }
    return entry.read
  }

  /** A message of one scalar, as that scalar. */
  wrapped(message: ProtoMessage): MessageReader {
    const field = message.fields[0]!
    const table = toTable([[field.number, toSlot(scalarReader(field), 0)]])
    const zero = zeroOf(field)
    return cursor => {
      const values: Value[] = [zero]
      readFields(cursor, table, values)
      return values[0]!
    }
  }

  #table(message: ProtoMessage, schema: Schema) {
    const entries = message.fields.map((field): [number, FieldReader] => {
      const isUnion = field.oneof !== undefined && !this.#options.flattenUnions
      return [
        field.number,
        isUnion ? this.#member(message, field, schema) : this.#own(field, schema),
      ]
    })
    return toTable(entries)
  }

  /** A field of a oneof: the last one that comes is the one that is set. */
  #member(message: ProtoMessage, field: ProtoField, schema: Schema): FieldReader {
    const position = message.oneofs.indexOf(field.oneof!)
    const union = schema.field(unionFieldName(field.oneof!, position, this.#options))!
    const at = union.schema.field(field.name)!
    const { wireType, read } = this.#single(field, at.schema)
    const count = union.schema.fields.length
    return {
      wireType,
      isList: false,
      read: (cursor, values) => {
        const branches = new Array<Value>(count).fill(null)
        branches[at.index] = read(cursor)
        values[union.index] = new Struct(union.schema, branches)
      },
    }
  }

  #own(field: ProtoField, schema: Schema): FieldReader {
    const { index, schema: own } = schema.field(field.name)!
    if (field.key !== undefined) return this.#map(field, own, index)
    if (field.isRepeated) {
      const { wireType, read } = this.#single(field, own.values!)
      return {
        wireType,
        isList: true,
        read: (cursor, values) => {
          ;(values[index] as Value[]).push(read(cursor))
        },
      }
    }
    return toSlot(this.#single(field, own), index)
  }

  #map(field: ProtoField, schema: Schema, index: number): FieldReader {
    const key = this.#single(field.key!, schema.keys!)
    const value = this.#single(field, schema.values!)
    const noKey = this.#absent(field.key!, schema.keys!)
    const noValue = this.#absent(valueType(field), schema.values!)
    const table = toTable([
      [1, toSlot(key, 0)],
      [2, toSlot(value, 1)],
    ])
    return {
      wireType: 2,
      isList: false,
      read: (cursor, values) => {
        const pair: Value[] = [noKey, noValue]
        const outerEnd = cursor.enter()
        readFields(cursor, table, pair)
        cursor.leave(outerEnd)
        ;(values[index] as Map<Value, Value>).set(pair[0]!, pair[1]!)
      },
    }
  }

  #single(type: ProtoType, schema: Schema): { wireType: number; read: MessageReader } {
    const { message } = type
    if (message === undefined) return scalarReader(type, schema)
    const read = LOGICAL_MESSAGES.has(message.fullName)
      ? (cursor: ProtoCursor) => readLogical(message.fullName, cursor)
      : isNullableWrapper(type, this.#options)
        ? this.wrapped(message)
        : this.message(message, schema)
    return {
      wireType: 2,
      read: cursor => {
        const outerEnd = cursor.enter()
        const value = read(cursor)
        cursor.leave(outerEnd)
        return value
      },
    }
  }

  /** What a field has that does not come. */
  #absent(type: ProtoType | ProtoField, schema: Schema): Value {
    if (type.kind === 'message') return null
    const isNullable = 'isOptional' in type && type.isOptional && this.#options.optionalForNullables
    return isNullable && schema.optional ? null : zeroOf(type, schema)
  }

  #emptyMaker(message: ProtoMessage, schema: Schema): () => Value[] {
    const empty: Value[] = schema.fields.map(() => null)
    const lists: number[] = []
    const maps: number[] = []
    for (const field of message.fields) {
      if (field.oneof !== undefined) continue
      const { index, schema: own } = schema.field(field.name)!
      if (field.key !== undefined) maps.push(index)
      else if (field.isRepeated) lists.push(index)
      else empty[index] = this.#absent(field, own)
    }
    if (lists.length + maps.length === 0) return () => empty.slice()
    return () => {
      const values = empty.slice()
      for (const index of lists) values[index] = []
      for (const index of maps) values[index] = new Map()
      return values
    }
  }
}

function toSlot(
  { wireType, read }: { readonly wireType: number; readonly read: MessageReader },
  index: number,
): FieldReader {
  return {
    wireType,
    isList: false,
    read: (cursor, values) => {
      values[index] = read(cursor)
    },
  }
}

interface Table {
  readonly dense: readonly (FieldReader | undefined)[]
  readonly sparse: ReadonlyMap<number, FieldReader>
}

/** Field numbers are mostly small. */
function toTable(entries: readonly (readonly [number, FieldReader])[]): Table {
  const top = Math.max(0, ...entries.map(([number]) => number).filter(n => n < DENSE_MAX))
  const dense = new Array<FieldReader | undefined>(top + 1).fill(undefined)
  for (const [number, reader] of entries) if (number < DENSE_MAX) dense[number] = reader
  return { dense, sparse: new Map(entries) }
}

function readFields(cursor: ProtoCursor, table: Table, values: Value[]): void {
  while (cursor.position < cursor.end) {
    const tag = cursor.readVarint32() >>> 0
    const number = tag >>> 3
    const wireType = tag & 7
    if (number === 0) throw cursor.bad('expected a field number above 0')
    const field = number < table.dense.length ? table.dense[number] : table.sparse.get(number)
    if (field === undefined) cursor.skip(wireType, number)
    else if (field.wireType === wireType) field.read(cursor, values)
    else if (wireType === 2 && field.isList) {
      const outerEnd = cursor.enter()
      while (cursor.position < cursor.end) field.read(cursor, values)
      cursor.leave(outerEnd)
    } else cursor.skip(wireType, number)
  }
}

/** The type alone, without what the field around it says. */
function valueType({ kind, message, enumeration }: ProtoField): ProtoType {
  return { kind, message, enumeration }
}
