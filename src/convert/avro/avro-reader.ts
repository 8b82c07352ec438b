/**
 * Reads Avro binary data straight into Connect values: one reader per node of the schema, compiled
 * once and kept with the schema. No object of another library stands between.
 * Called once per message by the Avro converter. Spec: connect-rest 12.1.
 * Invariant: bytes are views of the message, everything else is built; a reader leaves the cursor
 * behind its value.
 */
import { LOGICAL, type Schema, Struct, type Value } from '../../flow/index.ts'
import { decimalFromBytes, scaleOf } from '../decimal-bytes.ts'
import type { AvroCursor } from './avro-cursor.ts'
import type { AvroType } from './avro-schema.ts'
import { isMapEntry, nullableBranch } from './to-connect.ts'

export type AvroReader = (cursor: AvroCursor) => Value

const DAY_MS = 86_400_000

/** `schema` is the translation of `type`. */
export function compileAvroReader(type: AvroType, schema: Schema): AvroReader {
  return new ReaderCompiler().compile(type, schema)
}

class ReaderCompiler {
  /** A recursive record: the reader inside is found when it is called. */
  readonly #records = new Map<AvroType, { schema: Schema; read: AvroReader | undefined }[]>()

  compile(type: AvroType, schema: Schema): AvroReader {
    switch (type.kind) {
      case 'boolean':
        return cursor => cursor.readBoolean()
      case 'int':
        return intReader(schema)
      case 'long':
        return cursor => cursor.readLong()
      case 'float':
        return cursor => cursor.bytes.readFloatLE(cursor.take(4))
      case 'double':
        return cursor => cursor.bytes.readDoubleLE(cursor.take(8))
      case 'string':
        return readString
      case 'bytes':
        return bytesReader(schema, undefined)
      case 'fixed':
        return bytesReader(schema, type.size)
      case 'enum':
        return enumReader(type)
      case 'array':
        return isMapEntry(type.element!)
          ? this.#entries(type.element!, schema)
          : this.#array(type.element!, schema)
      case 'map':
        return this.#map(type.element!, schema)
      case 'union':
        return this.#union(type, schema)
      case 'record':
        return this.#record(type, schema)
      case 'null':
        return () => null
    }
  }

  #record(type: AvroType, schema: Schema): AvroReader {
    const known = this.#records.get(type) ?? []
    this.#records.set(type, known)
    // The optional and the required form of one record are two schemas over the same fields.
    const open = known.find(one => one.schema === schema)
    if (open !== undefined) return cursor => open.read!(cursor)
    const entry = { schema, read: undefined as AvroReader | undefined }
    known.push(entry)
    const readers = type.fields.map((field, index) =>
      this.compile(field.type, schema.fields[index]!.schema),
    )
    const count = readers.length
    entry.read = cursor => {
      const values = new Array<Value>(count)
      for (let i = 0; i < count; i++) values[i] = readers[i]!(cursor)
      return new Struct(schema, values)
    }
    return entry.read
  }

  #union(type: AvroType, schema: Schema): AvroReader {
    const branch = nullableBranch(type)
    if (branch !== undefined) return this.#nullable(type, this.compile(branch, schema))
    const { branches } = type
    if (branches.length === 1 && schema.name === undefined) return this.#only(branches[0]!, schema)
    let field = 0
    const fields = branches.map(one => (one.kind === 'null' ? -1 : field++))
    const readers = branches.map((one, i) =>
      fields[i]! < 0 ? readNull : this.compile(one, schema.fields[fields[i]!]!.schema),
    )
    const count = schema.fields.length
    return cursor => {
      const index = cursor.readInt()
      const at = fields[index]
      if (at === undefined) throw cursor.bad(`expected one of ${branches.length} union branches`)
      if (at < 0) return null
      const values = new Array<Value>(count).fill(null)
      values[at] = readers[index]!(cursor)
      return new Struct(schema, values)
    }
  }

  /** A union of one type that was flattened. */
  #only(branch: AvroType, schema: Schema): AvroReader {
    const read = this.compile(branch, schema)
    return cursor => {
      if (cursor.readInt() !== 0) throw cursor.bad('expected the only union branch')
      return read(cursor)
    }
  }

  #nullable(type: AvroType, read: AvroReader): AvroReader {
    const nullIndex = type.branches[0]!.kind === 'null' ? 0 : 1
    return cursor => {
      const index = cursor.readInt()
      if (index === nullIndex) return null
      if (index !== 1 - nullIndex) throw cursor.bad('expected one of 2 union branches')
      return read(cursor)
    }
  }

  #array(element: AvroType, schema: Schema): AvroReader {
    const read = this.compile(element, schema.values!)
    return cursor => {
      const out: Value[] = []
      for (let count = cursor.readBlockCount(); count !== 0; count = cursor.readBlockCount()) {
        for (let i = 0; i < count; i++) out.push(read(cursor))
      }
      return out
    }
  }

  #map(element: AvroType, schema: Schema): AvroReader {
    const read = this.compile(element, schema.values!)
    return cursor => {
      const out = new Map<Value, Value>()
      for (let count = cursor.readBlockCount(); count !== 0; count = cursor.readBlockCount()) {
        for (let i = 0; i < count; i++) out.set(readString(cursor), read(cursor))
      }
      return out
    }
  }

  #entries(entry: AvroType, schema: Schema): AvroReader {
    const isKeyFirst = entry.fields[0]!.name === 'key'
    const readers = entry.fields.map(field =>
      this.compile(field.type, field.name === 'key' ? schema.keys! : schema.values!),
    )
    return cursor => {
      const out = new Map<Value, Value>()
      for (let count = cursor.readBlockCount(); count !== 0; count = cursor.readBlockCount()) {
        for (let i = 0; i < count; i++) {
          const first = readers[0]!(cursor)
          const second = readers[1]!(cursor)
          if (isKeyFirst) out.set(first, second)
          else out.set(second, first)
        }
      }
      return out
    }
  }
}

const readNull: AvroReader = () => null

const readString: AvroReader = cursor => {
  const length = cursor.readLength()
  const start = cursor.take(length)
  return cursor.bytes.utf8Slice(start, start + length)
}

function intReader(schema: Schema): AvroReader {
  if (schema.type === 'int8') return cursor => (cursor.readInt() << 24) >> 24
  if (schema.type === 'int16') return cursor => (cursor.readInt() << 16) >> 16
  if (schema.name !== LOGICAL.TIME) return cursor => cursor.readInt()
  return cursor => {
    const value = cursor.readInt()
    if (value >= 0 && value < DAY_MS) return value
    throw cursor.bad('expected a time of day in 0..86399999 ms, found one outside')
  }
}

function bytesReader(schema: Schema, size: number | undefined): AvroReader {
  if (schema.name === LOGICAL.DECIMAL) {
    const scale = scaleOf(schema)
    return cursor => {
      const length = size ?? cursor.readLength()
      const start = cursor.take(length)
      return decimalFromBytes(cursor.bytes.subarray(start, start + length), scale)
    }
  }
  return cursor => {
    const length = size ?? cursor.readLength()
    const start = cursor.take(length)
    return cursor.bytes.subarray(start, start + length)
  }
}

function enumReader({ symbols, fullName }: AvroType): AvroReader {
  return cursor => {
    const symbol = symbols[cursor.readInt()]
    if (symbol === undefined) throw cursor.bad(`expected a symbol of ${fullName}, found another`)
    return symbol
  }
}
