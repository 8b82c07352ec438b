/**
 * Writes Connect values as Protobuf binary data: per message a list of field writers in the order of
 * the field numbers, compiled from the message and the Connect schema of the values. The message may
 * be our own translation or a version that somebody else registered: fields are matched by name.
 * Called once per message by the Protobuf converter. Spec: connect-rest 12.2.
 * Invariants: a null is left out; so is a zero of a field without presence, as in the reference.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type Schema, type SchemaField, Struct, type Value } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import { isProtoUnion, scrubName } from './from-connect.ts'
import { writeLogical } from './proto-logical.ts'
import { LOGICAL_MESSAGES, type ProtobufOptions, WRAPPER_NAMES } from './proto-names.ts'
import { isZero, type ScalarWrite, scalarWriter, wrongValue } from './proto-scalar-writers.ts'
import { WIRE_TYPES } from './proto-scalars.ts'
import type { ProtoField, ProtoMessage, ProtoType } from './proto-schema.ts'
import { writeTag, writeVarint32 } from './proto-varint.ts'
import { isNullableWrapper } from './to-connect.ts'

export type MessageWriter = (out: ByteWriter, value: Value) => void

export interface WriterOptions extends ProtobufOptions {
  /** Leave out fields that the message does not have; else they are an error. */
  readonly dropUnknownFields: boolean
}

type FieldWriter = (out: ByteWriter, values: readonly Value[]) => void

export function compileProtoWriter(
  message: ProtoMessage,
  schema: Schema,
  options: WriterOptions,
): MessageWriter {
  const compiler = new WriterCompiler(options)
  return schema.type === 'struct'
    ? compiler.message(message, schema)
    : compiler.wrapper(message, schema)
}

class WriterCompiler {
  readonly #options: WriterOptions
  readonly #messages = new Map<
    ProtoMessage,
    { schema: Schema; write: MessageWriter | undefined }[]
  >()

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** A scalar as the message of its one field. */
  wrapper(message: ProtoMessage, schema: Schema): MessageWriter {
    if (!WRAPPER_NAMES.has(message.fullName)) throw misfit(message.fullName, schema)
    const write = this.#present(message.fields[0]!, schema)
    return (out, value) => {
      if (!isZero(value)) write(out, value)
    }
  }

  message(message: ProtoMessage, schema: Schema): MessageWriter {
    if (schema.type !== 'struct') throw misfit(message.fullName, schema)
    const known = this.#messages.get(message) ?? []
    this.#messages.set(message, known)
    const open = known.find(one => one.schema === schema)
    if (open !== undefined) return (out, value) => open.write!(out, value)
    const entry = { schema, write: undefined as MessageWriter | undefined }
    known.push(entry)
    const fields = schema.fields
      .flatMap(field => this.#fieldWriters(message, field))
      .sort((a, b) => a.number - b.number)
    entry.write = (out, value) => {
      if (!(value instanceof Struct)) throw wrongValue('a struct', value)
      const { values } = value
      if (values.length !== schema.fields.length) throw wrongValue('a struct of its schema', value)
      for (const field of fields) field.write(out, values)
    }
    return entry.write
  }

  #fieldWriters(
    message: ProtoMessage,
    field: SchemaField,
  ): { readonly number: number; readonly write: FieldWriter }[] {
    if (isProtoUnion(field.schema)) return this.#union(message, field)
    const target = this.#target(message, field)
    if (target === undefined) return []
    return [{ number: target.number, write: this.#own(target, field) }]
  }

  #union(message: ProtoMessage, union: SchemaField) {
    return union.schema.fields.flatMap(field => {
      const target = this.#target(message, field)
      if (target === undefined) return []
      const write = this.#present(target, field.schema)
      const one: FieldWriter = (out, values) => {
        const struct = values[union.index] ?? null
        if (struct === null) return
        if (!(struct instanceof Struct)) throw wrongValue('a struct for a union', struct)
        const value = struct.values[field.index] ?? null
        if (value !== null) write(out, value)
      }
      return [{ number: target.number, write: one }]
    })
  }

  #target(message: ProtoMessage, field: SchemaField): ProtoField | undefined {
    const name = scrubName(field.name, this.#options)
    const target = message.fields.find(one => one.name === name)
    if (target !== undefined || this.#options.dropUnknownFields) return target
    throw dataError(
      CONVERT_ERRORS.SCHEMA,
      `Protobuf message ${message.fullName}: expected a field for ${name} of the record, found none`,
    )
  }

  #own(target: ProtoField, { name, index, schema }: SchemaField): FieldWriter {
    const write = this.#present(target, schema)
    const hasPresence = target.isOptional || target.isRequired || target.oneof !== undefined
    const isAlways = hasPresence || target.kind === 'message' || target.key !== undefined
    const fallback = this.#options.ignoreDefaultForNullables ? null : (schema.defaultValue ?? null)
    const isEmptyStruct = this.#options.structForNulls && schema.type === 'struct'
    return (out, values) => {
      const value = values[index] ?? fallback
      if (value === null) {
        if (isEmptyStruct) {
          writeTag(out, target.number, 2)
          out.writeUInt8(0)
        } else if (!schema.optional)
          throw wrongValue(`a value for the required field ${name}`, value)
      } else if (isAlways || target.isRepeated || !isZero(value, target)) write(out, value)
    }
  }

  /** Tag and value; values are never null. */
  #present(target: ProtoField, schema: Schema): MessageWriter {
    if (target.key !== undefined) return this.#map(target, schema)
    if (target.isRepeated) return this.#list(target, schema)
    const write = this.#single(target, schema)
    const wireType = WIRE_TYPES[target.kind]
    return (out, value) => {
      writeTag(out, target.number, wireType)
      write(out, value)
    }
  }

  #list(target: ProtoField, schema: Schema): MessageWriter {
    if (schema.type !== 'array' || schema.values === undefined) throw misfit(target.name, schema)
    const write = this.#single(target, schema.values)
    const wireType = WIRE_TYPES[target.kind]
    const isPacked = target.isPacked && wireType !== 2
    return (out, value) => {
      if (!Array.isArray(value)) throw wrongValue('an array', value)
      if (value.length === 0) return
      if (value.includes(null)) throw wrongValue('elements that are not null', null)
      if (isPacked) {
        writeTag(out, target.number, 2)
        withLength(out, () => {
          for (const one of value) write(out, one)
        })
        return
      }
      for (const one of value) {
        writeTag(out, target.number, wireType)
        write(out, one)
      }
    }
  }

  #map(target: ProtoField, schema: Schema): MessageWriter {
    if (schema.type !== 'map') throw misfit(target.name, schema)
    const { key } = target
    const writeKey = this.#single(key!, schema.keys!)
    const writeValue = this.#single(target, schema.values!)
    const keyWire = WIRE_TYPES[key!.kind]
    const valueWire = WIRE_TYPES[target.kind]
    return (out, value) => {
      if (!(value instanceof Map)) throw wrongValue('a map', value)
      for (const [one, member] of value) {
        if (one === null) throw wrongValue('a key', null)
        writeTag(out, target.number, 2)
        withLength(out, () => {
          writeTag(out, 1, keyWire)
          writeKey(out, one)
          if (member === null) return
          writeTag(out, 2, valueWire)
          writeValue(out, member)
        })
      }
    }
  }

  /** The value alone; messages with their length. */
  #single(type: ProtoType, schema: Schema): ScalarWrite {
    const { message } = type
    if (message === undefined) return scalarWriter(type, schema)
    const write = LOGICAL_MESSAGES.has(message.fullName)
      ? writeLogical(message.fullName, schema)
      : isNullableWrapper(type, this.#options)
        ? this.wrapper(message, schema)
        : this.message(message, schema)
    return (out, value) => withLength(out, () => write(out, value))
  }
}

/** One byte is kept for the length; longer ones move what was written. */
function withLength(out: ByteWriter, run: () => void): void {
  out.reserve(1)
  const at = out.position
  out.position = at + 1
  run()
  const length = out.position - at - 1
  if (length < 0x80) {
    out.bytes[at] = length
    return
  }
  const size = length < 0x4000 ? 2 : length < 0x200000 ? 3 : length < 0x10000000 ? 4 : 5
  out.reserve(size - 1)
  out.bytes.copyWithin(at + size, at + 1, at + 1 + length)
  out.position = at
  writeVarint32(out, length)
  out.position = at + size + length
}

function misfit(target: string, schema: Schema) {
  return dataError(
    CONVERT_ERRORS.SCHEMA,
    `Protobuf schema: expected data for ${target}, found ${schema.name ?? schema.type.toUpperCase()}`,
  )
}
