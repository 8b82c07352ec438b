/**
 * Writes Connect values as Avro binary data: one writer per node, compiled from the Avro type and
 * the Connect schema of the values. The type may be our own translation or a version that somebody
 * else registered: fields are matched by name, missing ones take Avro's default.
 * Called once per message by the Avro converter. Spec: connect-rest 12.1.
 * Invariant: a value that does not fit is a data error, never cut or rounded.
 */
import { LOGICAL, type Schema, Struct } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import { defaultFromJson } from './avro-default.ts'
import { type AvroDataOptions, isUnion, scrubFullName, scrubName } from './avro-names.ts'
import { type AvroWriter, scalarWriter, wrongValue } from './avro-scalars.ts'
import type { AvroField, AvroType } from './avro-schema.ts'
import { writeZigZag } from './avro-varint.ts'
import { branchName, isMapEntry, toConnectSchema } from './to-connect.ts'

export interface WriterOptions extends AvroDataOptions {
  /** Leave out fields that the Avro type does not have; else they are an error. */
  readonly dropUnknownFields: boolean
}

export function compileAvroWriter(
  type: AvroType,
  schema: Schema,
  options: WriterOptions,
): AvroWriter {
  return new WriterCompiler(options).compile(type, schema)
}

class WriterCompiler {
  readonly #options: WriterOptions
  readonly #records = new Map<AvroType, { schema: Schema; write: AvroWriter | undefined }[]>()

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** Nulls become defaults here, so that the writers below see values only. */
  compile(type: AvroType, schema: Schema): AvroWriter {
    const write = type.kind === 'union' ? this.#union(type, schema) : this.#present(type, schema)
    const fallback = schema.defaultValue ?? null
    const isReplaced = fallback !== null && !this.#options.ignoreDefaultForNullables
    const nullAt = type.branches.findIndex(branch => branch.kind === 'null')
    return (out, value) => {
      if (value !== null) return write(out, value)
      if (isReplaced) return write(out, fallback)
      if (nullAt < 0) throw wrongValue('a value', null)
      writeZigZag(out, nullAt)
    }
  }

  #present(type: AvroType, schema: Schema): AvroWriter {
    switch (type.kind) {
      case 'array':
        if (isMapEntry(type.element!)) return this.#entries(type.element!, schema)
        return this.#array(type.element!, schema)
      case 'map':
        return this.#map(type.element!, schema)
      case 'record':
        return this.#record(type, schema)
      case 'null':
      case 'union':
        throw misfit(type, schema)
      default:
        return scalarWriter(type, schema)
    }
  }

  #union(type: AvroType, schema: Schema): AvroWriter {
    if (schema.type === 'struct' && isUnion(schema)) return this.#ownUnion(type, schema)
    const index = type.branches.findIndex(branch => this.#fits(branch, schema))
    if (index < 0) throw misfit(type, schema)
    const write = this.#present(type.branches[index]!, schema)
    return (out, value) => {
      writeZigZag(out, index)
      write(out, value)
    }
  }

  /** A struct of which one field is set. */
  #ownUnion(type: AvroType, schema: Schema): AvroWriter {
    const positions = schema.fields.map(field => {
      const named = type.branches.findIndex(
        (branch, at) =>
          branch.kind !== 'null' && branchName(branch, at, this.#options) === field.name,
      )
      const at = named >= 0 ? named : type.branches.findIndex(one => this.#fits(one, field.schema))
      if (at < 0) throw misfit(type, field.schema)
      return at
    })
    const writers = schema.fields.map((field, i) =>
      this.#present(type.branches[positions[i]!]!, field.schema),
    )
    const nullAt = type.branches.findIndex(branch => branch.kind === 'null')
    return (out, value) => {
      if (!(value instanceof Struct)) throw wrongValue('a struct for a union', value)
      const at = value.values.findIndex(one => one !== null)
      if (at >= 0) {
        writeZigZag(out, positions[at]!)
        writers[at]!(out, value.values[at]!)
      } else if (nullAt >= 0) writeZigZag(out, nullAt)
      else throw wrongValue('a union with one field set', null)
    }
  }

  #fits(branch: AvroType, schema: Schema): boolean {
    switch (branch.kind) {
      case 'record':
        return schema.type === 'struct' && this.#isNamed(branch, schema)
      case 'array':
        return schema.type === 'array' || (schema.type === 'map' && isMapEntry(branch.element!))
      case 'fixed':
        return schema.type === 'bytes' && this.#isNamed(branch, schema)
      case 'enum':
        return schema.type === 'string'
      default:
        return KINDS[schema.type].includes(branch.kind)
    }
  }

  #isNamed(branch: AvroType, schema: Schema): boolean {
    if (schema.name === undefined || schema.name === LOGICAL.DECIMAL) return true
    return scrubFullName(schema.name, this.#options) === branch.fullName
  }

  #record(type: AvroType, schema: Schema): AvroWriter {
    if (schema.type !== 'struct') throw misfit(type, schema)
    const known = this.#records.get(type) ?? []
    this.#records.set(type, known)
    const open = known.find(one => one.schema === schema)
    if (open !== undefined) return (out, value) => open.write!(out, value)
    const entry = { schema, write: undefined as AvroWriter | undefined }
    known.push(entry)
    const names = schema.fields.map(field => scrubName(field.name, this.#options))
    this.#checkUnknown(type, names)
    const indexes = type.fields.map(field => names.indexOf(field.name))
    const writers = type.fields.map((field, i) =>
      indexes[i]! < 0
        ? this.#absent(field, type)
        : this.compile(field.type, schema.fields[indexes[i]!]!.schema),
    )
    entry.write = (out, value) => {
      if (!(value instanceof Struct)) throw wrongValue('a struct', value)
      const { values } = value
      if (values.length !== schema.fields.length) throw wrongValue('a struct of its schema', value)
      for (let i = 0; i < writers.length; i++) writers[i]!(out, values[indexes[i]!] ?? null)
    }
    return entry.write
  }

  #checkUnknown(type: AvroType, names: readonly string[]): void {
    if (this.#options.dropUnknownFields) return
    const unknown = names.filter(name => !type.fields.some(field => field.name === name))
    if (unknown.length === 0) return
    throw dataError(
      CONVERT_ERRORS.SCHEMA,
      `Avro schema ${type.fullName}: expected a field for ${unknown.join(', ')} of the record, found none`,
    )
  }

  /** A field that the record does not have: Avro's default, always the same bytes. */
  #absent(field: AvroField, record: AvroType): AvroWriter {
    const schema = toConnectSchema(field.type, this.#options)
    const json = field.defaultValue
    const value =
      schema === null || json === undefined
        ? undefined
        : defaultFromJson(json, { type: firstBranch(field.type), schema })
    if (schema === null || value === undefined) {
      throw dataError(
        CONVERT_ERRORS.SCHEMA,
        `Avro schema ${record.fullName}: field ${field.name} has no default and is not in the record`,
      )
    }
    const write = this.compile(field.type, schema)
    return out => write(out, value)
  }

  #array(element: AvroType, schema: Schema): AvroWriter {
    if (schema.type !== 'array' || schema.values === undefined) throw misfit(element, schema)
    const write = this.compile(element, schema.values)
    return (out, value) => {
      if (!Array.isArray(value)) throw wrongValue('an array', value)
      if (value.length > 0) writeZigZag(out, value.length)
      for (const one of value) write(out, one)
      out.writeUInt8(0)
    }
  }

  #map(element: AvroType, schema: Schema): AvroWriter {
    if (schema.type !== 'map' || schema.keys?.type !== 'string') throw misfit(element, schema)
    const write = this.compile(element, schema.values!)
    const writeKey = scalarWriter(STRING_TYPE, schema.keys)
    return (out, value) => {
      if (!(value instanceof Map)) throw wrongValue('a map', value)
      if (value.size > 0) writeZigZag(out, value.size)
      for (const [key, member] of value) {
        if (key === null) throw wrongValue('a text as key', key)
        writeKey(out, key)
        write(out, member)
      }
      out.writeUInt8(0)
    }
  }

  #entries(entry: AvroType, schema: Schema): AvroWriter {
    if (schema.type !== 'map') throw misfit(entry, schema)
    const isKey = entry.fields.map(field => field.name === 'key')
    const writers = entry.fields.map((field, i) =>
      this.compile(field.type, isKey[i] ? schema.keys! : schema.values!),
    )
    return (out, value) => {
      if (!(value instanceof Map)) throw wrongValue('a map', value)
      if (value.size > 0) writeZigZag(out, value.size)
      for (const [key, member] of value) {
        writers[0]!(out, isKey[0] ? key : member)
        writers[1]!(out, isKey[1] ? key : member)
      }
      out.writeUInt8(0)
    }
  }
}

const STRING_TYPE: Pick<AvroType, 'kind' | 'fullName' | 'symbols' | 'size'> = {
  kind: 'string',
  fullName: '',
  symbols: [],
  size: 0,
}

/** Avro kinds that hold values of a Connect type, the usual one first. */
const KINDS: Readonly<Record<Schema['type'], readonly AvroType['kind'][]>> = {
  int8: ['int', 'long'],
  int16: ['int', 'long'],
  int32: ['int', 'long'],
  int64: ['long'],
  float32: ['float', 'double'],
  float64: ['double'],
  boolean: ['boolean'],
  string: ['string'],
  bytes: ['bytes'],
  array: ['array'],
  map: ['map', 'array'],
  struct: ['record'],
}

/** The default of a union is one of its first branch. */
function firstBranch(type: AvroType): AvroType {
  const isNullable = type.kind === 'union' && type.branches.length === 2
  if (!isNullable) return type
  const others = type.branches.filter(branch => branch.kind !== 'null')
  return others.length === 1 ? others[0]! : type
}

function misfit(type: AvroType, schema: Schema) {
  const wanted = type.fullName === '' ? type.kind : type.fullName
  return dataError(
    CONVERT_ERRORS.SCHEMA,
    `Avro schema: expected data for ${wanted}, found ${schema.name ?? schema.type.toUpperCase()}`,
  )
}
